'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Activity } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useMemo } from 'react';
import type { JobView } from '@/server/api/job-view';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { DataTable } from '../ui/data-table';
import type { DataColumn } from '../ui/data-table-model';
import { Elapsed } from '../ui/duration';
import { EmptyState } from '../ui/empty-state';
import { ErrorState } from '../ui/error-state';
import { PageHeader } from '../ui/page-header';
import { RelativeTime } from '../ui/relative-time';
import { SkeletonRows } from '../ui/skeleton';
import { StatusDot } from '../ui/status-dot';
import { ActivityFilters } from './activity-filters';
import { JobActions } from './job-actions';
import { stateTones, useJobWords } from './job-words';
import { isActive } from './use-job';
import { useActivityFilter } from './use-activity-filter';

/** Every job one may see, with filters that stand in the address. */
export function ActivityList() {
  const t = useTranslations('jobs.activity');
  const trpc = useTRPC();
  const { filter, set, clear, filtered } = useActivityFilter();
  const { data, error, refetch, isPlaceholderData } = useQuery(
    trpc.jobs.list.queryOptions(
      {
        states: filter.states,
        kind: filter.kind,
        mine: filter.mine,
        limit: 200,
      },
      { placeholderData: keepPreviousData },
    ),
  );
  const columns = useColumns();
  return (
    <div className="flex flex-col gap-5">
      <PageHeader title={t('title')} description={t('description')} icon={<Activity />} />
      <ActivityFilters filter={filter} onChange={set} />
      {error ? (
        <ErrorState problem={problemOf(error)} onRetry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows rows={8} />
      ) : (
        <DataTable
          label={t('title')}
          rows={data}
          columns={columns}
          rowId={(job) => job.id}
          rowHref={(job) => `/activity/${job.id}`}
          rowActions={actionsOf}
          busy={isPlaceholderData}
          pageSize={50}
          empty={
            filtered ? (
              <EmptyState
                icon={<Activity />}
                title={t('noMatch')}
                action={<Button onClick={clear}>{t('clearFilters')}</Button>}
              />
            ) : (
              <EmptyState icon={<Activity />} title={t('empty')}>
                {t('emptyText')}
              </EmptyState>
            )
          }
        />
      )}
    </div>
  );
}

function actionsOf(job: JobView) {
  return <JobActions job={job} />;
}

function useColumns(): DataColumn<JobView>[] {
  const t = useTranslations('jobs.job');
  const subjects = useTranslations('jobs.subjects');
  const words = useJobWords();
  return useMemo(
    () => [
      {
        id: 'kind',
        header: t('kind'),
        phone: 'title',
        cell: (job) => <span className="font-medium">{words.kind(job.kind)}</span>,
        sort: (job) => words.kind(job.kind),
      },
      {
        id: 'subject',
        header: t('subject'),
        cell: (job) => job.subjectName ?? subjects(job.subject.type),
        sort: (job) => job.subjectName,
      },
      {
        id: 'state',
        header: t('state'),
        cell: (job) => (
          <StatusDot
            tone={stateTones[job.state]}
            busy={isActive(job)}
            label={words.state(job.state)}
            {...(isActive(job) && { detail: words.now(job) })}
          />
        ),
        sort: (job) => job.state,
      },
      {
        id: 'actor',
        header: t('actor'),
        cell: (job) => job.actorName ?? '–',
        sort: (job) => job.actorName,
        phone: 'hide',
      },
      {
        id: 'created',
        header: t('started'),
        cell: (job) => <RelativeTime at={job.createdAt} />,
        sort: (job) => job.createdAt,
      },
      {
        id: 'took',
        header: t('took'),
        align: 'end',
        cell: (job) =>
          job.startedAt === undefined ? '–' : <Elapsed since={job.startedAt} until={job.endedAt ?? null} />,
        sort: (job) =>
          job.startedAt === undefined ? undefined : (job.endedAt ?? Date.now()) - job.startedAt,
        phone: 'hide',
      },
    ],
    [t, subjects, words],
  );
}
