'use client';

import { Boxes } from 'lucide-react';
import { useFormatter, useTranslations } from 'next-intl';
import { useMemo } from 'react';
import type { OverviewRelease } from '@/server/operations/overview/schemas';
import { Badge } from '../ui/badge';
import { DataTable } from '../ui/data-table';
import type { DataColumn } from '../ui/data-table-model';
import { EmptyState } from '../ui/empty-state';
import { LinkButton } from '../ui/link-button';

/**
 * The releases that are here, and how widely each is spread.
 *
 * @param edges how many edges there are
 */
export function WhatRunsWhere({ releases, edges }: { releases: readonly OverviewRelease[]; edges: number }) {
  const t = useTranslations('edgePages.where');
  const columns = useColumns(edges);
  // What is most widely spread comes first; then what waits to be distributed.
  const rows = useMemo(
    () => releases.toSorted((a, b) => b.edges + b.running - (a.edges + a.running)),
    [releases],
  );
  return (
    <section aria-labelledby="what-runs" className="flex flex-col gap-3">
      <h2 id="what-runs" className="text-[0.9375rem] font-semibold">
        {t('title')}
      </h2>
      <DataTable
        label={t('title')}
        rows={rows}
        columns={columns}
        rowId={({ id }) => id}
        rowHref={({ id }) => `/operations/releases?release=${id}`}
        dense
        pageSize={25}
        empty={
          <EmptyState
            compact
            icon={<Boxes />}
            title={t('emptyTitle')}
            action={<LinkButton href="/operations/releases">{t('toReleases')}</LinkButton>}
          >
            {t('emptyText')}
          </EmptyState>
        }
      />
    </section>
  );
}

function useColumns(edges: number): DataColumn<OverviewRelease>[] {
  const t = useTranslations('edgePages.where');
  const figure = (
    id: 'behind' | 'running' | 'failed',
    of: (release: OverviewRelease) => number,
    tone?: string,
  ): DataColumn<OverviewRelease> => ({
    id,
    header: t(id),
    align: 'end',
    sort: of,
    cell: (release) => <Figure value={of(release)} tone={tone} />,
  });
  return [
    {
      id: 'release',
      header: t('release'),
      phone: 'title',
      sort: ({ name, version }) => `${name} ${version}`,
      cell: ({ name, version, withdrawn }) => (
        <span className="inline-flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-medium break-words">{name}</span>
          <span className="text-text-muted tabular">{version}</span>
          {withdrawn && <Badge tone="warning">{t('withdrawn')}</Badge>}
        </span>
      ),
    },
    {
      id: 'kind',
      header: t('kind'),
      sort: ({ kind }) => kind,
      phone: 'hide',
      cell: ({ kind }) => t(`kinds.${kind}`),
    },
    {
      id: 'edges',
      header: t('edges'),
      sort: (release) => release.edges,
      cell: (release) => <Spread at={release.edges} of={edges} />,
    },
    figure('running', ({ running }) => running),
    figure('behind', ({ behind }) => behind, 'text-warning'),
    figure('failed', ({ failed, broken }) => failed + broken, 'text-danger'),
  ];
}

function Figure({ value, tone }: { value: number; tone: string | undefined }) {
  const format = useFormatter();
  if (value === 0) return <span className="text-text-subtle">–</span>;
  return <span className={tone}>{format.number(value)}</span>;
}

/** At how many of all edges a release is, as words and a bar. */
function Spread({ at, of }: { at: number; of: number }) {
  const t = useTranslations('edgePages.where');
  return (
    <span className="flex items-center gap-3">
      <span aria-hidden className="bg-surface-sunken hidden h-1.5 w-24 overflow-hidden rounded-full sm:block">
        <span
          className="bg-accent block h-full rounded-full"
          style={{ width: `${of === 0 ? 0 : Math.min(100, (at / of) * 100)}%` }}
        />
      </span>
      <span className="tabular whitespace-nowrap">{t('atOf', { at, of })}</span>
    </span>
  );
}
