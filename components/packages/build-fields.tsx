'use client';

import { useMutation } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { useFormContext } from 'react-hook-form';
import type { BuildInput } from '@/server/packages/schemas';
import type { ProblemReport } from '@/server/problem';
import type { ProjectView } from '@/server/workbench/model';
import { problemOf } from '../api/problem-of';
import { newRequestKey } from '../api/request-key';
import { useTRPC } from '../api/trpc-provider';
import { Field } from '../ui/field';
import { Input } from '../ui/input';
import { Textarea } from '../ui/textarea';

export interface BuildFormProps {
  id: string;
  project: ProjectView;
  onBusy: (busy: boolean) => void;
  onStarted: () => void;
}

/** Starts building a project's package. @returns what starts it, and what the server had against it */
export function useBuild({ project, onBusy, onStarted }: BuildFormProps): {
  build: (input: BuildInput) => void;
  problem: ProblemReport | undefined;
} {
  const trpc = useTRPC();
  // A double click is one request: the server gives the job of the first.
  const [key] = useState(newRequestKey);
  const building = useMutation(
    trpc.packages.build.mutationOptions({
      onMutate: () => onBusy(true),
      onSettled: () => onBusy(false),
      onSuccess: onStarted,
    }),
  );
  return {
    build: (input) => building.mutate({ projectId: project.id, input, key }),
    problem: building.error ? problemOf(building.error) : undefined,
  };
}

interface Described {
  version: string;
  changeLog: string;
}

/** Asks for the package's version. */
export function VersionField() {
  const t = useTranslations('packages.build');
  const { register, formState } = useFormContext<Described>();
  return (
    <Field label={t('version')} hint={t('versionHint')} error={formState.errors.version?.message} required>
      <Input {...register('version')} autoComplete="off" spellCheck={false} mono />
    </Field>
  );
}

/** Asks what changed. */
export function ChangeLogField() {
  const t = useTranslations('packages.build');
  const { register } = useFormContext<Described>();
  return (
    <Field label={t('changeLog')} hint={t('changeLogHint')} optional>
      <Textarea rows={3} {...register('changeLog')} />
    </Field>
  );
}
