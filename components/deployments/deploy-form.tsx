'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useMemo, useState } from 'react';
import { FormProvider, useForm } from 'react-hook-form';
import type { PackageDetail } from '@/server/packages/schemas';
import type { SiteView } from '@/server/sites/schemas';
import type { StackPlan } from '@/server/sites/stacks';
import { problemOf } from '../api/problem-of';
import { newRequestKey } from '../api/request-key';
import { useTRPC } from '../api/trpc-provider';
import { Card } from '../ui/card';
import { Field } from '../ui/field';
import { FormErrors } from '../ui/form-errors';
import { Input } from '../ui/input';
import { deploymentForm, firstValues, freeName, toParameters, type DeploymentForm } from './deployment-form';
import { DeploymentSummary } from './deployment-summary';
import { isRule, ParameterFields } from './parameter-fields';
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
  const { errors } = form.formState;
  const ruleText = (message: string | undefined) => (isRule(message) ? t(`rules.${message}`) : message);
  const nameError = ruleText(errors.name?.message);
  const labels = {
    name: t('name'),
    ...Object.fromEntries(parameters.map(({ name }, index) => [`values.${index}`, name])),
  };
  return (
    <FormProvider {...form}>
      <form
        method="post"
        noValidate
        className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_22rem]"
        onSubmit={(event) => void form.handleSubmit(deploy)(event)}
      >
        <div className="flex min-w-0 flex-col gap-6">
          <Card>
            <Field
              label={t('name')}
              hint={nameError === undefined ? t('nameHint') : undefined}
              error={nameError}
              required
            >
              <Input mono autoComplete="off" spellCheck={false} {...form.register('name')} />
            </Field>
          </Card>
          <Card
            title={t('parameters')}
            description={t(parameters.length === 0 ? 'noParameters' : 'parametersText')}
          >
            {parameters.length > 0 && <ParameterFields parameters={parameters} />}
          </Card>
          <TemplateCard text={plan.template} fileName={`${freeName(item.name, [])}-${item.version}`} />
        </div>
        <DeploymentSummary
          packageName={`${item.name} ${item.version}`}
          siteName={site.name}
          plan={plan}
          busy={create.isPending || create.isSuccess}
        >
          <FormErrors
            errors={errors}
            labels={labels}
            translate={(message) => ruleText(message) ?? message}
            problem={create.error ? problemOf(create.error) : undefined}
          />
        </DeploymentSummary>
      </form>
    </FormProvider>
  );
}
