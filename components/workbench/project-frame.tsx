'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
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
  const base = `/projects/${projectId}`;
  return (
    <QueryView query={query} pending={<SkeletonPage label={t('project.loading')} />}>
      {(project) => (
        <>
          <PageHeader
            title={project.name}
            crumbs={[{ label: t('list.title'), href: '/projects' }]}
            icon={<Thumbnail src={project.iconUrl} alt="" seed={project.name} ratio="square" />}
            description={t('list.by', { provider: project.provider, version: project.version })}
            actions={<NewVmButton project={project} />}
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
          <TabLinks
            label={t('project.tabs')}
            tabs={[
              { href: base, label: t('project.overview'), exact: true },
              { href: `${base}/vms`, label: t('project.vms'), count: project.vms.length, exact: true },
              { href: `${base}/packages`, label: t('project.packages') },
              { href: `${base}/settings`, label: t('project.settings') },
            ]}
          />
          {children}
        </>
      )}
    </QueryView>
  );
}
