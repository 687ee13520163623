'use client';

import { useFormatter, useTranslations } from 'next-intl';
import type { Capacity } from '@/server/operations/edges/schemas';
import { useByteSize } from '../ui/byte-size';
import { classNames } from '../ui/class-names';

type Amount = Capacity['cpus'];
type Resource = 'cpus' | 'memory' | 'disk';

/** From which share on an amount is nearly used up. */
const scarce = 0.9;

const mib = 1024 ** 2;
const gib = 1024 ** 3;

/** What an edge has and how much of it is taken, as bars with words. */
export function CapacityBars({ capacity }: { capacity: Capacity }) {
  return (
    <div className="grid gap-4 sm:grid-cols-3">
      <Bar resource="cpus" amount={capacity.cpus} unit={undefined} />
      <Bar resource="memory" amount={capacity.memoryMiB} unit={mib} />
      {capacity.diskGiB && <Bar resource="disk" amount={capacity.diskGiB} unit={gib} />}
    </div>
  );
}

/** @param unit bytes that one of it is; undefined for what is counted */
function Bar({ resource, amount, unit }: { resource: Resource; amount: Amount; unit: number | undefined }) {
  const t = useTranslations('edgePages.capacity');
  const words = useAmount(unit);
  const share = shareOf(amount);
  return (
    <div className="min-w-0">
      <p className="flex items-baseline justify-between gap-2">
        <span className="font-medium">{t(resource)}</span>
        {share !== undefined && share >= scarce && (
          <span className="text-warning text-xs">{t('scarce')}</span>
        )}
      </p>
      <Meter amount={amount} className="my-1.5 h-2" />
      <p className="text-text-muted tabular text-[0.8125rem]">{words(amount)}</p>
    </div>
  );
}

/** The same in the space of a table's cell; the words are there for the pointer and for screen readers. */
export function CapacityGlance({ capacity }: { capacity: Capacity | null }) {
  const t = useTranslations('edgePages.capacity');
  const counted = useAmount(undefined);
  const memory = useAmount(mib);
  const disk = useAmount(gib);
  if (!capacity) return <span className="text-text-muted">–</span>;
  const rows = [
    { name: 'cpus' as const, amount: capacity.cpus, words: counted(capacity.cpus) },
    { name: 'memory' as const, amount: capacity.memoryMiB, words: memory(capacity.memoryMiB) },
    ...(capacity.diskGiB
      ? [{ name: 'disk' as const, amount: capacity.diskGiB, words: disk(capacity.diskGiB) }]
      : []),
  ];
  return (
    <span className="flex w-28 flex-col gap-1">
      {rows.map(({ name, amount, words }) => (
        <span key={name} title={`${t(name)}: ${words}`} className="flex items-center gap-2">
          <span className="sr-only">
            {t(name)}: {words}
          </span>
          <Meter amount={amount} className="h-1.5 flex-1" />
        </span>
      ))}
    </span>
  );
}

/** A bar of what is taken: hatched where nobody says how much, empty where there is no limit. */
function Meter({ amount, className }: { amount: Amount; className: string }) {
  const share = shareOf(amount) ?? 0;
  return (
    <span
      aria-hidden
      className={classNames(
        'bg-surface-sunken border-border block overflow-hidden rounded-full border',
        className,
      )}
    >
      {amount.used === null ? (
        <span className="block h-full bg-[repeating-linear-gradient(135deg,var(--color-border)_0_2px,transparent_2px_6px)]" />
      ) : (
        <span
          className={classNames('block h-full', share >= scarce ? 'bg-warning' : 'bg-accent')}
          style={{ width: `${Math.max(share * 100, share > 0 ? 2 : 0)}%` }}
        />
      )}
    </span>
  );
}

/** Undefined without limit, and where the edge does not tell. */
function shareOf({ total, used }: Amount): number | undefined {
  if (used === null || total <= 0) return undefined;
  return Math.min(1, used / total);
}

function useAmount(unit: number | undefined): (amount: Amount) => string {
  const t = useTranslations('edgePages.capacity');
  const format = useFormatter();
  const bytes = useByteSize();
  const one = (value: number) =>
    unit === undefined ? format.number(value, { maximumFractionDigits: 1 }) : bytes(value * unit);
  return ({ total, used }) => {
    if (total < 0) return used === null ? t('unlimited') : t('usedUnlimited', { used: one(used) });
    return used === null
      ? t('total', { total: one(total) })
      : t('used', { used: one(used), total: one(total) });
  };
}
