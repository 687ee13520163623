'use client';

import { useTranslations } from 'next-intl';
import { Controller, useFormContext, useWatch, type FieldError } from 'react-hook-form';
import { Checkbox } from '../ui/checkbox';
import { DropZone } from '../ui/drop-zone';
import { Field } from '../ui/field';
import { Input } from '../ui/input';
import { Notice } from '../ui/notice';
import { RadioCards } from '../ui/radio-cards';
import { Select } from '../ui/select';
import { Textarea } from '../ui/textarea';
import type { SiteForm } from './site-form';

const interfaces = ['public', 'internal', 'admin'] as const;

/** Gives a field its error in words: the messages of this form's rules are keys of `adminSites.rules`. */
export function useRuleText(): (error: FieldError | undefined) => { error?: string } {
  const t = useTranslations('adminSites.rules');
  return (error) => (error?.message === undefined ? {} : { error: t(error.message) });
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
        <Input
          mono
          type="url"
          inputMode="url"
          autoComplete="off"
          spellCheck={false}
          placeholder="https://cloud.example:5000/v3"
          {...register('config.authUrl')}
        />
      </Field>
      <Controller
        control={control}
        name="config.method"
        render={({ field }) => (
          <RadioCards
            label={t('method')}
            name="method"
            columns={2}
            value={field.value}
            onValueChange={field.onChange}
            options={[
              {
                value: 'applicationCredential',
                title: t('methods.applicationCredential'),
                description: t('methods.applicationCredentialText'),
              },
              { value: 'password', title: t('methods.password'), description: t('methods.passwordText') },
            ]}
          />
        )}
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
      <Input
        type="password"
        // The browser's own passwords are for this page's users, not for clouds.
        autoComplete="new-password"
        placeholder={stored ? t('secretUnchanged') : undefined}
        {...register('secret')}
      />
    </Field>
  );
}

/** Which certificates are trusted on the way to the cloud. */
export function TrustFields() {
  const t = useTranslations('adminSites.form');
  const { register, control, setValue, formState } = useFormContext<SiteForm>();
  const rule = useRuleText();
  const [insecure, authUrl] = useWatch({ control, name: ['config.insecure', 'config.authUrl'] });
  const take = async (file: File | undefined) => {
    if (file) setValue('config.ca', await file.text(), { shouldDirty: true, shouldValidate: true });
  };
  return (
    <div className="flex flex-col gap-4">
      {authUrl.startsWith('http:') && (
        <Notice tone="warning" title={t('plainTitle')}>
          {t('plainText')}
        </Notice>
      )}
      <Field label={t('ca')} hint={t('caHint')} optional {...rule(formState.errors.config?.ca)}>
        <Textarea
          mono
          rows={4}
          spellCheck={false}
          placeholder="-----BEGIN CERTIFICATE-----"
          {...register('config.ca')}
        />
      </Field>
      <DropZone
        compact
        label={t('caDrop')}
        accept=".pem,.crt,.cer"
        multiple={false}
        onFiles={([file]) => void take(file)}
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
