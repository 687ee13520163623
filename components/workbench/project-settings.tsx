'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { toast } from 'sonner';
import type { ProjectView } from '@/server/workbench/model';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { MepCard } from '../tools/mep-card';
import { Card } from '../ui/card';
import { CodeBlock } from '../ui/code-block';
import { SkeletonRows } from '../ui/skeleton';
import { ProjectDanger } from './project-danger';
import { ProjectForm, type ProjectFormValues } from './project-form';
import { ProjectMembers } from './project-members';
import { QueryView } from './query-view';

/** What can be changed about a project: its description, who works in it, whether it exists. */
export function ProjectSettings({ projectId }: { projectId: string }) {
  const t = useTranslations('workbench.settings');
  const trpc = useTRPC();
  const query = useQuery(trpc.workbench.projects.get.queryOptions({ projectId }));
  return (
    <QueryView query={query} pending={<SkeletonRows />}>
      {(project) => (
        <div className="flex max-w-3xl flex-col gap-8">
          <Edit key={project.id} project={project} />
          <ProjectMembers project={project} />
          <Card title={t('sshKey')} description={t('sshKeyText')}>
            <CodeBlock text={project.sshPublicKey} label={t('sshKey')} wrap />
          </Card>
          <MepCard projectId={project.id} />
          <ProjectDanger project={project} />
        </div>
      )}
    </QueryView>
  );
}

function Edit({ project }: { project: ProjectView }) {
  const t = useTranslations('workbench.form');
  const trpc = useTRPC();
  const queries = useQueryClient();
  const update = useMutation(
    trpc.workbench.projects.update.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries({ queryKey: trpc.workbench.projects.pathKey() });
        toast.success(t('saved'));
      },
    }),
  );
  // The lists may have changed since the project was made; a value that is none of them any more must be chosen anew.
  const values = project as unknown as ProjectFormValues;
  const { name, version, provider, description, readme, industry, type, architecture } = values;
  return (
    <ProjectForm
      values={{ name, version, provider, description, readme, industry, type, architecture }}
      currentIcon={project.iconUrl}
      submitLabel={t('save')}
      busy={update.isPending}
      problem={update.error ? problemOf(update.error) : undefined}
      onSubmit={({ icon, ...fields }) =>
        update.mutate({
          projectId: project.id,
          change: { ...fields, ...(icon === undefined ? {} : { icon }) },
        })
      }
    />
  );
}
