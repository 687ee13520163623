'use client';

import { useLocale, useTranslations } from 'next-intl';
import Link from 'next/link';
import { memo } from 'react';
import type { OverviewEdge } from '@/server/operations/overview/schemas';
import { classNames } from '../ui/class-names';
import { useProblemText } from '../ui/error-state';
import { HealthDot } from './health';
import { standOf, stands } from './stand';

/**
 * The edges beside the map, those that need somebody first. Rows that are not on screen are not drawn
 * (`content-visibility`), yet the browser's own search finds them.
 *
 * @param onPoint tells which one is pointed at, by pointer or focus
 */
export function EdgeList({
  edges,
  chosen,
  onPoint,
}: {
  edges: readonly OverviewEdge[];
  chosen: ReadonlySet<string>;
  onPoint: (id: string | undefined) => void;
}) {
  const t = useTranslations('edgePages.list');
  const locale = useLocale();
  return (
    <ul aria-label={t('label')} className="divide-border divide-y" onPointerLeave={() => onPoint(undefined)}>
      {byNeed(edges, locale).map((edge) => (
        <EdgeRow key={edge.id} edge={edge} chosen={chosen.has(edge.id)} onPoint={onPoint} />
      ))}
    </ul>
  );
}

/** Unwell edges first, then those where something failed, then by name in the reader's language. */
function byNeed(edges: readonly OverviewEdge[], locale: string): OverviewEdge[] {
  const collator = new Intl.Collator(locale, { numeric: true, sensitivity: 'base' });
  const need = (edge: OverviewEdge) =>
    stands.indexOf(standOf(edge)) * 2 + (edge.failed + edge.broken > 0 ? 0 : 1);
  return edges.toSorted((a, b) => need(a) - need(b) || collator.compare(a.name, b.name));
}

const EdgeRow = memo(function EdgeRow({
  edge,
  chosen,
  onPoint,
}: {
  edge: OverviewEdge;
  chosen: boolean;
  onPoint: (id: string | undefined) => void;
}) {
  const kinds = useTranslations('adminSites.kinds');
  return (
    <li
      className={classNames(
        '[contain-intrinsic-size:auto_4.5rem] [content-visibility:auto]',
        chosen && 'bg-selected',
      )}
    >
      <Link
        href={`/operations/edges/${edge.id}`}
        prefetch={false}
        onPointerEnter={() => onPoint(edge.id)}
        onFocus={() => onPoint(edge.id)}
        onBlur={() => onPoint(undefined)}
        className="hover:bg-hover flex flex-col gap-0.5 px-4 py-2.5 transition-colors focus-visible:-outline-offset-2"
      >
        <span className="flex items-baseline justify-between gap-3">
          <span className="min-w-0 truncate font-medium">{edge.name}</span>
          <span className="text-text-muted shrink-0 text-xs">{kinds(edge.kind)}</span>
        </span>
        <span className="flex flex-wrap items-center gap-x-3 text-[0.8125rem]">
          <HealthDot stand={standOf(edge)} />
          <EdgeFigures edge={edge} />
        </span>
        <EdgeTrouble edge={edge} />
      </Link>
    </li>
  );
});

/** What is at an edge, in a line of figures. */
export function EdgeFigures({ edge }: { edge: OverviewEdge }) {
  const t = useTranslations('edgePages.list');
  return (
    <span className="text-text-muted tabular flex flex-wrap gap-x-2">
      <span>{t('placed', { count: edge.placed })}</span>
      {edge.running > 0 && <span>{t('running', { count: edge.running })}</span>}
      {edge.behind > 0 && <span className="text-warning">{t('behind', { count: edge.behind })}</span>}
      {edge.failed + edge.broken > 0 && (
        <span className="text-danger">{t('failed', { count: edge.failed + edge.broken })}</span>
      )}
    </span>
  );
}

function EdgeTrouble({ edge }: { edge: OverviewEdge }) {
  const say = useProblemText();
  if (!edge.enabled || edge.health.problem === null) return null;
  return <span className="text-text-muted line-clamp-2 text-xs">{say(edge.health.problem)}</span>;
}
