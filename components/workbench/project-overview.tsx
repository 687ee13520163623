'use client';

import { useQuery } from '@tanstack/react-query';
import { Server } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { ProjectView } from '@/server/workbench/model';
import { useTRPC } from '../api/trpc-provider';
import { ProjectContents } from '../containers/project-contents';
import { useStoreWords } from '../store/store-words';
import { Card } from '../ui/card';
import { EmptyState } from '../ui/empty-state';
import { KeyValueList } from '../ui/key-value';
import { TextLink } from '../ui/link-button';
import { Markdown } from '../ui/markdown';
import { RelativeTime } from '../ui/relative-time';
import { SkeletonRows } from '../ui/skeleton';
import { VmScreen } from '../vms/vm-screen';
import { VmStateDot } from '../vms/vm-state';

import { NewVmButton } from './new-vm-button';
import { QueryView } from './query-view';

/** What the project is, and how its VMs are doing. */
export function ProjectOverview({ projectId }: { projectId: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.workbench.projects.get.queryOptions({ projectId }));
  return (
    <QueryView query={query} pending={<SkeletonRows />}>
      {(project) => <Overview project={project} />}
    </QueryView>
  );
}

function Overview({ project }: { project: ProjectView }) {
  const t = useTranslations('workbench');
  const words = useStoreWords();
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <div className="flex flex-col gap-6">
        {project.kind === 'vm' ? <Vms project={project} /> : <ProjectContents projectId={project.id} />}
        <Card title={t('form.readme')}>
          {project.readme.trim() === '' ? (
            <p className="text-text-muted">
              {t('project.noReadme')}{' '}
              <TextLink href={`/projects/${project.id}/settings`}>{t('project.writeReadme')}</TextLink>
            </p>
          ) : (
            <Markdown text={project.readme} />
          )}
        </Card>
      </div>
      <Card title={t('project.facts')}>
        <KeyValueList
          items={[
            { label: t('form.description'), value: project.description || undefined },
            { label: t('form.kind'), value: t(`kinds.${project.kind}`) },
            { label: t('form.industry'), value: words.industry(project.industry) },
            { label: t('form.type'), value: words.type(project.type) },
            { label: t('form.architecture'), value: t(`architectures.${project.architecture}`) },
            { label: t('project.owner'), value: project.ownerName },
            { label: t('project.created'), value: <RelativeTime at={project.createdAt} /> },
            { label: t('project.changed'), value: <RelativeTime at={project.updatedAt} /> },
          ]}
        />
      </Card>
    </div>
  );
}

function Vms({ project }: { project: ProjectView }) {
  const t = useTranslations('workbench');
  return (
    <Card title={t('project.vms')}>
      {project.vms.length === 0 ? (
        <EmptyState
          icon={<Server />}
          title={t('project.noVms')}
          action={<NewVmButton project={project} />}
          compact
        >
          {t('project.noVmsText')}
        </EmptyState>
      ) : (
        <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(13rem,100%),1fr))] gap-4">
          {project.vms.map((vm) => (
            <li key={vm.id} className="flex min-w-0 flex-col gap-2">
              <VmScreen vmId={vm.id} name={vm.name} state={vm.state} available={vm.screen} />
              <span className="flex flex-wrap items-center justify-between gap-2">
                <TextLink href={`/projects/${project.id}/vms/${vm.id}`} className="truncate font-medium">
                  {vm.name}
                </TextLink>
                <span className="text-sm">
                  <VmStateDot state={vm.state} />
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
