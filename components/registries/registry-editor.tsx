'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useTranslations } from 'next-intl';
import { useForm, useFormContext, useWatch } from 'react-hook-form';
import type { ProblemReport } from '@/server/problem';
import type { RegistryRow } from '@/server/registries/schemas';
import { useErrorText } from '../access/use-text';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { Checkbox } from '../ui/checkbox';
import { ChoiceField } from '../ui/choice-field';
import { FormErrors } from '../ui/form-errors';
import { LinkButton } from '../ui/link-button';
import { SideForm } from '../ui/side-form';
import { PlaceFields, RegistryLoginFields, RegistryTrustFields } from './registry-fields';
import { formOf, leadsElsewhere, registryForm, type RegistryForm } from './registry-form';
import { TestRegistry } from './test-registry';
import { useRegistryTest, type RegistryTest } from './use-registry-test';

const kinds = ['bundled', 'external'] as const;

/** The form of a role's registry, with its test beside it. */
export function RegistryEditor({
  row,
  busy,
  problem,
  onSave,
}: {
  row: RegistryRow;
  busy: boolean;
  problem: ProblemReport | undefined;
  onSave: (values: RegistryForm) => void;
}) {
  const t = useTranslations('adminRegistries');
  const form = useForm<RegistryForm>({ resolver: zodResolver(registryForm), defaultValues: formOf(row) });
  const test = useRegistryTest(row.role);
  const external = useWatch({ control: form.control, name: 'kind' }) === 'external';
  return (
    <SideForm
      form={form}
      onSubmit={onSave}
      width="wide"
      side={
        <>
          <TestCard row={row} test={test} />
          <SaveCard row={row} test={test} busy={busy} problem={problem} />
        </>
      }
    >
      <KindCard />
      {external && (
        <>
          <Card title={t('edit.where')}>
            <PlaceFields />
          </Card>
          <Card title={t('edit.login')} description={t('edit.loginText')}>
            <RegistryLoginFields />
          </Card>
          <Card title={t('edit.trust')} description={t('edit.trustText')}>
            <RegistryTrustFields />
          </Card>
        </>
      )}
    </SideForm>
  );
}

function KindCard() {
  const t = useTranslations('adminRegistries');
  const { control } = useFormContext<RegistryForm>();
  return (
    <Card>
      <ChoiceField
        control={control}
        name="kind"
        label={t('edit.kind')}
        columns={2}
        options={kinds.map((value) => ({
          value,
          title: t(`kinds.${value}`),
          description: t(`edit.kindTexts.${value}`),
        }))}
      />
    </Card>
  );
}

function TestCard({ row, test }: { row: RegistryRow; test: RegistryTest }) {
  const t = useTranslations('adminRegistries.test');
  const { getValues, setValue, trigger, watch } = useFormContext<RegistryForm>();
  const values = watch();
  const run = async () => {
    if (await trigger(undefined, { shouldFocus: true })) test.run(getValues());
  };
  const trust = (pem: string) => {
    setValue('ca', pem, { shouldDirty: true });
    void run();
  };
  return (
    <TestRegistry
      test={test}
      values={values}
      onRun={() => void run()}
      onTrust={trust}
      disabledReason={values.kind === 'bundled' && row.kind !== 'bundled' ? t('notYet') : undefined}
    />
  );
}

const fields = ['url', 'prefix', 'user', 'password', 'pullUser', 'pullPassword', 'ca'] as const;

function SaveCard({
  row,
  test,
  busy,
  problem,
}: {
  row: RegistryRow;
  test: RegistryTest;
  busy: boolean;
  problem: ProblemReport | undefined;
}) {
  const t = useTranslations('adminRegistries.edit');
  const text = useErrorText();
  const { formState, register, watch } = useFormContext<RegistryForm>();
  const values = watch();
  const tested = test.passed(values);
  return (
    <Card>
      <div className="flex flex-col gap-4">
        {leadsElsewhere(values, row) && (
          <Checkbox label={t('move')} hint={t('moveHint')} {...register('move')} />
        )}
        <FormErrors
          errors={formState.errors}
          labels={Object.fromEntries(fields.map((name) => [name, t(name)]))}
          translate={(message) => text(message) ?? message}
          problem={problem}
        />
        {values.kind === 'external' && (
          <p aria-live="polite" className={tested ? 'text-success text-sm' : 'text-text-muted text-sm'}>
            {tested ? t('tested') : t(test.failed(values) ? 'testFailed' : 'untested')}
          </p>
        )}
        <div className="flex flex-wrap gap-3">
          <Button
            type="submit"
            variant="primary"
            busy={busy}
            disabledReason={row.movingTo === undefined ? undefined : t('moving')}
          >
            {t('save')}
          </Button>
          <LinkButton href="/admin/registries" variant="ghost">
            {t('cancel')}
          </LinkButton>
        </div>
      </div>
    </Card>
  );
}
