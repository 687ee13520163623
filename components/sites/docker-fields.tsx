'use client';

import { useTranslations } from 'next-intl';
import { useFormContext, useWatch } from 'react-hook-form';
import { Button } from '../ui/button';
import { Checkbox } from '../ui/checkbox';
import { Field } from '../ui/field';
import { Input } from '../ui/input';
import { Notice } from '../ui/notice';
import type { WorkloadForm } from './workload-form';
import { SecretText, useWorkloadRule } from './workload-secret';

const examples = ['unix:///var/run/docker.sock', 'tcp://host.example:2376', 'ssh://user@host.example'];

/** How to reach a Docker host; which fields there are follows from its address. */
export function DockerFields() {
  const t = useTranslations('workloadSites.form');
  const { register, control, formState, setValue } = useFormContext<WorkloadForm>();
  const rule = useWorkloadRule();
  const errors = formState.errors.docker as Partial<Record<string, { message?: string }>> | undefined;
  const [endpoint, tls] = useWatch({ control, name: ['docker.endpoint', 'docker.tls'] });
  return (
    <div className="flex flex-col gap-5">
      <div className="flex flex-col gap-2">
        <Field label={t('endpoint')} hint={t('endpointHint')} required {...rule(errors?.['endpoint'])}>
          <Input mono autoComplete="off" spellCheck={false} {...register('docker.endpoint')} />
        </Field>
        <div className="flex flex-wrap gap-2">
          {examples.map((example) => (
            <Button
              key={example}
              size="sm"
              variant="ghost"
              onClick={() =>
                setValue('docker.endpoint', example, { shouldDirty: true, shouldValidate: true })
              }
            >
              <span className="font-mono text-xs">{example}</span>
            </Button>
          ))}
        </div>
      </div>
      {endpoint.startsWith('tcp:') && (
        <>
          <Checkbox label={t('tls')} hint={t('tlsHint')} {...register('docker.tls')} />
          {!tls && (
            <Notice tone="danger" title={t('noTlsTitle')}>
              {t('noTlsText')}
            </Notice>
          )}
          {tls && <SecretText label={t('clientCertificate')} hint={t('clientCertificateHint')} optional />}
        </>
      )}
      {endpoint.startsWith('ssh:') && (
        <>
          <SecretText label={t('sshSecret')} hint={t('sshSecretHint')} />
          <Field label={t('hostKey')} hint={t('hostKeyHint')} optional {...rule(errors?.['hostKey'])}>
            <Input mono autoComplete="off" placeholder="SHA256:…" {...register('docker.hostKey')} />
          </Field>
        </>
      )}
      <Field label={t('publicHost')} hint={t('publicHostHint')} optional>
        <Input autoComplete="off" {...register('docker.publicHost')} />
      </Field>
    </div>
  );
}
