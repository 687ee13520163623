'use client';

import { useTranslations } from 'next-intl';
import {
  cellStates,
  type CellState,
  type DistributionSummary,
} from '@/server/operations/distribution/schemas';
import { classNames } from '../ui/class-names';

const fills: Record<CellState, string> = {
  done: 'bg-success',
  skipped: 'bg-success-line',
  running: 'bg-accent',
  failed: 'bg-danger',
  cancelled: 'bg-warning-line',
  waiting: 'bg-hover',
};
const order: readonly CellState[] = ['done', 'skipped', 'running', 'failed', 'cancelled', 'waiting'];

/** How many cells are how far, as parts of a bar and in words. */
export function CountsBar({ counts }: { counts: DistributionSummary['counts'] }) {
  const t = useTranslations('distributionPages');
  const all = cellStates.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  const there = (counts.done ?? 0) + (counts.skipped ?? 0);
  const failed = counts.failed ?? 0;
  return (
    <span className="flex w-48 max-w-full flex-col gap-1">
      <span aria-hidden className="flex h-1.5 w-full overflow-hidden rounded-full">
        {order.map((state) => (
          <span
            key={state}
            className={classNames(fills[state])}
            style={{ flexGrow: counts[state] ?? 0, flexBasis: 0 }}
          />
        ))}
      </span>
      <span className="text-text-muted tabular text-[0.8125rem]">
        {t('there', { there, all })}
        {failed > 0 && <span className="text-danger"> · {t('failedCount', { count: failed })}</span>}
      </span>
    </span>
  );
}
