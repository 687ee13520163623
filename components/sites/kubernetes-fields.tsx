'use client';

import { useTranslations } from 'next-intl';
import { useFormContext, useWatch } from 'react-hook-form';
import { ChoiceField } from '../ui/choice-field';
import { Field } from '../ui/field';
import { Input } from '../ui/input';
import { UrlInput } from '../ui/url-input';
import type { WorkloadForm } from './workload-form';
import { SecretText, useWorkloadRule } from './workload-secret';

/** How to sign in to a Kubernetes cluster. */
export function KubernetesFields() {
  const t = useTranslations('workloadSites.form');
  const { register, control, formState } = useFormContext<WorkloadForm>();
  const rule = useWorkloadRule();
  const errors = formState.errors.kubernetes as Partial<Record<string, { message?: string }>> | undefined;
  const method = useWatch({ control, name: 'kubernetes.method' });
  return (
    <div className="flex flex-col gap-5">
      <Field label={t('server')} hint={t('serverHint')} required {...rule(errors?.['server'])}>
        <UrlInput placeholder="https://cluster.example:6443" {...register('kubernetes.server')} />
      </Field>
      <ChoiceField
        control={control}
        name="kubernetes.method"
        label={t('method')}
        columns={2}
        options={[
          { value: 'token', title: t('token'), description: t('tokenText') },
          { value: 'certificate', title: t('certificate'), description: t('certificateText') },
        ]}
      />
      <SecretText label={t(method)} hint={t(method === 'token' ? 'tokenHint' : 'certificateHint')} />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t('tlsServerName')} hint={t('tlsServerNameHint')} optional>
          <Input autoComplete="off" {...register('kubernetes.tlsServerName')} />
        </Field>
        <Field label={t('publicHost')} hint={t('publicHostHint')} optional>
          <Input autoComplete="off" {...register('kubernetes.publicHost')} />
        </Field>
      </div>
    </div>
  );
}
