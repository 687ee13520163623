'use client';

import { useTranslations } from 'next-intl';
import { useFormContext } from 'react-hook-form';
import { PasswordInput } from '../access/password-input';
import { Field } from '../ui/field';
import { Input } from '../ui/input';
import { Select } from '../ui/select';
import type { DeploymentForm, Parameter } from './deployment-form';
import { useRuleText } from './use-rule-text';

/** Asks for what the package wants to know, each by its type; what nobody may read over a shoulder as dots. */
export function ParameterFields({ parameters }: { parameters: readonly Parameter[] }) {
  return (
    <div className="grid gap-5 sm:grid-cols-2">
      {parameters.map((parameter, index) => (
        <ParameterField key={parameter.name} parameter={parameter} index={index} />
      ))}
    </div>
  );
}

function ParameterField({ parameter, index }: { parameter: Parameter; index: number }) {
  const t = useTranslations('deployments.new');
  const { register, formState } = useFormContext<DeploymentForm>();
  const error = useRuleText()(formState.errors.values?.[index]?.message);
  const field = register(`values.${index}`);
  const { choices } = parameter;
  return (
    <Field
      label={parameter.name}
      required={parameter.required}
      optional={!parameter.required}
      {...(parameter.description !== '' && { hint: parameter.description })}
      error={error}
    >
      {parameter.type === 'boolean' ? (
        <Select
          {...field}
          options={[
            ...(parameter.default === undefined ? [{ value: '', label: t('choose') }] : []),
            { value: 'true', label: t('yes') },
            { value: 'false', label: t('no') },
          ]}
        />
      ) : choices !== undefined ? (
        <Select
          {...field}
          options={[
            { value: '', label: t(parameter.required ? 'choose' : 'siteChooses') },
            ...choices.map((choice) => ({ value: choice, label: choice })),
          ]}
        />
      ) : parameter.secret ? (
        <PasswordInput {...field} autoComplete="new-password" />
      ) : (
        <Input
          {...field}
          mono
          autoComplete="off"
          spellCheck={false}
          {...(parameter.type === 'number' && { inputMode: 'decimal' as const })}
        />
      )}
    </Field>
  );
}
