'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useId, useState } from 'react';
import type { DeployTarget, TestDeployment, TextCheck } from '@/server/containers/schemas';
import { problemOf } from '../api/problem-of';
import { newRequestKey } from '../api/request-key';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { ErrorState, useProblemText } from '../ui/error-state';
import { Field } from '../ui/field';
import { Input } from '../ui/input';
import { Notice } from '../ui/notice';
import { RadioCards } from '../ui/radio-cards';
import { SkeletonRows } from '../ui/skeleton';
import { Textarea } from '../ui/textarea';
import { RunPlan } from './run-plan';

// A DNS label (RFC 1123): it becomes the namespace's name.
const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

interface NewRunProps {
  projectId: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Asks where a project shall be tried out, shows what that makes, and starts it. */
export function NewRun(props: NewRunProps) {
  const t = useTranslations('containerPages.newRun');
  const trpc = useTRPC();
  const { projectId, open } = props;
  const enabled = { enabled: open };
  const targets = useQuery(trpc.containers.deployments.targets.queryOptions(undefined, enabled));
  const runs = useQuery(trpc.containers.deployments.list.queryOptions({ projectId }, enabled));
  const text = useQuery(trpc.containers.text.get.queryOptions({ projectId }, enabled));
  const project = useQuery(trpc.workbench.projects.get.queryOptions({ projectId }, enabled));
  const check = useQuery(
    trpc.containers.text.check.queryOptions(
      { projectId },
      { ...enabled, trpc: { context: { posted: true } } },
    ),
  );
  const formId = useId();
  const [busy, setBusy] = useState(false);
  const refusal = useRefusal(targets.data, check.data);
  const failed = targets.error ?? runs.error ?? check.error ?? project.error;
  return (
    <Dialog
      open={open}
      onOpenChange={props.onOpenChange}
      title={t('title')}
      description={t('text')}
      size="lg"
      footer={
        <>
          <Button onClick={() => props.onOpenChange(false)}>{t('cancel')}</Button>
          <Button
            type="submit"
            form={formId}
            variant="primary"
            busy={busy}
            {...(refusal !== undefined && { disabledReason: refusal })}
          >
            {t('submit')}
          </Button>
        </>
      }
    >
      {failed && <ErrorState problem={problemOf(failed)} compact />}
      {targets.data && runs.data && check.data && project.data ? (
        <RunForm
          {...props}
          id={formId}
          onBusy={setBusy}
          targets={targets.data}
          check={check.data}
          chart={text.data?.kind === 'chart'}
          firstName={freeName(project.data.name, runs.data)}
        />
      ) : (
        !failed && <SkeletonRows rows={4} />
      )}
    </Dialog>
  );
}

/** Why nothing can be started whatever one chooses. */
function useRefusal(targets: readonly DeployTarget[] | undefined, check: TextCheck | undefined) {
  const t = useTranslations('containerPages.newRun');
  if (targets === undefined || check === undefined) return t('loading');
  if (targets.length === 0) return t('noSites');
  if (check.notRendered !== null) return t('notRendered');
  const errors = check.findings.filter(({ severity }) => severity === 'error').length;
  if (errors > 0) return t('hasErrors', { errors });
  const missing = check.images.filter(({ image }) => image === null);
  return missing.length > 0
    ? t('missing', { count: missing.length, first: missing[0]?.reference ?? '' })
    : undefined;
}

function RunForm({
  id,
  projectId,
  onOpenChange,
  onBusy,
  targets,
  check,
  chart,
  firstName,
}: NewRunProps & {
  id: string;
  onBusy: (busy: boolean) => void;
  targets: readonly DeployTarget[];
  check: TextCheck;
  chart: boolean;
  firstName: string;
}) {
  const t = useTranslations('containerPages.newRun');
  const kinds = useTranslations('adminSites.kinds');
  const trpc = useTRPC();
  const router = useRouter();
  const queries = useQueryClient();
  const say = useProblemText();
  // A double click is one request: the server gives the deployment of the first.
  const [requestKey] = useState(newRequestKey);
  const [siteId, setSiteId] = useState(targets.find(({ problem }) => problem === null)?.id);
  const [name, setName] = useState(firstName);
  const [values, setValues] = useState('');
  const [tried, setTried] = useState(false);
  const create = useMutation(
    trpc.containers.deployments.create.mutationOptions({
      onMutate: () => onBusy(true),
      onSettled: () => onBusy(false),
      onSuccess: async ({ deployment }) => {
        await queries.invalidateQueries(trpc.containers.deployments.pathFilter());
        onOpenChange(false);
        router.push(`/projects/${projectId}/runs/${deployment.id}`);
      },
    }),
  );
  const badName = label.test(name) ? undefined : t('badName');
  const noSite = siteId === undefined ? t('chooseSite') : undefined;
  return (
    <form
      method="post"
      id={id}
      noValidate
      className="flex flex-col gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (badName !== undefined || siteId === undefined) return;
        create.mutate({ projectId, siteId, name, requestKey, ...(values.trim() !== '' && { values }) });
      }}
    >
      {targets.length === 0 ? (
        <Notice tone="warning" title={t('noSites')}>
          {t('noSitesText')}
        </Notice>
      ) : (
        <RadioCards
          label={t('site')}
          value={siteId}
          onValueChange={setSiteId}
          columns={2}
          {...(tried && noSite !== undefined && { error: noSite })}
          options={targets.map((site) => ({
            value: site.id,
            title: site.name,
            description: kinds(site.kind),
            ...(site.problem !== null && { disabledReason: say(site.problem) }),
          }))}
        />
      )}
      <Field
        label={t('name')}
        hint={t('nameHint')}
        {...(tried && badName !== undefined && { error: badName })}
        required
      >
        <Input mono value={name} onChange={(event) => setName(event.target.value)} autoComplete="off" />
      </Field>
      {chart && (
        <Field label={t('values')} hint={t('valuesHint')} optional>
          <Textarea mono rows={4} value={values} onChange={(event) => setValues(event.target.value)} />
        </Field>
      )}
      <RunPlan check={check} projectId={projectId} />
      {create.error && <ErrorState problem={problemOf(create.error)} compact />}
    </form>
  );
}

/** A name out of the project's that none of its runs has. */
function freeName(projectName: string, runs: readonly TestDeployment[]): string {
  const base =
    projectName
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 40) || 'app';
  const taken = new Set(runs.map(({ name }) => name));
  if (!taken.has(base)) return base;
  const free = runs.findIndex((_, index) => !taken.has(`${base}-${index + 2}`));
  return `${base}-${(free === -1 ? runs.length : free) + 2}`;
}
