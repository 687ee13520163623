'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { buildInput } from '@/server/packages/schemas';
import { problemOf } from '../api/problem-of';
import { newRequestKey } from '../api/request-key';
import { useTRPC } from '../api/trpc-provider';
import { RunPlan } from '../containers/run-plan';
import { Field } from '../ui/field';
import { Form } from '../ui/form';
import { FormErrors } from '../ui/form-errors';
import { Input } from '../ui/input';
import { SkeletonRows } from '../ui/skeleton';
import { Textarea } from '../ui/textarea';
import { QueryView } from '../workbench/query-view';
import type { BuildFormProps } from './build-dialog';

/** What a package of a container project shall be called; what it holds is what the deployment text names. */
export function BuildContainers({ id, project, onBusy, onStarted }: BuildFormProps) {
  const t = useTranslations('packages.build');
  const trpc = useTRPC();
  // A double click is one request: the server gives the job of the first.
  const [key] = useState(newRequestKey);
  const check = useQuery(
    trpc.containers.text.check.queryOptions(
      { projectId: project.id },
      { trpc: { context: { posted: true } } },
    ),
  );
  const form = useForm({
    defaultValues: { version: project.version, images: 'reference' as const, changeLog: '' },
    resolver: zodResolver(buildInput, { error: () => t('badVersion') }),
  });
  const building = useMutation(
    trpc.packages.build.mutationOptions({
      onMutate: () => onBusy(true),
      onSettled: () => onBusy(false),
      onSuccess: onStarted,
    }),
  );
  const { errors } = form.formState;
  return (
    <Form form={form} id={id} onSubmit={(input) => building.mutate({ projectId: project.id, input, key })}>
      <Field label={t('version')} hint={t('versionHint')} error={errors.version?.message} required>
        <Input {...form.register('version')} autoComplete="off" spellCheck={false} mono />
      </Field>
      <Field label={t('changeLog')} hint={t('changeLogHint')} optional>
        <Textarea rows={3} {...form.register('changeLog')} />
      </Field>
      <QueryView query={check} pending={<SkeletonRows rows={3} />}>
        {(found) => <RunPlan check={found} projectId={project.id} title={t('imagesOfText')} />}
      </QueryView>
      <p className="text-text-muted text-sm">{t('imagesOfTextHint')}</p>
      <FormErrors errors={errors} problem={building.error ? problemOf(building.error) : undefined} />
    </Form>
  );
}
