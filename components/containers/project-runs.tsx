'use client';

import { useQuery } from '@tanstack/react-query';
import { FlaskConical } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useMemo, useState } from 'react';
import type { TestDeployment } from '@/server/containers/schemas';
import { useTRPC } from '../api/trpc-provider';
import { usePaletteActions } from '../palette/actions';
import { Button } from '../ui/button';
import { DataTable } from '../ui/data-table';
import type { DataColumn } from '../ui/data-table-model';
import { EmptyState } from '../ui/empty-state';
import { useProblemText } from '../ui/error-state';
import { LinkButton } from '../ui/link-button';
import { RelativeTime } from '../ui/relative-time';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { Endpoints } from '../workloads/endpoints';
import { NewRun } from './new-run';
import { RunStateDot } from './run-state';

/** Where a container project is tried out, and starting that. */
export function ProjectRuns({ projectId }: { projectId: string }) {
  const t = useTranslations('containerPages.runs');
  const trpc = useTRPC();
  const query = useQuery(trpc.containers.deployments.list.queryOptions({ projectId }));
  const text = useQuery(trpc.containers.text.get.queryOptions({ projectId }));
  const [asking, setAsking] = useState(false);
  const columns = useColumns();
  usePaletteActions(
    useMemo(
      () => [{ id: 'containers.run', label: t('new'), group: t('title'), run: () => setAsking(true) }],
      [t],
    ),
  );
  const create = (
    <Button
      variant="primary"
      icon={<FlaskConical />}
      onClick={() => setAsking(true)}
      {...(text.data === null && {
        disabledReason: t('noText'),
        reasonAction: (
          <LinkButton size="sm" href={`/projects/${projectId}/deployment`}>
            {t('toText')}
          </LinkButton>
        ),
      })}
    >
      {t('new')}
    </Button>
  );
  return (
    <section className="flex flex-col gap-4" aria-label={t('title')}>
      <QueryView query={query} pending={<SkeletonRows label={t('loading')} />}>
        {(runs) => (
          <>
            {runs.length > 0 && (
              <div className="flex flex-wrap items-center justify-between gap-3">
                <p className="text-text-muted max-w-prose">{t('text')}</p>
                {create}
              </div>
            )}
            <DataTable
              label={t('title')}
              rows={runs}
              columns={columns}
              rowId={({ id }) => id}
              rowHref={hrefOf}
              empty={
                <EmptyState icon={<FlaskConical />} title={t('empty')} action={create}>
                  {text.data === null ? t('noText') : t('emptyText')}
                </EmptyState>
              }
            />
          </>
        )}
      </QueryView>
      <NewRun projectId={projectId} open={asking} onOpenChange={setAsking} />
    </section>
  );
}

const hrefOf = (run: TestDeployment) => `/projects/${run.projectId}/runs/${run.id}`;

function useColumns(): DataColumn<TestDeployment>[] {
  const t = useTranslations('containerPages.runs');
  const say = useProblemText();
  return [
    {
      id: 'name',
      header: t('name'),
      phone: 'title',
      sort: ({ name }) => name,
      cell: ({ name }) => <span className="font-medium sm:whitespace-nowrap">{name}</span>,
    },
    {
      id: 'state',
      header: t('state'),
      sort: ({ state }) => state,
      cell: ({ state, error }) => (
        <span className="flex flex-col gap-0.5 max-sm:items-end">
          <RunStateDot state={state} />
          {error !== null && <span className="text-text-muted text-[0.8125rem]">{say(error)}</span>}
        </span>
      ),
    },
    {
      id: 'parts',
      header: t('parts'),
      cell: ({ status }) =>
        status === null
          ? null
          : t('partsReady', {
              ready: status.parts.filter(({ state }) => state === 'ready').length,
              all: status.parts.length,
            }),
    },
    {
      id: 'site',
      header: t('site'),
      sort: ({ siteName }) => siteName,
      cell: ({ siteName }) => <span className="sm:whitespace-nowrap">{siteName}</span>,
    },
    {
      id: 'endpoints',
      header: t('endpoints'),
      cell: ({ status }) => (
        <span className="block sm:min-w-44">
          <Endpoints endpoints={status?.endpoints ?? []} />
        </span>
      ),
    },
    {
      id: 'created',
      header: t('created'),
      phone: 'hide',
      sort: ({ createdAt }) => createdAt,
      cell: ({ createdAt }) => <RelativeTime at={createdAt} />,
    },
  ];
}
