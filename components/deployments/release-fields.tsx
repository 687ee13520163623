'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useMemo, useState } from 'react';
import { useForm } from 'react-hook-form';
import type { ReleasePlan } from '@/server/operations/deployments/schemas';
import type { EdgeView } from '@/server/operations/edges/schemas';
import type { SyncedRelease } from '@/server/operations/sync/schemas';
import { problemOf } from '../api/problem-of';
import { newRequestKey } from '../api/request-key';
import { useTRPC } from '../api/trpc-provider';
import { useMayOperate } from '../distribution/use-may-operate';
import { SideForm } from '../ui/side-form';
import { DeploymentErrors, NameCard, ParametersCard } from './deployment-fields';
import {
  freeName,
  labelName,
  releaseForm,
  firstValues,
  toParameters,
  type DeploymentForm,
  type Parameter,
} from './deployment-form';
import { DeployOutcome } from './deploy-outcome';
import { ReleasePreview } from './release-preview';
import { ReleaseSummary } from './release-summary';
import type { EdgePlan } from './use-release-plans';
import { ValuesEditor } from './values-editor';
import { yamlFault } from './yaml-fault';

/** The form of a release's deployment, once it is known what the release asks for. */
export function ReleaseFields({
  release,
  edges,
  plans,
  first,
  parameters,
  taken,
  yaml,
  onYaml,
  planned,
}: {
  release: SyncedRelease;
  edges: readonly EdgeView[];
  plans: readonly EdgePlan[];
  /** The plan of the first edge that answered. */
  first: ReleasePlan;
  parameters: readonly Parameter[];
  /** Names of deployments at the edges. */
  taken: readonly string[];
  yaml: string;
  onYaml: (yaml: string) => void;
  /** Whether the plans are of the values that stand there now. */
  planned: boolean;
}) {
  const own = useTranslations('deploymentPages.new');
  const trpc = useTRPC();
  const router = useRouter();
  const queries = useQueryClient();
  const mayOperate = useMayOperate();
  const { runs } = first;
  // One key per form: a double click, or a try again after a lost answer, deploys once.
  const [requestKey] = useState(newRequestKey);
  const form = useForm<DeploymentForm>({
    defaultValues: firstValues(
      runs === 'workload' ? labelName(release.name, taken) : freeName(release.name, taken),
      parameters,
    ),
    resolver: zodResolver(useMemo(() => releaseForm(parameters, runs), [parameters, runs])),
  });
  const deploy = useMutation(
    trpc.deployments.deployRelease.mutationOptions({
      onSuccess: async ({ started, refused }) => {
        await queries.invalidateQueries(trpc.deployments.list.pathFilter());
        const [only] = started;
        if (only && started.length === 1 && refused.length === 0)
          router.push(`/deployments/${only.deployment.id}`);
      },
    }),
  );
  if (deploy.data && (deploy.data.started.length > 1 || deploy.data.refused.length > 0)) {
    return <DeployOutcome outcome={deploy.data} edges={edges} />;
  }
  const submit = ({ name, values }: DeploymentForm) =>
    deploy.mutate({
      deployment: {
        releaseId: release.id,
        edgeIds: edges.map(({ id }) => id),
        name,
        parameters: toParameters(parameters, values),
        values: yaml,
      },
      requestKey,
    });
  const refusal = !mayOperate
    ? own('operatorsDeploy')
    : yamlFault(yaml) !== undefined
      ? own('badValues')
      : planned
        ? undefined
        : own('asking');
  return (
    <SideForm
      form={form}
      onSubmit={submit}
      width="narrow"
      side={
        <ReleaseSummary
          release={release}
          edges={edges}
          plans={plans}
          refusal={refusal}
          busy={deploy.isPending || deploy.isSuccess}
        >
          <DeploymentErrors
            parameters={parameters}
            problem={deploy.error ? problemOf(deploy.error) : undefined}
          />
        </ReleaseSummary>
      }
    >
      <NameCard hint={own(`nameHint.${runs}`)} />
      {(runs === 'stack' || parameters.length > 0) && <ParametersCard parameters={parameters} />}
      {first.defaults !== '' && <ValuesEditor value={yaml} onChange={onYaml} defaults={first.defaults} />}
      <ReleasePreview plan={first} fileName={`${freeName(release.name, [])}-${release.version}`} />
    </SideForm>
  );
}
