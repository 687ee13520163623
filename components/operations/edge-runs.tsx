'use client';

import { useQuery } from '@tanstack/react-query';
import { Layers } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { Deployment } from '@/server/operations/deployments/schemas';
import type { EdgeView } from '@/server/operations/edges/schemas';
import { useTRPC } from '../api/trpc-provider';
import { DeploymentStateDot } from '../deployments/deployment-state';
import { Card } from '../ui/card';
import { EmptyState } from '../ui/empty-state';
import { TextLink } from '../ui/link-button';
import { RelativeTime } from '../ui/relative-time';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';

/** The deployments at an edge, as far as the visitor may see them. */
export function EdgeRuns({ edge }: { edge: EdgeView }) {
  const t = useTranslations('edgePages.runs');
  const trpc = useTRPC();
  const query = useQuery(trpc.deployments.list.queryOptions({ siteId: edge.id }));
  return (
    <Card title={t('title')} padded={false}>
      <QueryView
        query={query}
        pending={
          <div className="p-5">
            <SkeletonRows rows={2} />
          </div>
        }
      >
        {(list) =>
          list.length === 0 ? (
            <EmptyState compact icon={<Layers />} title={t('emptyTitle')}>
              {t('emptyText')}
            </EmptyState>
          ) : (
            <ul className="divide-border divide-y">
              {list.map((deployment) => (
                <Row key={deployment.id} deployment={deployment} />
              ))}
            </ul>
          )
        }
      </QueryView>
    </Card>
  );
}

function Row({ deployment }: { deployment: Deployment }) {
  const { id, name, packageName, packageVersion, state, reason, createdAt } = deployment;
  return (
    <li className="grid gap-x-4 gap-y-1 px-5 py-3 sm:grid-cols-[minmax(0,1fr)_auto_auto] sm:items-center">
      <div className="min-w-0">
        <TextLink href={`/deployments/${id}`} className="font-medium break-words">
          {name}
        </TextLink>
        <p className="text-text-muted text-[0.8125rem] break-words">
          {packageName} <span className="tabular">{packageVersion}</span>
        </p>
      </div>
      <span className="text-text-muted text-[0.8125rem]">
        <RelativeTime at={createdAt} />
      </span>
      <DeploymentStateDot state={state} />
      {reason !== '' && state !== 'ready' && (
        <p className="text-text-muted col-span-full line-clamp-2 text-[0.8125rem] break-words">{reason}</p>
      )}
    </li>
  );
}
