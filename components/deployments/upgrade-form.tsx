'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { Deployment } from '@/server/operations/deployments/schemas';
import type { SyncedRelease } from '@/server/operations/sync/schemas';
import { problemOf } from '../api/problem-of';
import { useSettled } from '../api/use-settled';
import { useTRPC } from '../api/trpc-provider';
import { ErrorState } from '../ui/error-state';
import { SkeletonRows } from '../ui/skeleton';
import { UpgradeFields } from './upgrade-fields';
import { yamlFault } from './yaml-fault';

/** Rest after which changed values are planned anew, in milliseconds. */
const rest = 600;

/** What an upgrade to a release would change, asked of the site as the values change. */
export function UpgradeForm({
  deployment,
  values,
  release,
}: {
  deployment: Deployment;
  /** The chart's values as they are now. */
  values: string;
  release: SyncedRelease;
}) {
  const t = useTranslations('deploymentPages.upgrade');
  const trpc = useTRPC();
  const [yaml, setYaml] = useState(values);
  const settled = useSettled(yaml, rest);
  const [sound, setSound] = useState(values);
  if (settled !== sound && yamlFault(settled) === undefined) setSound(settled);
  const plan = useQuery(
    trpc.deployments.planUpgrade.queryOptions(
      { id: deployment.id, upgrade: { releaseId: release.id, parameters: {}, values: sound } },
      { placeholderData: keepPreviousData, retry: false, trpc: { context: { posted: true } } },
    ),
  );
  const problem = plan.error === null ? undefined : problemOf(plan.error);
  if (!plan.data) {
    return problem ? (
      <ErrorState problem={problem} onRetry={() => void plan.refetch()} />
    ) : (
      <SkeletonRows rows={6} label={t('asking')} />
    );
  }
  return (
    <UpgradeFields
      key={plan.data.parameters.map(({ name }) => name).join('\n')}
      deployment={deployment}
      release={release}
      plan={plan.data}
      problem={problem}
      yaml={yaml}
      onYaml={setYaml}
      planned={sound === yaml && !plan.isPlaceholderData}
    />
  );
}
