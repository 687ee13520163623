'use client';

import { useTranslations } from 'next-intl';
import type { StoreView } from '@/server/operations/sync/schemas';
import { classNames } from '../ui/class-names';
import { tabs, type ReleaseTab } from './release-filter';

/** What is new about releases, one kind at a time. They filter the list below, which stays the same place. */
export function ReleaseTabs({
  tab,
  counts,
  onTab,
}: {
  tab: ReleaseTab;
  counts: StoreView['counts'] | undefined;
  onTab: (tab: ReleaseTab) => void;
}) {
  const t = useTranslations('syncPages.changes');
  return (
    <div role="group" aria-label={t('label')} className="flex flex-wrap gap-1.5">
      {tabs.map((each) => (
        <button
          key={each}
          type="button"
          aria-pressed={each === tab}
          onClick={() => onTab(each)}
          className={classNames(
            'inline-flex items-center gap-2 rounded-full border px-3 py-1 text-sm font-medium transition-colors',
            each === tab
              ? 'border-accent-line bg-accent-soft text-accent-strong'
              : 'border-border bg-surface text-text-muted hover:border-border-strong hover:text-text',
          )}
        >
          {t(each)}
          {counts && <span className="tabular text-xs">{countOf(counts, each)}</span>}
        </button>
      ))}
    </div>
  );
}

function countOf(counts: StoreView['counts'], tab: ReleaseTab): number {
  if (tab !== 'all') return counts[tab];
  return counts.new + counts.changed + counts.inStep + counts.withdrawn;
}
