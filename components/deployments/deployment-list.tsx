'use client';

import { useQuery } from '@tanstack/react-query';
import { Layers, Rocket, SearchX } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { Deployment } from '@/server/operations/deployments/schemas';
import { useTRPC } from '../api/trpc-provider';
import { keepInAddress } from '../distribution/chosen-ids';
import { Button } from '../ui/button';
import { DataTable } from '../ui/data-table';
import type { DataColumn } from '../ui/data-table-model';
import { EmptyState } from '../ui/empty-state';
import { LinkButton } from '../ui/link-button';
import { PageHeader } from '../ui/page-header';
import { RelativeTime } from '../ui/relative-time';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { DeploymentFilters, type DeploymentFilter } from './deployment-filters';
import { DeploymentStateDot } from './deployment-state';

/**
 * The packages and releases that run on sites, as far as the visitor may see them.
 *
 * @param first the filter of the address
 */
export function DeploymentList({ first }: { first: DeploymentFilter }) {
  const t = useTranslations('deployments.list');
  const own = useTranslations('deploymentPages.list');
  const trpc = useTRPC();
  const query = useQuery(trpc.deployments.list.queryOptions({}));
  const [filter, setFilter] = useState(first);
  const columns = useColumns();
  const choose = (next: DeploymentFilter) => {
    setFilter(next);
    keepInAddress('/deployments', {
      edge: next.edge === '' ? [] : [next.edge],
      release: next.release === '' ? [] : [next.release],
    });
  };
  const deploy = (
    <LinkButton href="/deployments/new" variant="primary" icon={<Rocket />}>
      {own('new')}
    </LinkButton>
  );
  return (
    <>
      <PageHeader title={t('title')} description={t('description')} actions={deploy} />
      <QueryView query={query} pending={<SkeletonRows label={t('loading')} />}>
        {(deployments) => (
          <>
            <DeploymentFilters deployments={deployments} filter={filter} onChange={choose} />
            <DataTable
              label={t('title')}
              rows={deployments.filter((each) => fits(each, filter))}
              columns={columns}
              rowId={({ id }) => id}
              rowHref={({ id }) => `/deployments/${id}`}
              pageSize={50}
              empty={
                deployments.length === 0 ? (
                  <EmptyState
                    icon={<Layers />}
                    title={t('emptyTitle')}
                    action={
                      <span className="flex flex-wrap gap-2">
                        {deploy}
                        <LinkButton href="/projects">{t('toProjects')}</LinkButton>
                      </span>
                    }
                  >
                    {t('emptyText')}
                  </EmptyState>
                ) : (
                  <EmptyState
                    icon={<SearchX />}
                    title={own('nothingFits')}
                    action={<Button onClick={() => choose({ edge: '', release: '' })}>{own('clear')}</Button>}
                    compact
                  />
                )
              }
            />
          </>
        )}
      </QueryView>
    </>
  );
}

const fits = ({ siteId, releaseId }: Deployment, { edge, release }: DeploymentFilter) =>
  (edge === '' || edge === siteId) && (release === '' || release === releaseId);

function useColumns(): DataColumn<Deployment>[] {
  const t = useTranslations('deployments.list');
  return [
    {
      id: 'name',
      header: t('name'),
      phone: 'title',
      sort: ({ name }) => name,
      cell: ({ name }) => <span className="font-medium break-words">{name}</span>,
    },
    {
      id: 'package',
      header: t('package'),
      sort: ({ packageName, packageVersion }) => `${packageName} ${packageVersion}`,
      cell: ({ packageName, packageVersion }) => (
        <span className="break-words">
          {packageName} <span className="text-text-muted tabular">{packageVersion}</span>
        </span>
      ),
    },
    { id: 'site', header: t('site'), sort: ({ siteName }) => siteName, cell: ({ siteName }) => siteName },
    {
      id: 'state',
      header: t('state'),
      sort: ({ state }) => state,
      cell: (deployment) => <StateCell deployment={deployment} />,
    },
    {
      id: 'created',
      header: t('created'),
      sort: ({ createdAt }) => createdAt,
      cell: ({ createdAt }) => <RelativeTime at={createdAt} />,
    },
    {
      id: 'createdBy',
      header: t('createdBy'),
      sort: ({ createdBy }) => createdBy,
      cell: ({ createdBy }) => createdBy,
    },
  ];
}

function StateCell({ deployment: { state, reason } }: { deployment: Deployment }) {
  return (
    <div className="max-w-80 min-w-0">
      <DeploymentStateDot state={state} />
      {state === 'failed' && reason !== '' && (
        <p className="text-text-muted mt-0.5 line-clamp-2 text-[0.8125rem] break-words">{reason}</p>
      )}
    </div>
  );
}
