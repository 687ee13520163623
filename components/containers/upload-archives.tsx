'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useTRPC } from '../api/trpc-provider';
import { JobProgress } from '../jobs/job-progress';
import { useByteSize } from '../ui/byte-size';
import { DropZone } from '../ui/drop-zone';
import { Notice } from '../ui/notice';
import { ArchiveCard } from './archive-card';
import { useArchives } from './use-archives';

/** Takes image archives, and shows each on its way in; those of an earlier visit too. */
export function UploadArchives({ projectId }: { projectId: string }) {
  const t = useTranslations('containerPages');
  const trpc = useTRPC();
  const archives = useArchives(projectId);
  const uploads = useQuery(trpc.containers.uploads.queryOptions({ projectId }));
  const size = useByteSize();
  const known = uploads.data ?? [];
  const here = new Set(archives.list.flatMap(({ uploadId }) => uploadId ?? []));
  const jobOf = (uploadId: string | undefined) => known.find(({ id }) => id === uploadId)?.jobId ?? undefined;
  const names = new Set(archives.list.map(({ file }) => file.name));
  return (
    <div className="flex flex-col gap-3">
      <DropZone onFiles={archives.add} label={t('images.drop')} hint={t('images.dropHint')} compact />
      {archives.list.map((archive) => (
        <ArchiveCard key={archive.id} archive={archive} archives={archives} jobId={jobOf(archive.uploadId)} />
      ))}
      {known
        .filter(({ id, state }) => state === 'storing' && !here.has(id))
        .map(({ id, jobId }) => jobId !== null && <JobProgress key={id} jobId={jobId} hideDone />)}
      {known
        .filter(({ state, fileName }) => state === 'receiving' && !names.has(fileName))
        .map(({ id, fileName, received, size: total }) => (
          <Notice key={id} tone="neutral" title={t('upload.unfinished', { file: fileName })}>
            {t('upload.unfinishedText', { received: size(received), size: size(total) })}
          </Notice>
        ))}
    </div>
  );
}
