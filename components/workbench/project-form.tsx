'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { Boxes, Server } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import { Controller, useForm, useWatch } from 'react-hook-form';
import { z } from 'zod';
import type { ProblemReport } from '@/server/problem';
import {
  appTypes,
  architectures,
  iconInput,
  industries,
  projectFields,
  projectKinds,
  type ProjectFields,
  type ProjectKind,
} from '@/server/workbench/schemas';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { ChoiceField } from '../ui/choice-field';
import { Field } from '../ui/field';
import { Form } from '../ui/form';
import { FormErrors } from '../ui/form-errors';
import { Input } from '../ui/input';
import { Select } from '../ui/select';
import { Textarea } from '../ui/textarea';
import { IconField, type IconValue } from './icon-field';
import { ReadmeField } from './readme-field';

// The kind is asked for once, when the project is made.
const schema = projectFields.extend({
  kind: z.enum(projectKinds).optional(),
  icon: iconInput.nullable().optional(),
});

/** Where a rule of the form can be broken: zod names the field. */
type FieldName = keyof typeof schema.shape;

export interface ProjectFormValues extends ProjectFields {
  kind?: ProjectKind | undefined;
  icon?: IconValue;
}

/** The fields of a project, for a new one and to change one. */
export function ProjectForm({
  values,
  currentIcon,
  submitLabel,
  isNew = false,
  busy,
  problem,
  cancel,
  onSubmit,
}: {
  values: ProjectFormValues;
  currentIcon?: string | undefined;
  submitLabel: string;
  isNew?: boolean;
  busy: boolean;
  problem: ProblemReport | undefined;
  cancel?: ReactNode;
  onSubmit: (values: ProjectFormValues) => void;
}) {
  const t = useTranslations('workbench.form');
  const tList = useTranslations('workbench');
  const form = useForm<ProjectFormValues>({
    defaultValues: values,
    resolver: zodResolver(schema, {
      error: (issue: z.core.$ZodRawIssue) => t(`rules.${String(issue.path?.[0]) as FieldName}`),
    }),
  });
  const { register, control, formState } = form;
  const [typedName, readme] = useWatch({ control, name: ['name', 'readme'] });
  const { errors } = formState;
  const text = (name: 'name' | 'version' | 'provider' | 'description' | 'readme') => errors[name]?.message;

  return (
    <Form form={form} className="flex max-w-3xl flex-col gap-6" onSubmit={onSubmit}>
      <Card title={t('basics')}>
        <div className="flex flex-col gap-5">
          {isNew && (
            <ChoiceField
              control={control}
              name="kind"
              label={t('kind')}
              columns={2}
              options={[
                { value: 'vm', title: tList('kinds.vm'), description: t('kindVm'), icon: <Server /> },
                {
                  value: 'container',
                  title: tList('kinds.container'),
                  description: t('kindContainer'),
                  icon: <Boxes />,
                },
              ]}
            />
          )}
          <Field
            label={t('name')}
            hint={errors.name ? undefined : t('rules.name')}
            error={text('name')}
            required
          >
            <Input {...register('name')} autoComplete="off" />
          </Field>
          <Field label={t('description')} error={text('description')} hint={t('descriptionHint')} optional>
            <Textarea rows={2} {...register('description')} />
          </Field>
          <Controller
            control={control}
            name="icon"
            render={({ field }) => (
              <IconField
                name={typedName}
                current={currentIcon}
                value={field.value}
                onChange={field.onChange}
              />
            )}
          />
        </div>
      </Card>
      <Card title={t('catalogue')} description={t('catalogueText')}>
        <div className="grid gap-5 sm:grid-cols-2">
          <Field label={t('provider')} error={text('provider')} hint={t('providerHint')} required>
            <Input {...register('provider')} autoComplete="organization" />
          </Field>
          <Field label={t('version')} error={text('version')} hint={t('versionHint')} required>
            <Input {...register('version')} />
          </Field>
          <Field label={t('industry')} error={errors.industry?.message}>
            <Select
              options={industries.map((value) => ({ value, label: tList(`industries.${value}`) }))}
              {...register('industry')}
            />
          </Field>
          <Field label={t('type')} error={errors.type?.message}>
            <Select
              options={appTypes.map((value) => ({ value, label: tList(`appTypes.${value}`) }))}
              {...register('type')}
            />
          </Field>
          <Field label={t('architecture')} error={errors.architecture?.message}>
            <Select
              options={architectures.map((value) => ({ value, label: tList(`architectures.${value}`) }))}
              {...register('architecture')}
            />
          </Field>
        </div>
      </Card>
      <Card title={t('readme')} description={t('readmeText')}>
        <ReadmeField text={readme} error={text('readme')} textarea={register('readme')} />
      </Card>
      <FormErrors
        errors={errors}
        problem={problem}
        labels={Object.fromEntries(schema.keyof().options.map((name) => [name, t(name)]))}
      />
      <div className="flex flex-wrap gap-3">
        <Button type="submit" variant="primary" busy={busy}>
          {submitLabel}
        </Button>
        {cancel}
      </div>
    </Form>
  );
}
