'use client';

import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { Finding, PackageFile } from '@/server/packages/schemas';
import { useTextOf } from '../i18n/use-text-of';
import { Card } from '../ui/card';
import { classNames } from '../ui/class-names';
import type { Shown } from './package-view';

const icons = { error: CircleAlert, warning: TriangleAlert, note: Info } as const;
const colours = { error: 'text-danger', warning: 'text-warning', note: 'text-info' } as const;

/** The remarks of the lint, worst first; each leads to its file and line. */
export function PackageLint({
  remarks,
  files,
  onShow,
}: {
  remarks: readonly Finding[];
  files: readonly PackageFile[];
  onShow: (place: Shown) => void;
}) {
  const t = useTranslations('packages');
  const ruleText = useTextOf('packages.rules');
  const known = new Set(files.map((file) => file.path));
  return (
    <Card title={t('view.lint')}>
      {remarks.length === 0 ? (
        <p className="flex items-center gap-2">
          <CircleCheck aria-hidden className="text-success size-5 shrink-0" />
          {t('view.lintClean')}
        </p>
      ) : (
        <ul className="flex flex-col gap-3">
          {remarks.map((remark, index) => {
            const Icon = icons[remark.severity];
            return (
              // Remarks have no identity of their own and never change order.
              <li key={index} className="flex gap-2">
                <Icon
                  aria-label={t(`severities.${remark.severity}`)}
                  className={classNames('mt-0.5 size-4 shrink-0', colours[remark.severity])}
                />
                <span className="min-w-0">
                  <span className="break-words">{ruleText(remark.rule, remark.params) ?? remark.rule}</span>
                  <Place remark={remark} known={known} onShow={onShow} />
                </span>
              </li>
            );
          })}
        </ul>
      )}
    </Card>
  );
}

function Place({
  remark,
  known,
  onShow,
}: {
  remark: Finding;
  known: ReadonlySet<string>;
  onShow: (place: Shown) => void;
}) {
  const t = useTranslations('packages.view');
  if (remark.file === '') return null;
  const line = remark.line ?? undefined;
  const words = line === undefined ? remark.file : `${remark.file}, ${t('line', { line })}`;
  const look = 'block font-mono text-xs break-all';
  if (!known.has(remark.file)) return <span className={`text-text-muted ${look}`}>{words}</span>;
  return (
    <button
      type="button"
      className={`text-accent text-left hover:underline ${look}`}
      aria-label={t('showInFile', { file: words })}
      onClick={() => onShow({ path: remark.file, line })}
    >
      {words}
    </button>
  );
}
