'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { EdgeView } from '@/server/operations/edges/schemas';
import type { SyncedRelease } from '@/server/operations/sync/schemas';
import { useSettled } from '../api/use-settled';
import { useTRPC } from '../api/trpc-provider';
import { ErrorState } from '../ui/error-state';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { commonParameters } from './common-parameters';
import { ReleaseFields } from './release-fields';
import { useReleasePlans } from './use-release-plans';
import { yamlFault } from './yaml-fault';

/** Rest after which changed values are planned anew, in milliseconds. */
const rest = 600;

/** What a release is deployed with, what each edge makes of it, and the start. */
export function ReleaseForm({ release, edges }: { release: SyncedRelease; edges: readonly EdgeView[] }) {
  const t = useTranslations('deploymentPages.new');
  const trpc = useTRPC();
  const [yaml, setYaml] = useState('');
  const settled = useSettled(yaml, rest);
  const [sound, setSound] = useState('');
  // What is no YAML is not worth a question: the last that was stays planned.
  if (settled !== sound && yamlFault(settled) === undefined) setSound(settled);
  const plans = useReleasePlans(release.id, edges, sound);
  const others = useQuery(trpc.deployments.list.queryOptions({}));
  const known = plans.flatMap(({ plan }) => plan ?? []);
  const [first] = known;
  const failed = plans.find(({ problem }) => problem !== undefined);
  if (!first) {
    return failed?.problem ? (
      <ErrorState problem={failed.problem} title={failed.edge.name} />
    ) : (
      <SkeletonRows rows={6} label={t('asking')} />
    );
  }
  const parameters = commonParameters(known.map((plan) => plan.parameters));
  return (
    <QueryView query={others} pending={<SkeletonRows rows={6} label={t('loading')} />}>
      {(deployments) => (
        <ReleaseFields
          // Another set of questions is another form.
          key={parameters.map(({ name }) => name).join('\n')}
          release={release}
          edges={edges}
          plans={plans}
          first={first}
          parameters={parameters}
          taken={deployments
            .filter(({ siteId }) => edges.some(({ id }) => id === siteId))
            .map(({ name }) => name)}
          yaml={yaml}
          onYaml={setYaml}
          planned={sound === yaml}
        />
      )}
    </QueryView>
  );
}
