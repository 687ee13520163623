'use client';

import { useQuery } from '@tanstack/react-query';
import { Hammer, Package, Upload } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useMemo, useState } from 'react';
import type { PackageSummary } from '@/server/packages/schemas';
import { useTRPC } from '../api/trpc-provider';
import { JobProgress } from '../jobs/job-progress';
import { usePaletteActions } from '../palette/actions';
import { Button } from '../ui/button';
import { ByteSize } from '../ui/byte-size';
import { DataTable } from '../ui/data-table';
import type { DataColumn } from '../ui/data-table-model';
import { EmptyState } from '../ui/empty-state';
import { RelativeTime } from '../ui/relative-time';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { BuildDialog } from './build-dialog';
import { PackageActions } from './package-actions';
import { FindingsBadges, PackageStateDot, VerificationBadge } from './package-state';
import { UploadDialog } from './upload-dialog';

const busyStates = new Set(['building', 'checking']);

/** The packages of a project: building them, what became of them, and the way to the store. */
export function ProjectPackages({ projectId }: { projectId: string }) {
  const t = useTranslations('packages.list');
  const trpc = useTRPC();
  const query = useQuery(trpc.packages.list.queryOptions({ projectId }));
  const project = useQuery(trpc.workbench.projects.get.queryOptions({ projectId }));
  const [dialog, setDialog] = useState<'build' | 'upload'>();
  const columns = useColumns();
  const lacking = useLacking(projectId);
  usePaletteActions(
    useMemo(
      () => [
        { id: 'packages.build', label: t('build'), group: t('title'), run: () => setDialog('build') },
        { id: 'packages.upload', label: t('upload'), group: t('title'), run: () => setDialog('upload') },
      ],
      [t],
    ),
  );

  const buttons = (
    <div className="flex flex-wrap gap-2">
      <Button icon={<Upload />} onClick={() => setDialog('upload')}>
        {t('upload')}
      </Button>
      <Button
        variant="primary"
        icon={<Hammer />}
        onClick={() => setDialog('build')}
        {...(lacking !== undefined && { disabledReason: lacking })}
      >
        {t('build')}
      </Button>
    </div>
  );
  return (
    <section className="flex flex-col gap-4" aria-label={t('title')}>
      <QueryView query={query} pending={<SkeletonRows label={t('loading')} />}>
        {(packages) => (
          <>
            {packages.length > 0 && (
              <div className="flex flex-wrap items-center justify-between gap-3">
                <p className="text-text-muted max-w-prose">{t('description')}</p>
                {buttons}
              </div>
            )}
            {packages.map((item) => (
              <RunningJob key={item.id} item={item} />
            ))}
            <DataTable
              label={t('title')}
              rows={packages}
              columns={columns}
              rowId={({ id }) => id}
              rowHref={({ id }) => `/projects/${projectId}/packages/${id}`}
              rowActions={actionsOf}
              pageSize={25}
              empty={
                <EmptyState icon={<Package />} title={t('empty')} action={buttons}>
                  {lacking ?? t('emptyText')}
                </EmptyState>
              }
            />
          </>
        )}
      </QueryView>
      {project.data && (
        <BuildDialog
          project={project.data}
          open={dialog === 'build'}
          onOpenChange={(open) => setDialog(open ? 'build' : undefined)}
        />
      )}
      <UploadDialog
        projectId={projectId}
        open={dialog === 'upload'}
        onOpenChange={(open) => setDialog(open ? 'upload' : undefined)}
      />
    </section>
  );
}

/** What a package cannot be built without, when the project does not have it. */
function useLacking(projectId: string): string | undefined {
  const t = useTranslations('packages.list');
  const trpc = useTRPC();
  const { data: project } = useQuery(trpc.workbench.projects.get.queryOptions({ projectId }));
  const text = useQuery(
    trpc.containers.text.get.queryOptions({ projectId }, { enabled: project?.kind === 'container' }),
  );
  if (project?.kind === 'vm' && project.vms.length === 0) return t('emptyNoVm');
  return text.data === null ? t('emptyNoText') : undefined;
}

const actionsOf = (item: PackageSummary) => <PackageActions item={item} compact />;

function RunningJob({ item }: { item: PackageSummary }) {
  return item.jobId !== null && busyStates.has(item.state) ? (
    <JobProgress jobId={item.jobId} hideDone />
  ) : null;
}

function useColumns(): DataColumn<PackageSummary>[] {
  const t = useTranslations('packages.list');
  return [
    {
      id: 'name',
      header: t('name'),
      phone: 'title',
      sort: (item) => item.name,
      cell: (item) => <span className="font-medium">{item.name}</span>,
    },
    {
      id: 'version',
      header: t('version'),
      sort: (item) => item.version,
      cell: (item) => <span className="tabular">{item.version}</span>,
    },
    {
      id: 'state',
      header: t('state'),
      sort: (item) => item.state,
      cell: (item) => (
        <span className="flex flex-wrap items-center gap-2">
          <PackageStateDot state={item.state} />
          <VerificationBadge verification={item.verification} />
        </span>
      ),
    },
    {
      id: 'findings',
      header: t('findings'),
      cell: (item) => (item.state === 'ready' ? <FindingsBadges findings={item.findings} /> : null),
    },
    {
      id: 'size',
      header: t('size'),
      align: 'end',
      sort: (item) => item.size,
      cell: (item) => <ByteSize bytes={item.size} />,
    },
    {
      id: 'created',
      header: t('created'),
      sort: (item) => item.createdAt,
      cell: (item) => <RelativeTime at={item.createdAt} />,
    },
  ];
}
