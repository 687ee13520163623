'use client';

import { useTranslations } from 'next-intl';
import { useMemo, type ReactNode } from 'react';
import type { DeploymentText, TextFinding } from '@/server/containers/schemas';
import { FileTree } from '../ui/file-tree';
import type { FileTreeEntry } from '../ui/file-tree-model';

/** The files of a chart beside the one that is edited. @param children the editor of `selected` */
export function ChartFiles({
  text,
  changed,
  findings,
  selected,
  onSelect,
  children,
}: {
  text: DeploymentText;
  changed: readonly string[];
  findings: readonly TextFinding[];
  selected: string;
  onSelect: (path: string) => void;
  children: ReactNode;
}) {
  const t = useTranslations('containerPages.deployment');
  const entries = useMemo(
    () =>
      text.files.map(({ path, size }): FileTreeEntry => {
        const worst = findings.some(({ file, severity }) => file === path && severity === 'error');
        return {
          path,
          kind: 'file',
          ...(worst && { tone: 'danger' }),
          // The size is that of the saved file.
          ...(changed.includes(path) ? { note: t('changedFile'), tone: 'accent' } : { size }),
        };
      }),
    [text.files, findings, changed, t],
  );
  const file = text.files.find(({ path }) => path === selected);
  return (
    <div className="grid gap-4 md:grid-cols-[17rem_minmax(0,1fr)]">
      <div className="border-border bg-surface max-h-[28rem] overflow-auto rounded-lg border p-2">
        <FileTree
          label={t('files')}
          entries={entries}
          selected={selected}
          onSelect={({ path, kind }) => {
            if (kind === 'file') onSelect(path);
          }}
          defaultOpen="all"
        />
      </div>
      {file === undefined ? (
        <p className="text-text-muted p-3">{t('chooseFile')}</p>
      ) : file.text === null ? (
        <p className="text-text-muted p-3">{t('binary')}</p>
      ) : (
        children
      )}
    </div>
  );
}
