'use client';

import { useQuery } from '@tanstack/react-query';
import { Send } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useMemo } from 'react';
import type { DistributionSummary } from '@/server/operations/distribution/schemas';
import { useTRPC } from '../api/trpc-provider';
import { usePaletteActions } from '../palette/actions';
import { ByteSize } from '../ui/byte-size';
import { DataTable } from '../ui/data-table';
import type { DataColumn } from '../ui/data-table-model';
import { Elapsed } from '../ui/duration';
import { EmptyState } from '../ui/empty-state';
import { LinkButton } from '../ui/link-button';
import { PageHeader } from '../ui/page-header';
import { RelativeTime } from '../ui/relative-time';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { DistributionStateDot } from './distribution-state';
import { CountsBar } from './counts-bar';
import { useMayOperate } from './use-may-operate';
import { useTitle } from './use-title';

const newPage = '/operations/distributions/new';

/** Every distribution, the newest first. */
export function DistributionList() {
  const t = useTranslations('distributionPages.list');
  const trpc = useTRPC();
  const router = useRouter();
  const query = useQuery(trpc.distributions.list.queryOptions());
  const mayOperate = useMayOperate();
  const columns = useColumns();
  usePaletteActions(
    useMemo(
      () => [
        { id: 'distributions.new', label: t('new'), group: t('title'), run: () => router.push(newPage) },
      ],
      [router, t],
    ),
  );
  const create = (
    <LinkButton href={newPage} variant="primary" icon={<Send />}>
      {t(mayOperate ? 'new' : 'newPlan')}
    </LinkButton>
  );
  return (
    <>
      <PageHeader title={t('title')} description={t('description')} actions={create} />
      <QueryView query={query} pending={<SkeletonRows label={t('loading')} />}>
        {(distributions) => (
          <DataTable
            label={t('title')}
            rows={distributions}
            columns={columns}
            rowId={({ id }) => id}
            rowHref={({ id }) => `/operations/distributions/${id}`}
            pageSize={50}
            empty={
              <EmptyState icon={<Send />} title={t('empty')} action={create}>
                {t('emptyText')}
              </EmptyState>
            }
          />
        )}
      </QueryView>
    </>
  );
}

function useColumns(): DataColumn<DistributionSummary>[] {
  const t = useTranslations('distributionPages.list');
  const title = useTitle();
  return [
    {
      id: 'what',
      header: t('what'),
      phone: 'title',
      sort: (each) => title(each),
      cell: (each) => <span className="font-medium break-words">{title(each)}</span>,
    },
    {
      id: 'state',
      header: t('state'),
      sort: ({ state }) => state,
      cell: ({ state }) => <DistributionStateDot state={state} />,
    },
    { id: 'cells', header: t('cells'), cell: ({ counts }) => <CountsBar counts={counts} /> },
    {
      id: 'moved',
      header: t('moved'),
      align: 'end',
      sort: ({ bytesMoved }) => bytesMoved,
      cell: ({ bytesMoved }) => <ByteSize bytes={bytesMoved} />,
    },
    {
      id: 'kept',
      header: t('kept'),
      align: 'end',
      phone: 'hide',
      sort: ({ bytesKept }) => bytesKept,
      cell: ({ bytesKept }) => <ByteSize bytes={bytesKept} />,
    },
    {
      id: 'created',
      header: t('started'),
      sort: ({ createdAt }) => createdAt,
      cell: ({ createdAt, createdBy }) => (
        <span>
          <RelativeTime at={createdAt} />{' '}
          <span className="text-text-muted block text-[0.8125rem]">{createdBy}</span>
        </span>
      ),
    },
    {
      id: 'took',
      header: t('took'),
      align: 'end',
      phone: 'hide',
      cell: ({ createdAt, endedAt }) => <Elapsed since={createdAt} until={endedAt} />,
    },
  ];
}
