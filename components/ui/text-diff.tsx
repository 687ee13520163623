'use client';

import { UnfoldVertical } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useMemo, useState } from 'react';
import { classNames } from './class-names';
import { foldedDiff, linesOfDiff, type DiffBlock, type DiffLine } from './text-diff-model';

const looks = {
  same: '',
  added: 'bg-success-soft text-success',
  removed: 'bg-danger-soft text-danger',
} as const;
const signs = { same: ' ', added: '+', removed: '−' } as const;

/** Two texts compared line by line; what did not change is folded away. */
export function TextDiff({ label, before, after }: { label: string; before: string; after: string }) {
  const t = useTranslations('ui.diff');
  const lines = useMemo(() => linesOfDiff(before, after), [before, after]);
  const blocks = useMemo(() => foldedDiff(lines), [lines]);
  const added = lines.filter(({ kind }) => kind === 'added').length;
  const removed = lines.filter(({ kind }) => kind === 'removed').length;
  if (added + removed === 0) return <p className="text-text-muted">{t('same')}</p>;
  return (
    <div className="border-border overflow-hidden rounded-lg border">
      <p className="border-border bg-surface-sunken flex gap-4 border-b px-3 py-1.5 text-[0.8125rem]">
        <span className="text-success">{t('added', { count: added })}</span>
        <span className="text-danger">{t('removed', { count: removed })}</span>
      </p>
      <div
        role="region"
        aria-label={label}
        // A box that scrolls must be reachable by keyboard (WCAG 2.1.1).
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        className="max-h-[32rem] overflow-auto font-mono text-xs leading-5"
      >
        <div className="w-max min-w-full">
          {blocks.map((block) => (
            <Block key={keyOf(block.lines[0])} block={block} />
          ))}
        </div>
      </div>
    </div>
  );
}

function Block({ block: { folded, lines } }: { block: DiffBlock }) {
  const t = useTranslations('ui.diff');
  const [open, setOpen] = useState(!folded);
  if (!open) {
    return (
      <button
        type="button"
        onClick={() => setOpen(true)}
        className="bg-surface-sunken text-text-muted hover:text-text sticky left-0 flex w-full items-center gap-2 px-3 py-1 font-sans"
      >
        <UnfoldVertical aria-hidden className="size-3.5" />
        {t('unchanged', { count: lines.length })}
      </button>
    );
  }
  return lines.map((line) => <Line key={keyOf(line)} line={line} />);
}

const keyOf = (line: DiffLine | undefined) => `${line?.before ?? ''}-${line?.after ?? ''}`;

function Line({ line: { kind, text, before, after } }: { line: DiffLine }) {
  const t = useTranslations('ui.diff');
  return (
    <div className={classNames('flex whitespace-pre', looks[kind])}>
      <span aria-hidden className="text-text-subtle tabular w-10 shrink-0 pr-2 text-right select-none">
        {before}
      </span>
      <span aria-hidden className="text-text-subtle tabular w-10 shrink-0 pr-2 text-right select-none">
        {after}
      </span>
      <span aria-hidden className="w-4 shrink-0 select-none">
        {signs[kind]}
      </span>
      {kind !== 'same' && (
        <span className="sr-only">{t(kind === 'added' ? 'lineAdded' : 'lineRemoved')}</span>
      )}
      <span className="pr-3">{text === '' ? ' ' : text}</span>
    </div>
  );
}
