'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useTranslations } from 'next-intl';
import { useForm, useFormContext } from 'react-hook-form';
import type { ImportedOpenStackLogin } from '@/server/sites/schemas';
import type { ProblemReport } from '@/server/problem';
import { useTextOf } from '../i18n/use-text-of';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { FormErrors } from '../ui/form-errors';
import { LinkButton } from '../ui/link-button';
import { SideForm } from '../ui/side-form';
import { ImportLogin } from './import-login';
import { LoginFields, TrustFields, useRuleText } from './login-fields';
import { SiteCard } from './site-card';
import { loginFieldNames, ruleOf, siteForm, type SiteForm } from './site-form';
import { TestConnection } from './test-connection';
import { useConnectionTest, type ConnectionTest } from './use-connection-test';

/**
 * The form of a cloud, with its test beside it.
 *
 * @param siteId the site that is changed; undefined for a new one
 */
export function SiteEditor({
  siteId,
  values,
  busy,
  problem,
  onSave,
}: {
  siteId: string | undefined;
  values: SiteForm;
  busy: boolean;
  problem: ProblemReport | undefined;
  onSave: (values: SiteForm) => void;
}) {
  const t = useTranslations('adminSites.form');
  const form = useForm<SiteForm>({
    resolver: zodResolver(siteForm, { error: ruleOf }),
    defaultValues: values,
  });
  const test = useConnectionTest(siteId);
  const rule = useRuleText();
  const { errors } = form.formState;
  const fill = ({ name, login, secret }: ImportedOpenStackLogin) => {
    form.setValue('config', login, { shouldDirty: true });
    form.setValue('secret', secret ?? '', { shouldDirty: true });
    if (form.getValues('name') === '') form.setValue('name', name, { shouldDirty: true });
    form.clearErrors();
  };
  return (
    <SideForm
      form={form}
      onSubmit={onSave}
      width="wide"
      side={
        <>
          <TestConnection test={test} />
          <SaveCard test={test} busy={busy} problem={problem} isNew={siteId === undefined} />
        </>
      }
    >
      {siteId === undefined && <ImportLogin onLogin={fill} />}
      <SiteCard
        nameHint={t('nameHint')}
        nameError={rule(errors.name).error}
        purposeText={(purpose) => t(`purposeTexts.${purpose}`)}
      />
      <Card title={t('login')} description={t('loginText')}>
        <LoginFields />
      </Card>
      <Card title={t('trust')} description={t('trustText')}>
        <TrustFields />
      </Card>
      {siteId !== undefined && <ImportLogin onLogin={fill} />}
    </SideForm>
  );
}

/** The fields whose errors are named above the button. */
const fields = ['name', ...loginFieldNames] as const;

function SaveCard({
  test,
  busy,
  problem,
  isNew,
}: {
  test: ConnectionTest;
  busy: boolean;
  problem: ProblemReport | undefined;
  isNew: boolean;
}) {
  const t = useTranslations('adminSites.form');
  const ruleText = useTextOf('adminSites.rules');
  const { formState, watch } = useFormContext<SiteForm>();
  const values = watch();
  const tested = test.passed(values);
  const method = values.config.method;
  return (
    <Card>
      <div className="flex flex-col gap-4">
        <FormErrors
          errors={formState.errors}
          labels={{
            ...Object.fromEntries(fields.map((name) => [name === 'name' ? name : `config.${name}`, t(name)])),
            secret: t(method === 'password' ? 'password' : 'credentialSecret'),
          }}
          translate={(message) => ruleText(message) ?? message}
          problem={problem}
        />
        <p aria-live="polite" className={tested ? 'text-success text-sm' : 'text-text-muted text-sm'}>
          {tested ? t('tested') : t(test.failed(values) ? 'testFailed' : 'untested')}
        </p>
        <div className="flex flex-wrap gap-3">
          <Button type="submit" variant="primary" busy={busy}>
            {isNew ? t('add') : t('save')}
          </Button>
          <LinkButton href="/admin/sites">{t('cancel')}</LinkButton>
        </div>
      </div>
    </Card>
  );
}
