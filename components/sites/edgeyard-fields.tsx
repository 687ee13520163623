'use client';

import { useTranslations } from 'next-intl';
import { useFormContext, useWatch } from 'react-hook-form';
import { Field } from '../ui/field';
import { Notice } from '../ui/notice';
import { UrlInput } from '../ui/url-input';
import type { WorkloadForm } from './workload-form';
import { SecretText, useWorkloadRule } from './workload-secret';

/** How to reach another Edgeyard. */
export function EdgeyardFields() {
  const t = useTranslations('workloadSites.form');
  const { register, control, formState } = useFormContext<WorkloadForm>();
  const rule = useWorkloadRule();
  const errors = formState.errors.edgeyard as Partial<Record<string, { message?: string }>> | undefined;
  const url = useWatch({ control, name: 'edgeyard.url' });
  return (
    <div className="flex flex-col gap-5">
      <Field label={t('yard')} hint={t('yardHint')} required {...rule(errors?.['url'])}>
        <UrlInput placeholder="https://yard.example.org" {...register('edgeyard.url')} />
      </Field>
      {url.trim().startsWith('http:') && (
        <Notice tone="danger" title={t('insecureTitle')}>
          {t('insecureText')}
        </Notice>
      )}
      <SecretText label={t('yardToken')} hint={t('yardTokenHint')} />
    </div>
  );
}
