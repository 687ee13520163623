'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Hammer, Plus, SearchX } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useDeferredValue, useMemo, useState } from 'react';
import type { ProjectView } from '@/server/workbench/model';
import { useTRPC } from '../api/trpc-provider';
import { usePaletteActions } from '../palette/actions';
import { Badge } from '../ui/badge';
import { CardGrid, LinkCard } from '../ui/card';
import { EmptyState } from '../ui/empty-state';
import { SearchInput } from '../ui/input';
import { LinkButton } from '../ui/link-button';
import { PageHeader } from '../ui/page-header';
import { RelativeTime } from '../ui/relative-time';
import { SkeletonCards } from '../ui/skeleton';
import { Thumbnail } from '../ui/thumbnail';
import { VmScreen } from '../vms/vm-screen';
import { VmStateDot } from '../vms/vm-state';
import { QueryView } from './query-view';

/** The projects of the visitor, as cards. */
export function ProjectList() {
  const t = useTranslations('workbench.list');
  const trpc = useTRPC();
  const router = useRouter();
  const [words, setWords] = useState('');
  const q = useDeferredValue(words.trim());
  const query = useQuery(
    trpc.workbench.projects.list.queryOptions({ q }, { placeholderData: keepPreviousData }),
  );
  const createNew = t('new');
  usePaletteActions(
    useMemo(
      () => [
        {
          id: 'projects.new',
          label: createNew,
          group: t('title'),
          shortcut: 'n p',
          run: () => router.push('/projects/new'),
        },
      ],
      [createNew, router, t],
    ),
  );

  const create = (
    <LinkButton href="/projects/new" variant="primary" icon={<Plus />}>
      {createNew}
    </LinkButton>
  );
  return (
    <>
      <PageHeader title={t('title')} description={t('description')} actions={create} />
      <QueryView query={query} pending={<SkeletonCards label={t('loading')} />}>
        {(projects) =>
          projects.length === 0 && q === '' ? (
            <EmptyState icon={<Hammer />} title={t('emptyTitle')} action={create}>
              {t('emptyText')}
            </EmptyState>
          ) : (
            <div className="flex flex-col gap-4">
              <SearchInput
                value={words}
                onValueChange={setWords}
                label={t('search')}
                placeholder={t('search')}
                className="max-w-md"
              />
              <Found projects={projects} words={q} />
            </div>
          )
        }
      </QueryView>
    </>
  );
}

function Found({ projects, words }: { projects: ProjectView[]; words: string }) {
  const t = useTranslations('workbench.list');
  if (projects.length === 0) {
    return (
      <EmptyState icon={<SearchX />} title={t('nothingFound', { words })} compact>
        {t('nothingFoundText')}
      </EmptyState>
    );
  }
  return (
    <CardGrid min="lg">
      {projects.map((project) => (
        <ProjectCard key={project.id} project={project} />
      ))}
    </CardGrid>
  );
}

function ProjectCard({ project }: { project: ProjectView }) {
  const t = useTranslations('workbench');
  const shown = project.vms.slice(0, 2);
  return (
    <LinkCard href={`/projects/${project.id}`} label={project.name}>
      <article className="flex h-full flex-col gap-4">
        <div className="flex items-start gap-3">
          <Thumbnail src={project.iconUrl} alt="" seed={project.name} ratio="square" size="md" />
          <div className="min-w-0 flex-1">
            <h2 className="truncate text-base font-semibold">{project.name}</h2>
            <p className="text-text-muted truncate text-sm">
              {t('list.by', { provider: project.provider, version: project.version })}
            </p>
            {project.removalJobId !== undefined && <Badge tone="danger">{t('states.deleting')}</Badge>}
          </div>
        </div>
        {project.description !== '' && (
          <p className="text-text-muted line-clamp-2 text-sm">{project.description}</p>
        )}
        {shown.length > 0 && (
          <ul className="grid grid-cols-2 gap-3">
            {shown.map((vm) => (
              <li key={vm.id} className="flex min-w-0 flex-col gap-1.5">
                <VmScreen vmId={vm.id} name={vm.name} state={vm.state} available={vm.screen} />
                <span className="truncate text-sm font-medium">{vm.name}</span>
                <span className="text-sm">
                  <VmStateDot state={vm.state} />
                </span>
              </li>
            ))}
          </ul>
        )}
        <p className="text-text-muted mt-auto flex flex-wrap justify-between gap-2 text-sm">
          <span>{t('list.vms', { count: project.vms.length })}</span>
          <RelativeTime at={project.updatedAt} />
        </p>
      </article>
    </LinkCard>
  );
}
