'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useForm } from 'react-hook-form';
import { buildInput } from '@/server/packages/schemas';
import { useTRPC } from '../api/trpc-provider';
import { RunPlan } from '../containers/run-plan';
import { Form } from '../ui/form';
import { FormErrors } from '../ui/form-errors';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { ChangeLogField, useBuild, VersionField, type BuildFormProps } from './build-fields';

/** What a package of a container project shall be called; what it holds is what the deployment text names. */
export function BuildContainers(props: BuildFormProps) {
  const { id, project } = props;
  const t = useTranslations('packages.build');
  const trpc = useTRPC();
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
  const { build, problem } = useBuild(props);
  return (
    <Form form={form} id={id} onSubmit={build}>
      <VersionField />
      <ChangeLogField />
      <QueryView query={check} pending={<SkeletonRows rows={3} />}>
        {(found) => <RunPlan check={found} projectId={project.id} title={t('imagesOfText')} />}
      </QueryView>
      <p className="text-text-muted text-sm">{t('imagesOfTextHint')}</p>
      <FormErrors errors={form.formState.errors} problem={problem} />
    </Form>
  );
}
