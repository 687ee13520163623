'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useFormContext, useWatch } from 'react-hook-form';
import { visibilities } from '@/server/images/schemas';
import { useTRPC } from '../api/trpc-provider';
import { Checkbox } from '../ui/checkbox';
import { ChoiceField } from '../ui/choice-field';
import { Field } from '../ui/field';
import { Input } from '../ui/input';
import { Select } from '../ui/select';
import { Textarea } from '../ui/textarea';
import type { ImageFactsValues } from './image-form';

/** What a person says about a new image that no header tells. */
export function ImageFactsFields() {
  const t = useTranslations('images.new');
  const { register, formState } = useFormContext<ImageFactsValues>();
  const { errors } = formState;
  return (
    <>
      <Field label={t('name')} hint={t('nameHint')} error={errors.name?.message} required>
        <Input {...register('name')} autoComplete="off" />
      </Field>
      <Field label={t('descriptionLabel')} error={errors.description?.message} optional>
        <Textarea rows={2} {...register('description')} />
      </Field>
      <div className="grid gap-5 sm:grid-cols-2">
        <Field label={t('os')} hint={t('osHint')} error={errors.os?.message} optional>
          <Input {...register('os')} autoComplete="off" />
        </Field>
        <Field label={t('login')} hint={t('loginHint')} error={errors.login?.message} optional>
          <Input mono {...register('login')} autoComplete="off" />
        </Field>
      </div>
      <Checkbox label={t('cloudInit')} hint={t('cloudInitHint')} {...register('cloudInit')} />
      <VisibilityFields />
    </>
  );
}

function VisibilityFields() {
  const t = useTranslations('images');
  const trpc = useTRPC();
  const { control, register, formState } = useFormContext<ImageFactsValues>();
  const visibility = useWatch({ control, name: 'visibility' });
  const projects = useQuery(trpc.workbench.projects.list.queryOptions({ q: '' }));
  const options = (projects.data ?? []).map(({ id, name }) => ({ value: id, label: name }));
  return (
    <>
      <ChoiceField
        control={control}
        name="visibility"
        label={t('new.visibility')}
        columns={3}
        options={visibilities.map((value) => ({
          value,
          title: t(`visibility.${value}`),
          description: t(`visibility.${value}Text`),
        }))}
      />
      {visibility === 'project' && (
        <Field
          label={t('new.project')}
          hint={t('new.projectHint')}
          error={formState.errors.projectId?.message}
          required
        >
          <Select
            options={[{ value: '', label: t('new.noProject') }, ...options]}
            {...register('projectId')}
          />
        </Field>
      )}
    </>
  );
}
