'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ArrowUpCircle } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useMemo } from 'react';
import { useForm } from 'react-hook-form';
import type { Deployment, UpgradePlan } from '@/server/operations/deployments/schemas';
import type { SyncedRelease } from '@/server/operations/sync/schemas';
import type { ProblemReport } from '@/server/problem';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Card } from '../ui/card';
import { ErrorState, useProblemText } from '../ui/error-state';
import { KeyValueList } from '../ui/key-value';
import { SideForm } from '../ui/side-form';
import { SummaryCard } from '../ui/summary-card';
import { TextDiff } from '../ui/text-diff';
import { Verdict } from '../ui/verdict';
import { DeploymentErrors } from './deployment-fields';
import { againWith, deploymentForm, firstValues, toParameters, type DeploymentForm } from './deployment-form';
import { ParameterFields } from './parameter-fields';
import { ReleasePreview } from './release-preview';
import { ValuesEditor } from './values-editor';
import { yamlFault } from './yaml-fault';

/** The form of an upgrade: parameters and values as they are now, the difference it makes, and the start. */
export function UpgradeFields({
  deployment,
  release,
  plan,
  problem,
  yaml,
  onYaml,
  planned,
}: {
  deployment: Deployment;
  release: SyncedRelease;
  plan: UpgradePlan;
  /** Why the newest values could not be planned. */
  problem: ProblemReport | undefined;
  yaml: string;
  onYaml: (yaml: string) => void;
  /** Whether the plan is of the values that stand there now. */
  planned: boolean;
}) {
  const t = useTranslations('deploymentPages.upgrade');
  const rules = useTranslations('deployments.new');
  const own = useTranslations('deploymentPages.new');
  const trpc = useTRPC();
  const router = useRouter();
  const queries = useQueryClient();
  const say = useProblemText();
  const parameters = useMemo(
    () => againWith(plan.parameters, deployment.parameters),
    [plan.parameters, deployment.parameters],
  );
  const form = useForm<DeploymentForm>({
    defaultValues: firstValues(deployment.name, parameters),
    resolver: zodResolver(useMemo(() => deploymentForm(parameters), [parameters])),
  });
  const upgrade = useMutation(
    trpc.deployments.upgrade.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries(trpc.deployments.pathFilter());
        router.push(`/deployments/${deployment.id}`);
      },
    }),
  );
  const submit = ({ values }: DeploymentForm) =>
    upgrade.mutate({
      id: deployment.id,
      upgrade: { releaseId: release.id, parameters: toParameters(parameters, values), values: yaml },
    });
  const reasons = plan.reasons.map(({ key, params }) => say({ code: 'conflict', key, params }));
  const refusal =
    yamlFault(yaml) !== undefined
      ? own('badValues')
      : !planned
        ? own('asking')
        : reasons.length > 0 || problem
          ? rules('cannot')
          : undefined;
  return (
    <SideForm
      form={form}
      onSubmit={submit}
      width="narrow"
      side={
        <SummaryCard
          title={t('summary')}
          then={t('then')}
          submit={{
            label: t('start'),
            icon: <ArrowUpCircle />,
            busy: upgrade.isPending || upgrade.isSuccess,
            refusal,
          }}
        >
          <KeyValueList
            items={[
              { label: t('from'), value: deployment.packageVersion },
              { label: t('to'), value: release.version },
              { label: t('site'), value: deployment.siteName },
            ]}
          />
          <div aria-live="polite" className="flex flex-col gap-2 text-sm">
            <Verdict good={rules('ready')} bad={rules('against')} reasons={reasons} />
          </div>
          {problem && <ErrorState problem={problem} compact />}
          <DeploymentErrors
            parameters={parameters}
            problem={upgrade.error ? problemOf(upgrade.error) : undefined}
          />
        </SummaryCard>
      }
    >
      {parameters.length > 0 && (
        <Card title={rules('parameters')} description={t('parametersText')}>
          <ParameterFields parameters={parameters} />
        </Card>
      )}
      {plan.defaults !== '' && <ValuesEditor value={yaml} onChange={onYaml} defaults={plan.defaults} />}
      <Card title={t('diff')} description={t('diffText')}>
        <TextDiff label={t('diff')} before={plan.before} after={plan.template} />
      </Card>
      {/* The text stands in the difference above. */}
      <ReleasePreview plan={{ ...plan, template: '' }} fileName="" />
    </SideForm>
  );
}
