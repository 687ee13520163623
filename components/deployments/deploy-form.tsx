'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useMemo, useState } from 'react';
import { useForm } from 'react-hook-form';
import type { PackageDetail } from '@/server/packages/schemas';
import type { SiteView } from '@/server/sites/schemas';
import type { StackPlan } from '@/server/sites/stacks';
import { problemOf } from '../api/problem-of';
import { newRequestKey } from '../api/request-key';
import { useTRPC } from '../api/trpc-provider';
import { SideForm } from '../ui/side-form';
import { DeploymentErrors, NameCard, ParametersCard } from './deployment-fields';
import { deploymentForm, firstValues, freeName, toParameters, type DeploymentForm } from './deployment-form';
import { DeploymentSummary } from './deployment-summary';
import { TemplateCard } from './template-card';

/** Name and parameters of a deployment, the template they go into, and the button. */
export function DeployForm({
  item,
  site,
  plan,
  taken,
}: {
  item: PackageDetail;
  site: SiteView;
  plan: StackPlan;
  /** Names of the site's deployments. */
  taken: readonly string[];
}) {
  const t = useTranslations('deployments.new');
  const trpc = useTRPC();
  const router = useRouter();
  const queries = useQueryClient();
  const { parameters } = plan;
  // One key per form: a double click, or a try again after a lost answer, makes one deployment.
  const [requestKey] = useState(newRequestKey);
  const form = useForm<DeploymentForm>({
    defaultValues: firstValues(freeName(item.name, taken), parameters),
    resolver: zodResolver(useMemo(() => deploymentForm(parameters), [parameters])),
  });
  const create = useMutation(
    trpc.deployments.create.mutationOptions({
      onSuccess: async ({ deployment }) => {
        await queries.invalidateQueries(trpc.deployments.list.pathFilter());
        router.push(`/deployments/${deployment.id}`);
      },
    }),
  );
  const deploy = ({ name, values }: DeploymentForm) =>
    create.mutate({
      deployment: {
        packageId: item.id,
        siteId: site.id,
        name,
        parameters: toParameters(parameters, values),
      },
      requestKey,
    });
  return (
    <SideForm
      form={form}
      onSubmit={deploy}
      width="narrow"
      side={
        <DeploymentSummary
          packageName={`${item.name} ${item.version}`}
          siteName={site.name}
          plan={plan}
          busy={create.isPending || create.isSuccess}
        >
          <DeploymentErrors
            parameters={parameters}
            problem={create.error ? problemOf(create.error) : undefined}
          />
        </DeploymentSummary>
      }
    >
      <NameCard hint={t('nameHint')} />
      <ParametersCard parameters={parameters} />
      <TemplateCard text={plan.template} fileName={`${freeName(item.name, [])}-${item.version}`} />
    </SideForm>
  );
}
