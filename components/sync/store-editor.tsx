'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useTranslations } from 'next-intl';
import { useForm, useFormContext } from 'react-hook-form';
import type { ProblemReport } from '@/server/problem';
import { useErrorText } from '../access/use-text';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { Form } from '../ui/form';
import { FormErrors } from '../ui/form-errors';
import { LinkButton } from '../ui/link-button';
import { StoreImagesFields, StorePlaceFields } from './store-fields';
import { storeForm, type StoreForm } from './store-form';
import { StorePlans } from './store-plans';

/** The form of a store. */
export function StoreEditor({
  values,
  isNew,
  busy,
  problem,
  onSave,
}: {
  values: StoreForm;
  isNew: boolean;
  busy: boolean;
  problem: ProblemReport | undefined;
  onSave: (form: StoreForm) => void;
}) {
  const t = useTranslations('syncPages.form');
  const form = useForm<StoreForm>({ resolver: zodResolver(storeForm), defaultValues: values });
  return (
    <Form form={form} className="flex max-w-4xl flex-col gap-6" onSubmit={onSave}>
      {values.kind !== 'own' && (
        <>
          <Card title={t('where')}>
            <StorePlaceFields isNew={isNew} />
          </Card>
          <Card title={t('images')} description={t('imagesText')}>
            <StoreImagesFields />
          </Card>
        </>
      )}
      <Card title={t('plans')} description={t('plansText')}>
        <StorePlans />
      </Card>
      <SaveRow isNew={isNew} busy={busy} problem={problem} />
    </Form>
  );
}

const named = [
  'name',
  'url',
  'ca',
  'signers',
  'token',
  'registryUrl',
  'registryPrefix',
  'registryCa',
  'registryUser',
  'registryPassword',
] as const;

function SaveRow({
  isNew,
  busy,
  problem,
}: {
  isNew: boolean;
  busy: boolean;
  problem: ProblemReport | undefined;
}) {
  const t = useTranslations('syncPages.form');
  const text = useErrorText();
  const { formState } = useFormContext<StoreForm>();
  return (
    <div className="flex flex-col gap-4">
      <FormErrors
        errors={formState.errors}
        labels={Object.fromEntries(named.map((name) => [name, t(name)]))}
        translate={(message) => text(message) ?? message}
        problem={problem}
      />
      <div className="flex flex-wrap gap-3">
        <Button type="submit" variant="primary" busy={busy}>
          {t(isNew ? 'add' : 'save')}
        </Button>
        <LinkButton href="/operations/stores" variant="ghost">
          {t('cancel')}
        </LinkButton>
      </div>
    </div>
  );
}
