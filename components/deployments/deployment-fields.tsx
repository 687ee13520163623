'use client';

import { useTranslations } from 'next-intl';
import { useFormContext } from 'react-hook-form';
import type { ProblemReport } from '@/server/problem';
import { Card } from '../ui/card';
import { Field } from '../ui/field';
import { FormErrors } from '../ui/form-errors';
import { Input } from '../ui/input';
import type { DeploymentForm, Parameter } from './deployment-form';
import { ParameterFields } from './parameter-fields';
import { useRuleText } from './use-rule-text';

/** Asks for a deployment's name. */
export function NameCard({ hint }: { hint: string }) {
  const t = useTranslations('deployments.new');
  const { register, formState } = useFormContext<DeploymentForm>();
  const error = useRuleText()(formState.errors.name?.message);
  return (
    <Card>
      <Field label={t('name')} hint={error === undefined ? hint : undefined} error={error} required>
        <Input mono autoComplete="off" spellCheck={false} {...register('name')} />
      </Field>
    </Card>
  );
}

/** Asks for what the package wants to know, or says that it wants nothing. */
export function ParametersCard({ parameters }: { parameters: readonly Parameter[] }) {
  const t = useTranslations('deployments.new');
  return (
    <Card
      title={t('parameters')}
      description={t(parameters.length === 0 ? 'noParameters' : 'parametersText')}
    >
      {parameters.length > 0 && <ParameterFields parameters={parameters} />}
    </Card>
  );
}

/** What the form or the server has against a deployment. */
export function DeploymentErrors({
  parameters,
  problem,
}: {
  parameters: readonly Parameter[];
  problem: ProblemReport | undefined;
}) {
  const t = useTranslations('deployments.new');
  const { formState } = useFormContext<DeploymentForm>();
  const ruleText = useRuleText();
  return (
    <FormErrors
      errors={formState.errors}
      labels={{
        name: t('name'),
        ...Object.fromEntries(parameters.map(({ name }, index) => [`values.${index}`, name])),
      }}
      translate={(message) => ruleText(message) ?? message}
      problem={problem}
    />
  );
}
