'use client';

import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { TextFinding } from '@/server/containers/schemas';
import { useTextOf } from '../i18n/use-text-of';
import { Spinner } from '../ui/spinner';

/** What is wrong with a deployment text, each with the way to its line. @param onGo shows the place in the editor */
export function FindingsList({
  findings,
  checking,
  id,
  onGo,
}: {
  findings: readonly TextFinding[];
  checking: boolean;
  /** Of the element, so that the editor can be described by it. */
  id: string;
  onGo: (finding: TextFinding) => void;
}) {
  const t = useTranslations('containerPages.deployment');
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  return (
    <div id={id} aria-live="polite" className="flex flex-col gap-2">
      <p className="flex items-center gap-2 text-sm">
        {checking ? (
          <Spinner className="text-text-muted size-4" />
        ) : findings.length === 0 ? (
          <CircleCheck aria-hidden className="text-success size-4" />
        ) : (
          <TriangleAlert aria-hidden className={errors > 0 ? 'text-danger size-4' : 'text-warning size-4'} />
        )}
        {findings.length === 0
          ? t(checking ? 'checking' : 'noFindings')
          : t('findings', { errors, warnings: findings.length - errors })}
      </p>
      {findings.length > 0 && (
        <ul className="border-border divide-border max-h-64 divide-y overflow-auto rounded-lg border">
          {findings.map((finding, index) => (
            // The same remark may stand twice.
            <li key={`${index} ${finding.rule}`}>
              <Finding finding={finding} onGo={onGo} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Finding({ finding, onGo }: { finding: TextFinding; onGo: (finding: TextFinding) => void }) {
  const t = useTranslations('containerPages.deployment');
  const ruleText = useTextOf('containers.rules');
  const Icon = finding.severity === 'error' ? CircleAlert : TriangleAlert;
  return (
    <button
      type="button"
      className="hover:bg-hover flex w-full cursor-pointer gap-2.5 px-3 py-2 text-left text-sm"
      onClick={() => onGo(finding)}
    >
      <Icon
        aria-label={t(finding.severity)}
        className={
          finding.severity === 'error'
            ? 'text-danger mt-0.5 size-4 shrink-0'
            : 'text-warning mt-0.5 size-4 shrink-0'
        }
      />
      <span className="min-w-0 flex-1">
        {ruleText(finding.rule, finding.params) ?? finding.rule}
        {finding.detail !== undefined && (
          <span className="text-text-muted block font-mono text-xs break-words">{finding.detail}</span>
        )}
      </span>
      <span className="text-text-muted tabular shrink-0">
        {finding.file}
        {finding.line !== null && ` ${t('line', { line: finding.line })}`}
      </span>
    </button>
  );
}
