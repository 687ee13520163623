'use client';

import { MapPinned, Send } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { EdgeView } from '@/server/operations/edges/schemas';
import { ChooseList } from '../distribution/choose-list';
import { EmptyState } from '../ui/empty-state';
import { LinkButton } from '../ui/link-button';

/** Chooses among the edges that a release was brought to; others say that it is not there. */
export function ReleaseEdges({
  edges,
  placed,
  selected,
  onChange,
  distributeHref,
}: {
  edges: readonly EdgeView[];
  /** Edges that have the release. */
  placed: ReadonlySet<string>;
  selected: ReadonlySet<string>;
  onChange: (ids: Set<string>) => void;
  distributeHref: string;
}) {
  const t = useTranslations('deploymentPages.new');
  const kinds = useTranslations('adminSites.kinds');
  const distribute = (
    <LinkButton href={distributeHref} size="sm" icon={<Send />}>
      {t('distribute')}
    </LinkButton>
  );
  if (placed.size === 0) {
    return (
      <EmptyState icon={<MapPinned />} title={t('nowhere')} action={distribute}>
        {t('nowhereText')}
      </EmptyState>
    );
  }
  const there = (edge: EdgeView) => placed.has(edge.id);
  return (
    <div className="flex flex-col gap-3">
      <ChooseList
        title={t('edges')}
        searchLabel={t('searchEdges')}
        selected={selected}
        onChange={onChange}
        choices={[...edges.filter(there), ...edges.filter((edge) => !there(edge))].map((edge) => ({
          id: edge.id,
          title: edge.name,
          note: kinds(edge.kind),
          words: [edge.kind, edge.place?.address, ...Object.entries(edge.labels).flat()].join(' '),
          disabledReason: there(edge) ? (edge.enabled ? undefined : t('disabled')) : t('notThere'),
        }))}
        empty={null}
      />
      {edges.some((edge) => !there(edge)) && (
        <p className="text-text-muted flex flex-wrap items-center gap-3 text-sm">
          {t('elsewhere')} {distribute}
        </p>
      )}
    </div>
  );
}
