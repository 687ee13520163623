'use client';

import { useTranslations } from 'next-intl';
import type { CSSProperties } from 'react';
import { useFormContext, useWatch } from 'react-hook-form';
import { useTextOf } from '../i18n/use-text-of';
import { Field } from '../ui/field';
import { Textarea } from '../ui/textarea';
import type { WorkloadForm } from './workload-form';

// A password field takes one line only, and keys have many.
const hidden: CSSProperties & { WebkitTextSecurity: string } = { WebkitTextSecurity: 'disc' };

/** Gives a field its error in words: the messages of this form's rules are keys of `workloadSites.rules`. */
export function useWorkloadRule(): (error: { message?: string | undefined } | undefined) => {
  error?: string;
} {
  const textOf = useTextOf('workloadSites.rules');
  return (error) => (error?.message === undefined ? {} : { error: textOf(error.message) ?? error.message });
}

/** A token, a key or a certificate: pasted, sent once, and never shown again. */
export function SecretText({
  label,
  hint,
  optional = false,
}: {
  label: string;
  hint: string;
  optional?: boolean;
}) {
  const t = useTranslations('workloadSites.form');
  const { register, control, formState } = useFormContext<WorkloadForm>();
  const rule = useWorkloadRule();
  const stored = useWatch({ control, name: 'stored' });
  const needed = !stored && !optional;
  return (
    <Field
      label={label}
      hint={stored ? t('secretStored') : hint}
      required={needed}
      optional={!needed}
      {...rule(formState.errors.secret)}
    >
      <Textarea
        mono
        rows={3}
        spellCheck={false}
        autoComplete="off"
        placeholder={stored ? t('secretUnchanged') : undefined}
        style={hidden}
        {...register('secret')}
      />
    </Field>
  );
}
