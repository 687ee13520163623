'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import type { ProjectView } from '@/server/workbench/model';
import { useTRPC } from '../api/trpc-provider';
import { LinkButton } from '../ui/link-button';
import { Notice } from '../ui/notice';
import { PageHeader } from '../ui/page-header';
import { SkeletonPage } from '../ui/skeleton';
import { TabLinks } from '../ui/tabs';
import { Thumbnail } from '../ui/thumbnail';
import { QueryView } from './query-view';
import { NewVmButton } from './new-vm-button';

/** The head and the tabs of a project's pages. */
export function ProjectFrame({ projectId, children }: { projectId: string; children: ReactNode }) {
  const t = useTranslations('workbench');
  const trpc = useTRPC();
  const query = useQuery(trpc.workbench.projects.get.queryOptions({ projectId }));
  return (
    <QueryView query={query} pending={<SkeletonPage label={t('project.loading')} />}>
      {(project) => (
        <>
          <PageHeader
            title={project.name}
            crumbs={[{ label: t('list.title'), href: '/projects' }]}
            icon={<Thumbnail src={project.iconUrl} alt="" seed={project.name} ratio="square" />}
            description={t('list.by', { provider: project.provider, version: project.version })}
            {...(project.kind === 'vm' && { actions: <NewVmButton project={project} /> })}
          />
          {project.removalJobId !== undefined && (
            <div className="mb-4">
              <Notice
                tone="warning"
                title={t('project.going')}
                action={
                  <LinkButton size="sm" href={`/activity/${project.removalJobId}`}>
                    {t('project.goingJob')}
                  </LinkButton>
                }
              >
                {t('project.goingText')}
              </Notice>
            </div>
          )}
          {project.kind === 'vm' ? <VmTabs project={project} /> : <ContainerTabs projectId={project.id} />}
          {children}
        </>
      )}
    </QueryView>
  );
}

function VmTabs({ project }: { project: ProjectView }) {
  const t = useTranslations('workbench.project');
  const base = `/projects/${project.id}`;
  return (
    <TabLinks
      label={t('tabs')}
      tabs={[
        { href: base, label: t('overview'), exact: true },
        { href: `${base}/vms`, label: t('vms'), count: project.vms.length, exact: true },
        { href: `${base}/packages`, label: t('packages') },
        { href: `${base}/settings`, label: t('settings') },
      ]}
    />
  );
}

function ContainerTabs({ projectId }: { projectId: string }) {
  const t = useTranslations('workbench.project');
  const trpc = useTRPC();
  const images = useQuery(trpc.containers.list.queryOptions({ projectId }));
  const runs = useQuery(trpc.containers.deployments.list.queryOptions({ projectId }));
  const base = `/projects/${projectId}`;
  return (
    <TabLinks
      label={t('tabs')}
      tabs={[
        { href: base, label: t('overview'), exact: true },
        {
          href: `${base}/images`,
          label: t('images'),
          ...(images.data && { count: images.data.length }),
        },
        { href: `${base}/deployment`, label: t('deployment') },
        { href: `${base}/runs`, label: t('runs'), ...(runs.data && { count: runs.data.length }) },
        { href: `${base}/packages`, label: t('packages') },
        { href: `${base}/settings`, label: t('settings') },
      ]}
    />
  );
}
