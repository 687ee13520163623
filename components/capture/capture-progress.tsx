'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import type { Job } from '@/server/jobs/job';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { JobActions } from '../jobs/job-actions';
import { useJobWords } from '../jobs/job-words';
import { useJob } from '../jobs/use-job';
import { Button } from '../ui/button';
import { useByteSize } from '../ui/byte-size';
import { Dialog } from '../ui/dialog';
import { Digest } from '../ui/digest';
import { ErrorState } from '../ui/error-state';
import { LinkButton } from '../ui/link-button';
import { Notice } from '../ui/notice';
import { SkeletonRows } from '../ui/skeleton';
import { Timeline, type TimelineStep } from '../ui/timeline';

/** The work of a capture, step by step, and what came of it. */
export function CaptureProgress({
  jobId,
  vmId,
  open,
  onOpenChange,
  onAgain,
}: {
  jobId: string;
  vmId: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onAgain: () => void;
}) {
  const t = useTranslations('images.capture');
  const trpc = useTRPC();
  const job = useJob(jobId);
  const vm = useQuery(trpc.workbench.vms.get.queryOptions({ vmId }));
  const over = job.data !== undefined && ['done', 'failed', 'cancelled'].includes(job.data.state);
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={t('running', { vm: vm.data?.name ?? '' })}
      size="lg"
      {...(!over && { description: t('keepGoing') })}
      footer={
        <>
          {job.data && <JobActions job={job.data} size="md" />}
          {job.data?.state === 'failed' && <Button onClick={onAgain}>{t('change')}</Button>}
          <Button variant="primary" onClick={() => onOpenChange(false)}>
            {t('close')}
          </Button>
        </>
      }
    >
      {job.data ? (
        <Work job={job.data} />
      ) : job.error ? (
        <ErrorState problem={problemOf(job.error)} onRetry={() => void job.refetch()} compact />
      ) : (
        <SkeletonRows rows={7} />
      )}
    </Dialog>
  );
}

function Work({ job }: { job: Job }) {
  const t = useTranslations('images.capture');
  const words = useJobWords();
  const steps: TimelineStep[] = job.steps
    .filter(({ name }) => !name.startsWith('undo.'))
    .map(({ name, state, progress }) => ({
      id: name,
      title: words.step(job.kind, name),
      state,
      ...(state === 'running' &&
        progress && {
          progress: { value: progress.done, max: progress.total, bytes: progress.unit === 'bytes' },
        }),
    }));
  const imageId = job.state === 'done' ? (job.result as { imageId: string }).imageId : undefined;
  return (
    <div className="flex flex-col gap-5">
      <Timeline label={t('title')} steps={steps} />
      {job.error && <ErrorState problem={job.error} compact />}
      {imageId !== undefined && <Done imageId={imageId} />}
    </div>
  );
}

function Done({ imageId }: { imageId: string }) {
  const t = useTranslations('images.capture');
  const size = useByteSize();
  const trpc = useTRPC();
  const { data: image } = useQuery(trpc.images.get.queryOptions({ imageId }));
  if (!image) return null;
  return (
    <Notice
      tone="success"
      title={t('done')}
      action={<LinkButton href={`/images/${imageId}`}>{t('openImage')}</LinkButton>}
    >
      <span className="flex flex-col gap-1">
        {t('doneText', { before: size(image.sizeBefore ?? image.virtualSize), after: size(image.size) })}
        {image.digest !== null && <Digest value={image.digest} />}
      </span>
    </Notice>
  );
}
