'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import { useForm, useFormContext, useWatch } from 'react-hook-form';
import type { ProblemReport } from '@/server/problem';
import type { ImportedKubernetesLogin } from '@/server/sites/schemas';
import { useTextOf } from '../i18n/use-text-of';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { Checkbox } from '../ui/checkbox';
import { FormErrors } from '../ui/form-errors';
import { LinkButton } from '../ui/link-button';
import { Notice } from '../ui/notice';
import { PemField } from '../ui/pem-field';
import { SideForm } from '../ui/side-form';
import { DockerFields } from './docker-fields';
import { EdgeyardFields } from './edgeyard-fields';
import { ImportKubeconfig } from './import-kubeconfig';
import { KubernetesFields } from './kubernetes-fields';
import { SiteCard } from './site-card';
import { workloadForm, workloadKinds, type WorkloadForm, type WorkloadKind } from './workload-form';
import { useWorkloadRule } from './workload-secret';
import { useWorkloadTest, WorkloadTest } from './workload-test';

const fields: Record<WorkloadKind, ReactNode> = {
  kubernetes: <KubernetesFields />,
  docker: <DockerFields />,
  edgeyard: <EdgeyardFields />,
};

/**
 * The form of a Kubernetes cluster, a Docker host or another Edgeyard, with its test beside it.
 *
 * @param siteId the site that is changed; undefined for a new one
 */
export function WorkloadEditor({
  siteId,
  values,
  busy,
  problem,
  onSave,
}: {
  siteId: string | undefined;
  values: WorkloadForm;
  busy: boolean;
  problem: ProblemReport | undefined;
  onSave: (values: WorkloadForm) => void;
}) {
  const t = useTranslations('workloadSites.form');
  const general = useTranslations('adminSites.form');
  const ruleText = useTextOf('workloadSites.rules');
  const form = useForm<WorkloadForm>({ resolver: zodResolver(workloadForm), defaultValues: values });
  const test = useWorkloadTest(siteId);
  const rule = useWorkloadRule();
  const labels = useLabels();
  const { kind } = values;
  const fill = ({ name, login, secret }: ImportedKubernetesLogin) => {
    form.setValue('kubernetes', login, { shouldDirty: true });
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
          <WorkloadTest test={test} />
          <Card>
            <div className="flex flex-col gap-4">
              <FormErrors
                errors={form.formState.errors}
                labels={labels}
                translate={(message) => ruleText(message) ?? message}
                problem={problem}
              />
              <div className="flex flex-wrap gap-3">
                <Button type="submit" variant="primary" busy={busy}>
                  {general(siteId === undefined ? 'add' : 'save')}
                </Button>
                <LinkButton href="/admin/sites">{general('cancel')}</LinkButton>
              </div>
            </div>
          </Card>
        </>
      }
    >
      {kind === 'kubernetes' && <ImportKubeconfig onLogin={fill} />}
      <SiteCard
        nameHint={t('nameHint')}
        nameError={rule(form.formState.errors.name).error}
        purposeText={(purpose) => t(`purposeTexts.${purpose}`)}
      />
      <Card title={general('login')} description={t(`${kind}Text`)}>
        {fields[kind]}
      </Card>
      <TrustCard />
    </SideForm>
  );
}

/** The fields' names, for the list of what is wrong. */
function useLabels(): Record<string, string> {
  const t = useTranslations('workloadSites.form');
  const general = useTranslations('adminSites.form');
  const ofCa = Object.fromEntries(workloadKinds.map((kind) => [`${kind}.ca`, t('ca')]));
  return {
    name: general('name'),
    'kubernetes.server': t('server'),
    'docker.endpoint': t('endpoint'),
    'docker.hostKey': t('hostKey'),
    'edgeyard.url': t('yard'),
    ...ofCa,
  };
}

/** Which certificates are trusted on the way; a socket and SSH know none. */
function TrustCard() {
  const t = useTranslations('adminSites.form');
  const own = useTranslations('workloadSites.form');
  const { register, control, formState } = useFormContext<WorkloadForm>();
  const rule = useWorkloadRule();
  const { kind, docker, kubernetes, edgeyard } = useWatch({ control }) as WorkloadForm;
  if (kind === 'docker' && !(docker.endpoint.startsWith('tcp:') && docker.tls)) return null;
  if (kind === 'edgeyard' && edgeyard.url.trim().startsWith('http:')) return null;
  const errors = formState.errors[kind] as Partial<Record<string, { message?: string }>> | undefined;
  return (
    <Card title={t('trust')} description={own('trustText')}>
      <div className="flex flex-col gap-4">
        <PemField
          label={own('ca')}
          hint={own('caHint')}
          {...rule(errors?.['ca'])}
          {...register(`${kind}.ca`)}
        />
        {kind !== 'edgeyard' && (
          <Checkbox label={t('insecure')} hint={own('insecureHint')} {...register(`${kind}.insecure`)} />
        )}
        {kind !== 'edgeyard' && (kind === 'docker' ? docker : kubernetes).insecure && (
          <Notice tone="danger" title={own('insecureTitle')}>
            {own('insecureText')}
          </Notice>
        )}
      </div>
    </Card>
  );
}
