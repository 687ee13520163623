'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { problemOf } from '../api/problem-of';
import { newRequestKey } from '../api/request-key';
import { useTRPC } from '../api/trpc-provider';
import { LinkButton } from '../ui/link-button';
import { PageHeader } from '../ui/page-header';
import { ProjectForm } from './project-form';

/** The page that makes a project. @param provider who is offered as the provider: the visitor */
export function NewProject({ provider }: { provider: string }) {
  const t = useTranslations('workbench');
  const trpc = useTRPC();
  const router = useRouter();
  const queries = useQueryClient();
  // One key per form: pressed twice, or sent again after a lost answer, it makes one project.
  const [requestKey] = useState(newRequestKey);
  const create = useMutation(
    trpc.workbench.projects.create.mutationOptions({
      onSuccess: async (project) => {
        await queries.invalidateQueries({ queryKey: trpc.workbench.projects.pathKey() });
        router.push(`/projects/${project.id}`);
      },
    }),
  );
  return (
    <>
      <PageHeader
        title={t('form.newTitle')}
        crumbs={[{ label: t('list.title'), href: '/projects' }]}
        description={t('form.newText')}
      />
      <ProjectForm
        isNew
        values={{
          kind: 'vm',
          name: '',
          version: '1.0',
          provider,
          description: '',
          readme: '',
          industry: 'Smart Park',
          type: 'Video Application',
          architecture: 'X86',
        }}
        submitLabel={t('form.create')}
        busy={create.isPending || create.isSuccess}
        problem={create.error ? problemOf(create.error) : undefined}
        cancel={
          <LinkButton href="/projects" variant="ghost">
            {t('form.cancel')}
          </LinkButton>
        }
        onSubmit={({ icon, kind = 'vm', ...values }) =>
          create.mutate({ project: { ...values, kind, ...(icon ? { icon } : {}) }, requestKey })
        }
      />
    </>
  );
}
