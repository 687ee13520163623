'use client';

import { useQuery } from '@tanstack/react-query';
import { Cloud } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { PackageDetail } from '@/server/packages/schemas';
import type { SiteView } from '@/server/sites/schemas';
import { inItsOwnTime } from '../api/own-time';
import { useTRPC } from '../api/trpc-provider';
import { sitesOfVms } from '../sites/sites-of-vms';
import { EmptyState } from '../ui/empty-state';
import { PageHeader } from '../ui/page-header';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { DeployForm } from './deploy-form';
import { DeploymentSite, takesStacks } from './deployment-site';
import { useNoSite } from './use-no-site';

/** The page that deploys a package: where, with which parameters, and what comes of it. */
export function NewDeployment({ packageId }: { packageId: string }) {
  const t = useTranslations('deployments.new');
  const all = useTranslations('deployments.list');
  const trpc = useTRPC();
  const item = useQuery(trpc.packages.get.queryOptions({ id: packageId }));
  const sites = useQuery(trpc.sites.list.queryOptions(undefined, { select: sitesOfVms }));
  const words = item.data && `${item.data.name} ${item.data.version}`;
  const projectId = item.data?.projectId ?? undefined;
  const crumbs = [
    { label: all('title'), href: '/deployments' },
    ...(words === undefined || projectId === undefined
      ? []
      : [{ label: words, href: `/projects/${projectId}/packages/${packageId}` }]),
  ];
  return (
    <>
      <PageHeader title={t('title')} crumbs={crumbs} description={words} />
      <QueryView query={item} pending={<SkeletonRows />}>
        {(found) => (
          <QueryView query={sites} pending={<SkeletonRows />}>
            {(list) => <AtSite item={found} sites={list} />}
          </QueryView>
        )}
      </QueryView>
    </>
  );
}

function AtSite({ item, sites }: { item: PackageDetail; sites: readonly SiteView[] }) {
  const t = useTranslations('deployments.new');
  const trpc = useTRPC();
  const noSite = useNoSite();
  const [chosen, setChosen] = useState<string>();
  const site = sites.find(({ id }) => id === chosen) ?? sites.find(takesStacks);
  const plan = useQuery(
    trpc.deployments.plan.queryOptions(
      { packageId: item.id, siteId: site?.id ?? '' },
      { ...inItsOwnTime, enabled: site !== undefined },
    ),
  );
  // Names on the site, for a default that is free; those one may not see are found by the server.
  const others = useQuery(trpc.deployments.list.queryOptions({}));
  return (
    <div className="flex flex-col gap-6">
      <DeploymentSite sites={sites} value={site?.id} onChange={setChosen} />
      {site === undefined ? (
        <EmptyState icon={<Cloud />} title={t('noSite')} action={noSite?.action}>
          {noSite?.reason}
        </EmptyState>
      ) : (
        <QueryView query={plan} pending={<SkeletonRows label={t('loading')} />}>
          {(planned) => (
            <QueryView query={others} pending={<SkeletonRows />}>
              {(deployments) => (
                <DeployForm
                  // Another site, or another set of questions, is another form.
                  key={[site.id, ...planned.parameters.map(({ name }) => name)].join('\n')}
                  item={item}
                  site={site}
                  plan={planned}
                  taken={deployments.filter(({ siteId }) => siteId === site.id).map(({ name }) => name)}
                />
              )}
            </QueryView>
          )}
        </QueryView>
      )}
    </div>
  );
}
