'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useId, useState } from 'react';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import type { PackageSummary } from '@/server/packages/schemas';
import { publishResult } from '@/server/store/schemas';
import { appTypes, industries } from '@/server/workbench/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { JobProgress } from '../jobs/job-progress';
import { useJob } from '../jobs/use-job';
import { useStoreWords } from '../store/store-words';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Field } from '../ui/field';
import { Form } from '../ui/form';
import { FormErrors } from '../ui/form-errors';
import { LinkButton } from '../ui/link-button';
import { Notice } from '../ui/notice';
import { Select } from '../ui/select';
import { Textarea } from '../ui/textarea';
import { PublishIcon, type ChosenIcon } from './publish-icon';

const values = z.object({
  type: z.string().min(1),
  industry: z.string().min(1),
  notes: z.string().max(20_000),
});

/** Asks what the store shall say of a release, publishes it, and shows how that went. */
export function PublishDialog({
  item,
  open,
  onOpenChange,
}: {
  item: PackageSummary;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const t = useTranslations('packages.publish');
  const trpc = useTRPC();
  const formId = useId();
  const publishing = useMutation(trpc.packages.publish.mutationOptions());
  const jobId = publishing.data?.id;
  const close = (now: boolean) => {
    if (!now) publishing.reset();
    onOpenChange(now);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={close}
      title={t('title', { name: item.name, version: item.version })}
      description={t('description')}
      footer={
        jobId === undefined ? (
          <>
            <Button onClick={() => close(false)}>{t('cancel')}</Button>
            <Button type="submit" form={formId} variant="primary" busy={publishing.isPending}>
              {t('submit')}
            </Button>
          </>
        ) : (
          <PublishedFooter jobId={jobId} onClose={() => close(false)} />
        )
      }
    >
      {jobId !== undefined ? (
        <Publishing jobId={jobId} />
      ) : (
        open && (
          <PublishForm
            id={formId}
            item={item}
            problem={publishing.error ? problemOf(publishing.error) : undefined}
            onSend={(input) => publishing.mutate({ id: item.id, input })}
          />
        )
      )}
    </Dialog>
  );
}

function PublishForm({
  id,
  item,
  problem,
  onSend,
}: {
  id: string;
  item: PackageSummary;
  problem: ReturnType<typeof problemOf> | undefined;
  onSend: (input: z.infer<typeof values> & { icon?: ChosenIcon }) => void;
}) {
  const t = useTranslations('packages.publish');
  const words = useStoreWords();
  const trpc = useTRPC();
  const [icon, setIcon] = useState<ChosenIcon>();
  const project = useQuery(
    trpc.workbench.projects.get.queryOptions(
      { projectId: item.projectId ?? '' },
      { enabled: item.projectId !== null },
    ),
  );
  const form = useForm({
    // The project's own words, as soon as they are there.
    values: {
      type: project.data?.type ?? 'Other',
      industry: project.data?.industry ?? 'Other',
      notes: '',
    },
    resetOptions: { keepDirtyValues: true },
    resolver: zodResolver(values),
  });
  const { errors } = form.formState;
  return (
    <Form form={form} id={id} onSubmit={(input) => onSend({ ...input, ...(icon && { icon }) })}>
      <div className="grid gap-5 sm:grid-cols-2">
        <Field label={t('type')} error={errors.type?.message} required>
          <Select
            {...form.register('type')}
            options={appTypes.map((value) => ({ value, label: words.type(value) }))}
          />
        </Field>
        <Field label={t('industry')} error={errors.industry?.message} required>
          <Select
            {...form.register('industry')}
            options={industries.map((value) => ({ value, label: words.industry(value) }))}
          />
        </Field>
      </div>
      <PublishIcon name={item.name} current={project.data?.iconUrl} value={icon} onChange={setIcon} />
      <Field label={t('notes')} hint={t('notesHint')} error={errors.notes?.message} optional>
        <Textarea rows={6} {...form.register('notes')} />
      </Field>
      <FormErrors errors={errors} problem={problem} />
    </Form>
  );
}

function usePublished(jobId: string) {
  const { data: job } = useJob(jobId);
  const result = job?.state === 'done' ? publishResult.safeParse(job.result).data : undefined;
  return { job, result };
}

function Publishing({ jobId }: { jobId: string }) {
  const t = useTranslations('packages.publish');
  const { result } = usePublished(jobId);
  if (!result) return <JobProgress jobId={jobId} />;
  return <Notice tone="success">{result.unchanged ? t('unchanged') : t('done')}</Notice>;
}

function PublishedFooter({ jobId, onClose }: { jobId: string; onClose: () => void }) {
  const t = useTranslations('packages');
  const { result } = usePublished(jobId);
  return (
    <>
      <Button onClick={onClose}>{t('upload.close')}</Button>
      {result && (
        <LinkButton variant="primary" href={`/store/apps/${result.appId}`}>
          {t('publish.toStore')}
        </LinkButton>
      )}
    </>
  );
}
