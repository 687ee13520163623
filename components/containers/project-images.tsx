'use client';

import { useQuery } from '@tanstack/react-query';
import { Boxes, Download } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useMemo, useState } from 'react';
import type { ContainerImage } from '@/server/containers/schemas';
import { useTRPC } from '../api/trpc-provider';
import { usePaletteActions } from '../palette/actions';
import { Button } from '../ui/button';
import { DataTable } from '../ui/data-table';
import { EmptyState } from '../ui/empty-state';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { imageActionsOf } from './image-actions';
import { useImageColumns } from './image-columns';
import { ImageDrawer } from './image-drawer';
import { ProjectJobs } from './project-jobs';
import { PullDialog } from './pull-dialog';
import { UploadArchives } from './upload-archives';

const jobKinds = ['containers.pull'];

/** The container images of a project: sending archives, pulling by name, and what is there. */
export function ProjectImages({ projectId }: { projectId: string }) {
  const t = useTranslations('containerPages.images');
  const trpc = useTRPC();
  const query = useQuery(trpc.containers.list.queryOptions({ projectId }));
  const [pulling, setPulling] = useState(false);
  const [shown, setShown] = useState<ContainerImage>();
  const columns = useImageColumns(setShown);
  const actionsOf = useMemo(() => imageActionsOf(setShown), []);
  usePaletteActions(
    useMemo(
      () => [{ id: 'containers.pull', label: t('pull'), group: t('title'), run: () => setPulling(true) }],
      [t],
    ),
  );
  const pull = (
    <Button icon={<Download />} onClick={() => setPulling(true)}>
      {t('pull')}
    </Button>
  );
  return (
    <section className="flex flex-col gap-5" aria-label={t('title')}>
      <UploadArchives projectId={projectId} />
      <ProjectJobs projectId={projectId} kinds={jobKinds} />
      <QueryView query={query} pending={<SkeletonRows label={t('loading')} />}>
        {(images) => (
          <>
            {images.length > 0 && <div className="flex justify-end">{pull}</div>}
            <DataTable
              label={t('title')}
              rows={images}
              columns={columns}
              rowId={({ id }) => id}
              rowActions={actionsOf}
              initialSort={{ id: 'name' }}
              pageSize={25}
              empty={
                <EmptyState icon={<Boxes />} title={t('empty')} action={pull}>
                  {t('emptyText')}
                </EmptyState>
              }
            />
          </>
        )}
      </QueryView>
      <PullDialog projectId={projectId} open={pulling} onOpenChange={setPulling} />
      <ImageDrawer image={shown} onClose={() => setShown(undefined)} />
    </section>
  );
}
