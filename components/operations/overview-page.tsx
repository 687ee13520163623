'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { SearchX } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useDeferredValue, useMemo, useState } from 'react';
import type { Overview, OverviewEdge } from '@/server/operations/overview/schemas';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { EmptyState } from '../ui/empty-state';
import { PageHeader } from '../ui/page-header';
import { Skeleton } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { AddEdges } from './add-edges';
import { fits, labelChoices, noFilter, type EdgeFilter } from './edge-filter';
import { EdgeFilterBar } from './edge-filter-bar';
import { EdgeList } from './edge-list';
import { NoEdges } from './edges-page';
import { Failures } from './failures';
import { EdgeMap } from './map/edge-map';
import { MapCard } from './map/map-card';
import { OverviewTotals } from './overview-totals';
import { useEdgeActions } from './use-edge-actions';
import { useEdgeFilter } from './use-edge-filter';
import { WhatRunsWhere } from './what-runs-where';

/**
 * Operations at a glance: figures, the map, what failed, what is where.
 *
 * @param props `mayAct`: the visitor may start things; `mayConfigure`: may add edges
 */
export function OverviewPage({ mayAct, mayConfigure }: { mayAct: boolean; mayConfigure: boolean }) {
  const t = useTranslations('edgePages.overview');
  const trpc = useTRPC();
  const query = useQuery(trpc.overview.get.queryOptions(undefined, { placeholderData: keepPreviousData }));
  return (
    <>
      <PageHeader title={t('title')} description={t('text')} actions={<AddEdges may={mayConfigure} />} />
      <QueryView query={query} pending={<OverviewSkeleton />}>
        {(overview) =>
          overview.edges.length === 0 ? (
            <NoEdges may={mayConfigure} />
          ) : (
            <Glance overview={overview} mayAct={mayAct} />
          )
        }
      </QueryView>
    </>
  );
}

function Glance({ overview, mayAct }: { overview: Overview; mayAct: boolean }) {
  return (
    <div className="flex flex-col gap-6">
      <OverviewTotals totals={overview.totals} />
      <EdgesAtPlaces edges={overview.edges} />
      <Failures causes={overview.failures} mayAct={mayAct} />
      <WhatRunsWhere releases={overview.releases} edges={overview.edges.length} />
    </div>
  );
}

function EdgesAtPlaces({ edges }: { edges: readonly OverviewEdge[] }) {
  const t = useTranslations('edgePages');
  const [filter, change] = useEdgeFilter();
  const asked = useDeferredValue(filter);
  const [pointedAt, setPointedAt] = useState<string>();
  const [chosenIds, setChosen] = useState<ReadonlySet<string>>(new Set());
  const labels = useMemo(() => labelChoices(edges), [edges]);
  useEdgeActions(edges);
  const wanted = JSON.stringify(asked);
  const shown = useMemo(
    () => edges.filter((edge) => fits(edge, JSON.parse(wanted) as EdgeFilter)),
    [edges, wanted],
  );
  const placeless = shown.filter(({ place }) => place === null).length;
  const chosen = shown.filter(({ id }) => chosenIds.has(id));
  return (
    <section aria-label={t('list.label')} className="flex flex-col gap-3">
      <EdgeFilterBar filter={filter} labels={labels} onChange={change} />
      <div className="grid gap-3 lg:h-[27rem] lg:grid-cols-[minmax(0,1fr)_minmax(19rem,24rem)]">
        <div className="h-72 sm:h-96 lg:h-auto">
          <EdgeMap
            edges={shown}
            pointedAt={pointedAt}
            chosen={chosenIds}
            onChoose={(ids) => setChosen(new Set(ids))}
            card={chosen.length > 0 && <MapCard edges={chosen} onClose={() => setChosen(new Set())} />}
          />
        </div>
        <div className="border-border bg-surface shadow-card flex max-h-[32rem] min-h-0 flex-col overflow-hidden rounded-xl border">
          <div className="border-border text-text-muted flex flex-wrap items-center justify-between gap-2 border-b px-4 py-2 text-[0.8125rem]">
            <span role="status" className="tabular">
              {t('list.shown', {
                some: shown.length < edges.length ? 'yes' : 'no',
                shown: shown.length,
                all: edges.length,
              })}
            </span>
            {(placeless > 0 || filter.noPlace) && (
              <button
                type="button"
                aria-pressed={filter.noPlace}
                onClick={() => change({ noPlace: !filter.noPlace })}
                className="hover:text-text underline underline-offset-2"
              >
                {filter.noPlace ? t('list.allPlaces') : t('list.noPlace', { count: placeless })}
              </button>
            )}
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto">
            {shown.length === 0 ? (
              <EmptyState
                compact
                icon={<SearchX />}
                title={t('list.nothing')}
                action={<Button onClick={() => change(noFilter)}>{t('filter.clear')}</Button>}
              />
            ) : (
              <EdgeList edges={shown} chosen={chosenIds} onPoint={setPointedAt} />
            )}
          </div>
        </div>
      </div>
    </section>
  );
}

function OverviewSkeleton() {
  const t = useTranslations('edgePages.overview');
  return (
    <div role="status" aria-label={t('loading')} className="flex flex-col gap-6">
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        {['edges', 'releases', 'placed', 'running'].map((name) => (
          <Skeleton key={name} className="h-24 rounded-xl" />
        ))}
      </div>
      <Skeleton className="h-[27rem] rounded-xl" />
    </div>
  );
}
