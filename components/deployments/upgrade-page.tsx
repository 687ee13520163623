'use client';

import { useQuery } from '@tanstack/react-query';
import { Lock, Send } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { Deployment } from '@/server/operations/deployments/schemas';
import type { Placement } from '@/server/operations/distribution/schemas';
import type { SyncedRelease } from '@/server/operations/sync/schemas';
import { useTRPC } from '../api/trpc-provider';
import { addressOf } from '../distribution/chosen-ids';
import { useMayOperate } from '../distribution/use-may-operate';
import { Badge } from '../ui/badge';
import { Card } from '../ui/card';
import { EmptyState } from '../ui/empty-state';
import { LinkButton } from '../ui/link-button';
import { PageHeader } from '../ui/page-header';
import { RadioCards } from '../ui/radio-cards';
import { RelativeTime } from '../ui/relative-time';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { UpgradeForm } from './upgrade-form';

/** The page that brings a deployment to another release of its app, or to other values. */
export function UpgradePage({ deploymentId, first }: { deploymentId: string; first: string | undefined }) {
  const t = useTranslations('deploymentPages.upgrade');
  const all = useTranslations('deployments.list');
  const trpc = useTRPC();
  const deployment = useQuery(trpc.deployments.get.queryOptions({ id: deploymentId }));
  const releases = useQuery(trpc.sync.releases.queryOptions({}));
  const edgeId = deployment.data?.siteId;
  const placements = useQuery(
    trpc.distributions.placements.queryOptions({ edgeId }, { enabled: edgeId !== undefined }),
  );
  const pending = <SkeletonRows rows={6} label={t('loading')} />;
  const name = deployment.data?.name;
  return (
    <>
      <PageHeader
        title={t('title')}
        crumbs={[
          { label: all('title'), href: '/deployments' },
          ...(name === undefined ? [] : [{ label: name, href: `/deployments/${deploymentId}` }]),
        ]}
        description={deployment.data && `${deployment.data.packageName} · ${deployment.data.siteName}`}
      />
      <QueryView query={deployment} pending={pending}>
        {(found) => (
          <QueryView query={releases} pending={pending}>
            {(known) => (
              <QueryView query={placements} pending={pending}>
                {(there) => <Choosing deployment={found} releases={known} placements={there} first={first} />}
              </QueryView>
            )}
          </QueryView>
        )}
      </QueryView>
    </>
  );
}

function Choosing({
  deployment,
  releases,
  placements,
  first,
}: {
  deployment: Deployment;
  releases: readonly SyncedRelease[];
  placements: readonly Placement[];
  first: string | undefined;
}) {
  const t = useTranslations('deploymentPages.upgrade');
  const placed = new Set(placements.map(({ releaseId }) => releaseId));
  const present = releases.find(({ id }) => id === deployment.releaseId);
  const own = present
    ? releases
        .filter(({ name, provider }) => name === present.name && provider === present.provider)
        .toSorted((one, other) => other.publishedAt - one.publishedAt)
    : [];
  const there = own.filter(({ id }) => placed.has(id));
  const mayOperate = useMayOperate();
  const [chosen, setChosen] = useState(first);
  const release =
    there.find(({ id }) => id === chosen) ?? there.find(({ id }) => id !== deployment.releaseId) ?? there[0];
  const missing = own.filter(({ id, syncedAt }) => !placed.has(id) && syncedAt !== null);
  return (
    <div className="flex flex-col gap-6">
      <Card
        title={t('release')}
        description={t('releaseText')}
        actions={
          missing.length > 0 && (
            <LinkButton
              size="sm"
              icon={<Send />}
              href={addressOf('/operations/distributions/new', {
                releases: missing.map(({ id }) => id),
                edges: [deployment.siteId],
              })}
            >
              {t('bring')}
            </LinkButton>
          )
        }
      >
        {own.length === 0 ? (
          <p className="text-text-muted">{t('noReleases')}</p>
        ) : (
          <RadioCards
            label={t('release')}
            hideLabel
            value={release?.id}
            onValueChange={setChosen}
            options={own.map((each) => ({
              value: each.id,
              title: each.version,
              description: <RelativeTime at={each.publishedAt} />,
              meta: each.id === deployment.releaseId && <Badge tone="success">{t('runsNow')}</Badge>,
              disabledReason: placed.has(each.id) ? undefined : t('notThere'),
            }))}
          />
        )}
      </Card>
      {release && (!mayOperate || deployment.values === null) && (
        <EmptyState compact icon={<Lock />} title={t('operators')}>
          {t('operatorsText')}
        </EmptyState>
      )}
      {release && mayOperate && deployment.values !== null && (
        <UpgradeForm key={release.id} deployment={deployment} values={deployment.values} release={release} />
      )}
    </div>
  );
}
