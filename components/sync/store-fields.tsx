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
import { keepsPassword, keepsToken, type StoreForm } from './store-form';

const kinds = ['edgeyard', 'edgegallery'] as const;

/** What a store is, where it is, and who asks it. */
export function StorePlaceFields({ isNew }: { isNew: boolean }) {
  const t = useTranslations('syncPages.form');
  const text = useErrorText();
  const { register, control, formState } = useFormContext<StoreForm>();
  const [kind, url, storedToken] = useWatch({ control, name: ['kind', 'url', 'storedToken'] });
  const kept = keepsToken({ storedToken, url });
  const { errors } = formState;
  return (
    <div className="flex flex-col gap-5">
      {isNew && (
        <ChoiceField
          control={control}
          name="kind"
          label={t('kind')}
          columns={2}
          options={kinds.map((value) => ({
            value,
            title: t(`kinds.${value}`),
            description: t(`kindTexts.${value}`),
          }))}
        />
      )}
      <div className="grid gap-5 sm:grid-cols-2">
        <Field label={t('name')} required error={text(errors.name?.message)}>
          <Input autoComplete="off" {...register('name')} />
        </Field>
        <Field label={t('url')} hint={t('urlHint')} required error={text(errors.url?.message)}>
          <UrlInput placeholder="https://store.example" {...register('url')} />
        </Field>
      </div>
      {url.trim().startsWith('http:') && (
        <Notice tone="warning" title={t('plainTitle')}>
          {t('plainText')}
        </Notice>
      )}
      <Field
        label={t('token')}
        hint={t(
          kept ? 'tokenStored' : storedToken === null ? `tokenHints.${nameOf(kind)}` : 'tokenElsewhere',
        )}
        optional
        error={text(errors.token?.message)}
      >
        <SecretInput placeholder={kept ? t('unchanged') : undefined} {...register('token')} />
      </Field>
      <PemField
        label={t('ca')}
        hint={t('caHint')}
        error={text(errors.ca?.message)}
        rows={3}
        {...register('ca')}
      />
      <PemField
        label={t('signers')}
        hint={t('signersHint')}
        error={text(errors.signers?.message)}
        rows={3}
        {...register('signers')}
      />
    </div>
  );
}

function nameOf(kind: StoreForm['kind']): (typeof kinds)[number] {
  return kind === 'edgegallery' ? kind : 'edgeyard';
}

/** Where a store's images lie, and who pulls them. */
export function StoreImagesFields() {
  const t = useTranslations('syncPages.form');
  const { control } = useFormContext<StoreForm>();
  const images = useWatch({ control, name: 'images' });
  return (
    <div className="flex flex-col gap-5">
      <ChoiceField
        control={control}
        name="images"
        label={t('images')}
        hideLabel
        columns={2}
        options={(['store', 'registry'] as const).map((value) => ({
          value,
          title: t(`imagesIn.${value}`),
          description: t(`imagesInTexts.${value}`),
        }))}
      />
      {images === 'registry' && <RegistryFields />}
      <LoginFields />
    </div>
  );
}

function RegistryFields() {
  const t = useTranslations('syncPages.form');
  const text = useErrorText();
  const { register, formState } = useFormContext<StoreForm>();
  const { errors } = formState;
  return (
    <>
      <div className="grid gap-5 sm:grid-cols-2">
        <Field label={t('registryUrl')} required error={text(errors.registryUrl?.message)}>
          <UrlInput placeholder="https://registry.example:5000" {...register('registryUrl')} />
        </Field>
        <Field
          label={t('registryPrefix')}
          hint={t('registryPrefixHint')}
          optional
          error={text(errors.registryPrefix?.message)}
        >
          <Input mono autoComplete="off" spellCheck={false} {...register('registryPrefix')} />
        </Field>
      </div>
      <PemField
        label={t('registryCa')}
        hint={t('caHint')}
        error={text(errors.registryCa?.message)}
        rows={3}
        {...register('registryCa')}
      />
    </>
  );
}

function LoginFields() {
  const t = useTranslations('syncPages.form');
  const text = useErrorText();
  const { register, control, formState } = useFormContext<StoreForm>();
  const values = useWatch({ control }) as StoreForm;
  const kept = keepsPassword(values);
  const { errors } = formState;
  return (
    <div className="grid gap-5 sm:grid-cols-2">
      <Field
        label={t('registryUser')}
        hint={t(values.images === 'store' ? 'registryUserHint' : 'registryUserOtherHint')}
        optional
        error={text(errors.registryUser?.message)}
      >
        <Input autoComplete="off" spellCheck={false} {...register('registryUser')} />
      </Field>
      <Field
        label={t('registryPassword')}
        {...(values.storedPassword !== null && { hint: t(kept ? 'passwordStored' : 'passwordElsewhere') })}
        optional={values.registryUser.trim() === ''}
        required={values.registryUser.trim() !== '' && !kept}
        error={text(errors.registryPassword?.message)}
      >
        <SecretInput placeholder={kept ? t('unchanged') : undefined} {...register('registryPassword')} />
      </Field>
    </div>
  );
}
