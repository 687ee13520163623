'use client';

import { useQuery } from '@tanstack/react-query';
import { PackagePlus, RadioTower, SearchX } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useDeferredValue, useMemo, useState } from 'react';
import type { EdgeView } from '@/server/operations/edges/schemas';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { DataTable } from '../ui/data-table';
import { EmptyState } from '../ui/empty-state';
import { LinkButton } from '../ui/link-button';
import { PageHeader } from '../ui/page-header';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { AddEdges } from './add-edges';
import { useEdgeColumns } from './edge-columns';
import { fits, labelChoices, noFilter, type EdgeFilter } from './edge-filter';
import { EdgeFilterBar } from './edge-filter-bar';
import { useEdgeActions } from './use-edge-actions';
import { useEdgeFilter } from './use-edge-filter';

/** All edges in a table: how each is, what it has; several can be chosen to bring releases to them. */
export function EdgesPage({ mayAct, mayConfigure }: { mayAct: boolean; mayConfigure: boolean }) {
  const t = useTranslations('edgePages.edges');
  const trpc = useTRPC();
  const query = useQuery(trpc.edges.list.queryOptions());
  return (
    <>
      <PageHeader title={t('title')} description={t('text')} actions={<AddEdges may={mayConfigure} />} />
      <QueryView query={query} pending={<SkeletonRows rows={8} label={t('loading')} />}>
        {(edges) =>
          edges.length === 0 ? <NoEdges may={mayConfigure} /> : <EdgeTable edges={edges} mayAct={mayAct} />
        }
      </QueryView>
    </>
  );
}

/** What stands where edges would, before there are any. */
export function NoEdges({ may }: { may: boolean }) {
  const t = useTranslations('edgePages.overview');
  return (
    <EmptyState icon={<RadioTower />} title={t('emptyTitle')} action={<AddEdges may={may} />}>
      {t('emptyText')}
    </EmptyState>
  );
}

function EdgeTable({ edges, mayAct }: { edges: readonly EdgeView[]; mayAct: boolean }) {
  const t = useTranslations('edgePages');
  const [filter, change] = useEdgeFilter();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const columns = useEdgeColumns();
  useEdgeActions(edges);
  const labels = useMemo(() => labelChoices(edges), [edges]);
  const wanted = useDeferredValue(JSON.stringify(filter));
  const shown = useMemo(
    () => edges.filter((edge) => fits(edge, JSON.parse(wanted) as EdgeFilter)),
    [edges, wanted],
  );
  // What the filter hides is not acted on.
  const chosen = shown.filter(({ id }) => selected.has(id)).map(({ id }) => id);
  return (
    <div className="flex flex-col gap-4">
      <EdgeFilterBar filter={filter} labels={labels} onChange={change} />
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p role="status" className="text-text-muted tabular text-sm">
          {chosen.length > 0
            ? t('edges.chosen', { count: chosen.length })
            : t('list.shown', {
                some: shown.length < edges.length ? 'yes' : 'no',
                shown: shown.length,
                all: edges.length,
              })}
        </p>
        <LinkButton
          size="sm"
          icon={<PackagePlus />}
          href={`/operations/distributions/new?edges=${chosen.map(encodeURIComponent).join(',')}`}
          disabledReason={reasonAgainst(t, mayAct, chosen.length)}
        >
          {t('edges.bring')}
        </LinkButton>
      </div>
      <DataTable
        label={t('edges.title')}
        rows={shown}
        columns={columns}
        rowId={({ id }) => id}
        rowHref={({ id }) => `/operations/edges/${id}`}
        initialSort={{ id: 'name' }}
        pageSize={50}
        selection={{ selected, onChange: setSelected }}
        empty={
          <EmptyState
            compact
            icon={<SearchX />}
            title={t('list.nothing')}
            action={<Button onClick={() => change(noFilter)}>{t('filter.clear')}</Button>}
          />
        }
      />
    </div>
  );
}

function reasonAgainst(
  t: ReturnType<typeof useTranslations<'edgePages'>>,
  mayAct: boolean,
  chosen: number,
): string | undefined {
  if (!mayAct) return t('failures.operatorsOnly');
  return chosen === 0 ? t('edges.chooseFirst') : undefined;
}
