'use client';

import { useTranslations } from 'next-intl';
import { useFormContext, useWatch } from 'react-hook-form';
import { useErrorText } from '../access/use-text';
import { ChoiceField } from '../ui/choice-field';
import { Field } from '../ui/field';
import { Input } from '../ui/input';
import { Notice } from '../ui/notice';
import { PemField } from '../ui/pem-field';
import { SecretInput } from '../ui/secret-input';
import { UrlInput } from '../ui/url-input';
import { keepsPassword, keepsPullPassword, type RegistryForm } from './registry-form';

/** Where an external registry is. */
export function PlaceFields() {
  const t = useTranslations('adminRegistries.edit');
  const card = useTranslations('adminRegistries.card');
  const text = useErrorText();
  const { register, control, formState } = useFormContext<RegistryForm>();
  const url = useWatch({ control, name: 'url' });
  const { errors } = formState;
  return (
    <div className="flex flex-col gap-5">
      <Field label={t('url')} hint={t('urlHint')} required error={text(errors.url?.message)}>
        <UrlInput placeholder="https://registry.example:5000" {...register('url')} />
      </Field>
      {url.trim().startsWith('http:') && (
        <Notice tone="warning" title={card('plainTitle')}>
          {card('plainText')}
        </Notice>
      )}
      <Field label={t('prefix')} hint={t('prefixHint')} optional error={text(errors.prefix?.message)}>
        <Input mono autoComplete="off" spellCheck={false} {...register('prefix')} />
      </Field>
    </div>
  );
}

/** Who signs in to an external registry. */
export function RegistryLoginFields() {
  const t = useTranslations('adminRegistries.edit');
  const { control } = useFormContext<RegistryForm>();
  const login = useWatch({ control, name: 'login' });
  return (
    <div className="flex flex-col gap-5">
      <ChoiceField
        control={control}
        name="login"
        label={t('login')}
        hideLabel
        columns={2}
        options={[
          { value: 'password', title: t('logins.password'), description: t('logins.passwordText') },
          { value: 'none', title: t('logins.none'), description: t('logins.noneText') },
        ]}
      />
      {login === 'password' && <UserFields />}
      <PullFields />
    </div>
  );
}

function UserFields() {
  const t = useTranslations('adminRegistries.edit');
  const text = useErrorText();
  const { register, control, formState } = useFormContext<RegistryForm>();
  const [stored, url, user] = useWatch({ control, name: ['stored', 'url', 'user'] });
  const kept = keepsPassword({ stored, url, user });
  const hint = kept ? 'passwordStored' : stored === null ? 'passwordHint' : 'passwordElsewhere';
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label={t('user')} required error={text(formState.errors.user?.message)}>
        <Input autoComplete="off" spellCheck={false} {...register('user')} />
      </Field>
      <Field
        label={t('password')}
        hint={t(hint)}
        required={!kept}
        error={text(formState.errors.password?.message)}
      >
        <SecretInput placeholder={kept ? t('passwordUnchanged') : undefined} {...register('password')} />
      </Field>
    </div>
  );
}

/** A login that may only pull: what sites are given instead of the one above. */
function PullFields() {
  const t = useTranslations('adminRegistries.edit');
  const text = useErrorText();
  const { register, control, formState } = useFormContext<RegistryForm>();
  const [storedPull, url, pullUser] = useWatch({ control, name: ['storedPull', 'url', 'pullUser'] });
  const kept = keepsPullPassword({ storedPull, url, pullUser });
  const { errors } = formState;
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label={t('pullUser')} hint={t('pullUserHint')} optional error={text(errors.pullUser?.message)}>
        <Input autoComplete="off" spellCheck={false} {...register('pullUser')} />
      </Field>
      {pullUser.trim() !== '' && (
        <Field
          label={t('pullPassword')}
          hint={t(kept ? 'passwordStored' : 'passwordHint')}
          required={!kept}
          error={text(errors.pullPassword?.message)}
        >
          <SecretInput
            placeholder={kept ? t('passwordUnchanged') : undefined}
            {...register('pullPassword')}
          />
        </Field>
      )}
    </div>
  );
}

/** Which certificates are trusted on the way to the registry. */
export function RegistryTrustFields() {
  const t = useTranslations('adminRegistries.edit');
  const text = useErrorText();
  const { register, setValue, formState } = useFormContext<RegistryForm>();
  return (
    <div className="flex flex-col gap-4">
      <PemField
        label={t('ca')}
        hint={t('caHint')}
        error={text(formState.errors.ca?.message)}
        drop={{
          label: t('caDrop'),
          onText: (pem) => setValue('ca', pem, { shouldDirty: true, shouldValidate: true }),
        }}
        {...register('ca')}
      />
    </div>
  );
}
