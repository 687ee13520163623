'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useMemo, useState } from 'react';
import { FormProvider, useForm } from 'react-hook-form';
import type { ReleasePlan } from '@/server/operations/deployments/schemas';
import type { EdgeView } from '@/server/operations/edges/schemas';
import type { SyncedRelease } from '@/server/operations/sync/schemas';
import { problemOf } from '../api/problem-of';
import { newRequestKey } from '../api/request-key';
import { useTRPC } from '../api/trpc-provider';
import { useMayOperate } from '../distribution/use-may-operate';
import { Card } from '../ui/card';
import { Field } from '../ui/field';
import { FormErrors } from '../ui/form-errors';
import { Input } from '../ui/input';
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
import { isRule, ParameterFields } from './parameter-fields';
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
  const t = useTranslations('deployments.new');
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
  const { errors } = form.formState;
  const ruleText = (message: string | undefined) => (isRule(message) ? t(`rules.${message}`) : message);
  const nameError = ruleText(errors.name?.message);
  const labels = {
    name: t('name'),
    ...Object.fromEntries(parameters.map(({ name }, index) => [`values.${index}`, name])),
  };
  const refusal = !mayOperate
    ? own('operatorsDeploy')
    : yamlFault(yaml) !== undefined
      ? own('badValues')
      : planned
        ? undefined
        : own('asking');
  return (
    <FormProvider {...form}>
      <form
        method="post"
        noValidate
        className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_23rem]"
        onSubmit={(event) => void form.handleSubmit(submit)(event)}
      >
        <div className="flex min-w-0 flex-col gap-6">
          <Card>
            <Field
              label={t('name')}
              hint={nameError === undefined ? own(`nameHint.${runs}`) : undefined}
              error={nameError}
              required
            >
              <Input mono autoComplete="off" spellCheck={false} {...form.register('name')} />
            </Field>
          </Card>
          {(runs === 'stack' || parameters.length > 0) && (
            <Card
              title={t('parameters')}
              description={t(parameters.length === 0 ? 'noParameters' : 'parametersText')}
            >
              {parameters.length > 0 && <ParameterFields parameters={parameters} />}
            </Card>
          )}
          {first.defaults !== '' && <ValuesEditor value={yaml} onChange={onYaml} defaults={first.defaults} />}
          <ReleasePreview plan={first} fileName={`${freeName(release.name, [])}-${release.version}`} />
        </div>
        <ReleaseSummary
          release={release}
          edges={edges}
          plans={plans}
          refusal={refusal}
          busy={deploy.isPending || deploy.isSuccess}
        >
          <FormErrors
            errors={errors}
            labels={labels}
            translate={(message) => ruleText(message) ?? message}
            problem={deploy.error ? problemOf(deploy.error) : undefined}
          />
        </ReleaseSummary>
      </form>
    </FormProvider>
  );
}
