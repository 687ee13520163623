'use client';

import { useTranslations } from 'next-intl';
import { useFormContext, useWatch, type FieldError } from 'react-hook-form';
import { useTextOf } from '../i18n/use-text-of';
import { Checkbox } from '../ui/checkbox';
import { ChoiceField } from '../ui/choice-field';
import { Field } from '../ui/field';
import { Input } from '../ui/input';
import { Notice } from '../ui/notice';
import { PemField } from '../ui/pem-field';
import { SecretInput } from '../ui/secret-input';
import { Select } from '../ui/select';
import { UrlInput } from '../ui/url-input';
import type { SiteForm } from './site-form';

const interfaces = ['public', 'internal', 'admin'] as const;

/** Gives a field its error in words: the messages of this form's rules are keys of `adminSites.rules`. */
export function useRuleText(): (error: FieldError | undefined) => { error?: string } {
  const textOf = useTextOf('adminSites.rules');
  return (error) => (error?.message === undefined ? {} : { error: textOf(error.message) ?? error.message });
}

/** How to sign in to an OpenStack cloud. */
export function LoginFields() {
  const t = useTranslations('adminSites.form');
  const { register, control, formState } = useFormContext<SiteForm>();
  const rule = useRuleText();
  const errors = formState.errors.config;
  const method = useWatch({ control, name: 'config.method' });
  return (
    <div className="flex flex-col gap-5">
      <Field label={t('authUrl')} hint={t('authUrlHint')} required {...rule(errors?.authUrl)}>
        <UrlInput placeholder="https://cloud.example:5000/v3" {...register('config.authUrl')} />
      </Field>
      <ChoiceField
        control={control}
        name="config.method"
        label={t('method')}
        columns={2}
        options={[
          {
            value: 'applicationCredential',
            title: t('methods.applicationCredential'),
            description: t('methods.applicationCredentialText'),
          },
          { value: 'password', title: t('methods.password'), description: t('methods.passwordText') },
        ]}
      />
      {method === 'password' ? <PasswordFields /> : <CredentialFields />}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t('region')} hint={t('regionHint')} optional {...rule(errors?.region)}>
          <Input autoComplete="off" {...register('config.region')} />
        </Field>
        <Field label={t('interface')} hint={t('interfaceHint')}>
          <Select
            options={interfaces.map((value) => ({ value, label: t(`interfaces.${value}`) }))}
            {...register('config.interface')}
          />
        </Field>
      </div>
    </div>
  );
}

function PasswordFields() {
  const t = useTranslations('adminSites.form');
  const { register, formState } = useFormContext<SiteForm>();
  const rule = useRuleText();
  const errors = formState.errors.config;
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label={t('userName')} required {...rule(errors?.userName)}>
        <Input autoComplete="off" {...register('config.userName')} />
      </Field>
      <Field label={t('userDomain')} {...rule(errors?.userDomain)}>
        <Input autoComplete="off" {...register('config.userDomain')} />
      </Field>
      <SecretField label={t('password')} />
      <span className="hidden sm:block" />
      <Field label={t('projectName')} required {...rule(errors?.projectName)}>
        <Input autoComplete="off" {...register('config.projectName')} />
      </Field>
      <Field label={t('projectDomain')} {...rule(errors?.projectDomain)}>
        <Input autoComplete="off" {...register('config.projectDomain')} />
      </Field>
    </div>
  );
}

function CredentialFields() {
  const t = useTranslations('adminSites.form');
  const { register, formState } = useFormContext<SiteForm>();
  const rule = useRuleText();
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field
        label={t('credentialId')}
        hint={t('credentialIdHint')}
        required
        {...rule(formState.errors.config?.credentialId)}
      >
        <Input mono autoComplete="off" spellCheck={false} {...register('config.credentialId')} />
      </Field>
      <SecretField label={t('credentialSecret')} />
    </div>
  );
}

function SecretField({ label }: { label: string }) {
  const t = useTranslations('adminSites.form');
  const { register, control, formState } = useFormContext<SiteForm>();
  const rule = useRuleText();
  const stored = useWatch({ control, name: 'stored' });
  return (
    <Field
      label={label}
      required={!stored}
      hint={stored ? t('secretStored') : t('secretHint')}
      {...rule(formState.errors.secret)}
    >
      <SecretInput placeholder={stored ? t('secretUnchanged') : undefined} {...register('secret')} />
    </Field>
  );
}

/** Which certificates are trusted on the way to the cloud. */
export function TrustFields() {
  const t = useTranslations('adminSites.form');
  const { register, control, setValue, formState } = useFormContext<SiteForm>();
  const rule = useRuleText();
  const [insecure, authUrl] = useWatch({ control, name: ['config.insecure', 'config.authUrl'] });
  return (
    <div className="flex flex-col gap-4">
      {authUrl.startsWith('http:') && (
        <Notice tone="warning" title={t('plainTitle')}>
          {t('plainText')}
        </Notice>
      )}
      <PemField
        label={t('ca')}
        hint={t('caHint')}
        {...rule(formState.errors.config?.ca)}
        drop={{
          label: t('caDrop'),
          onText: (pem) => setValue('config.ca', pem, { shouldDirty: true, shouldValidate: true }),
        }}
        {...register('config.ca')}
      />
      <Checkbox label={t('insecure')} hint={t('insecureHint')} {...register('config.insecure')} />
      {insecure && (
        <Notice tone="danger" title={t('insecureTitle')}>
          {t('insecureText')}
        </Notice>
      )}
    </div>
  );
}
