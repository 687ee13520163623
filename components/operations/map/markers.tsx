'use client';

import { Check, CircleHelp, PowerOff, TriangleAlert, type LucideIcon } from 'lucide-react';
import { useFormatter, useTranslations } from 'next-intl';
import { classNames } from '../../ui/class-names';
import { standColours, stands, type Stand } from '../stand';
import type { Point } from './view';

const icons: Record<Stand, LucideIcon> = {
  well: Check,
  unwell: TriangleAlert,
  unknown: CircleHelp,
  off: PowerOff,
};

const fills: Record<Stand, string> = {
  well: 'bg-success',
  unwell: 'bg-danger',
  unknown: 'bg-warning',
  off: 'bg-text-muted',
};

const common =
  'absolute grid -translate-x-1/2 -translate-y-1/2 place-items-center rounded-full shadow-raised transition-[scale] hover:z-10 hover:scale-110 focus-visible:z-10';

/**
 * One edge on the map.
 *
 * @param strong it is pointed at in the list, or its card is open
 * @param named there is room for its name
 */
export function EdgeMarker({
  name,
  stand,
  at,
  strong,
  named,
  onPress,
}: {
  name: string;
  stand: Stand;
  at: Point;
  strong: boolean;
  named: boolean;
  onPress: () => void;
}) {
  const t = useTranslations('edgePages');
  const Icon = icons[stand];
  return (
    <button
      type="button"
      aria-label={t('map.marker', { name, health: t(`health.${stand}`) })}
      title={name}
      onClick={onPress}
      style={{ left: at.x, top: at.y }}
      className={classNames(
        common,
        fills[stand],
        'text-surface border-surface size-6 border-2',
        strong && 'ring-focus z-10 scale-125 ring-3',
      )}
    >
      <Icon aria-hidden className="size-3.5" strokeWidth={3} />
      {(named || strong) && (
        <span className="bg-surface/85 text-text pointer-events-none absolute top-full mt-1 max-w-36 truncate rounded-sm px-1 text-xs font-medium">
          {name}
        </span>
      )}
    </button>
  );
}

/** Several edges that stand too near to each other; the rim tells how many of them are well. */
export function ClusterMarker({
  counts,
  at,
  strong,
  onPress,
}: {
  counts: Record<Stand, number>;
  at: Point;
  strong: boolean;
  onPress: () => void;
}) {
  const t = useTranslations('edgePages');
  const format = useFormatter();
  const total = stands.reduce((sum, stand) => sum + counts[stand], 0);
  const parts = stands
    .filter((stand) => counts[stand] > 0)
    .map((stand) => `${counts[stand]} ${t(`health.${stand}`)}`);
  return (
    <button
      type="button"
      aria-label={t('map.cluster', { count: total, parts: format.list(parts) })}
      title={parts.join(' · ')}
      onClick={onPress}
      style={{ left: at.x, top: at.y, background: rim(counts, total) }}
      className={classNames(
        common,
        total < 10 ? 'size-9' : total < 100 ? 'size-10' : 'size-12',
        strong && 'ring-focus z-10 ring-3',
      )}
    >
      <span className="bg-surface text-text tabular absolute inset-1 grid place-items-center rounded-full text-xs font-semibold">
        {format.number(total)}
      </span>
    </button>
  );
}

function rim(counts: Record<Stand, number>, total: number): string {
  let from = 0;
  const slices = stands.map((stand) => {
    const to = from + (counts[stand] / total) * 360;
    const slice = `${standColours[stand]} ${from}deg ${to}deg`;
    from = to;
    return slice;
  });
  return `conic-gradient(${slices.join(', ')})`;
}
