'use client';

import { useTranslations } from 'next-intl';
import type { Deployment } from '@/server/operations/deployments/schemas';
import { Select } from '../ui/select';

export interface DeploymentFilter {
  /** Of a site; empty for all. */
  edge: string;
  /** Of a synced release; empty for all. */
  release: string;
}

/** Which deployments to show; each choice is one that some deployment has. */
export function DeploymentFilters({
  deployments,
  filter,
  onChange,
}: {
  deployments: readonly Deployment[];
  filter: DeploymentFilter;
  onChange: (filter: DeploymentFilter) => void;
}) {
  const t = useTranslations('deploymentPages.list');
  const sites = new Map(deployments.map(({ siteId, siteName }) => [siteId, siteName]));
  const releases = new Map(
    deployments.flatMap(({ releaseId, packageName, packageVersion }) =>
      releaseId === null ? [] : [[releaseId, `${packageName} ${packageVersion}`] as const],
    ),
  );
  if (sites.size < 2 && releases.size < 2 && filter.edge === '' && filter.release === '') return null;
  return (
    <search aria-label={t('filters')} className="mb-4 flex flex-wrap gap-3">
      <Select
        aria-label={t('edge')}
        className="w-56 max-w-full"
        value={filter.edge}
        onChange={(event) => onChange({ ...filter, edge: event.target.value })}
        options={[{ value: '', label: t('anyEdge') }, ...optionsOf(sites)]}
      />
      <Select
        aria-label={t('release')}
        className="w-56 max-w-full"
        value={filter.release}
        onChange={(event) => onChange({ ...filter, release: event.target.value })}
        options={[{ value: '', label: t('anyRelease') }, ...optionsOf(releases)]}
      />
    </search>
  );
}

const optionsOf = (names: ReadonlyMap<string, string>) =>
  [...names]
    .map(([value, label]) => ({ value, label }))
    .toSorted((one, other) => one.label.localeCompare(other.label));
