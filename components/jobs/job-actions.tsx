'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { RotateCcw, Square } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { toast } from 'sonner';
import type { Job } from '@/server/jobs/job';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { useProblemText } from '../ui/error-state';
import { useJobWords } from './job-words';
import { isActive } from './use-job';

/** Cancel while the job runs, try again once it failed or was cancelled. */
export function JobActions({ job, size = 'sm' }: { job: Job; size?: 'sm' | 'md' }) {
  if (isActive(job)) return <CancelJob job={job} size={size} />;
  if (job.state === 'failed' || job.state === 'cancelled') return <RetryJob job={job} size={size} />;
  return null;
}

function CancelJob({ job, size }: { job: Job; size: 'sm' | 'md' }) {
  const t = useTranslations('jobs.job');
  const words = useJobWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const cancel = useMutation(
    trpc.jobs.cancel.mutationOptions({
      onSettled: () => queryClient.invalidateQueries(trpc.jobs.pathFilter()),
    }),
  );
  const why =
    job.state === 'cancelling'
      ? t('alreadyCancelling')
      : job.error !== undefined
        ? t('beingUndone')
        : t('notCancellable');
  return (
    <>
      <Button
        size={size}
        variant="ghost"
        icon={<Square />}
        onClick={() => setAsking(true)}
        {...(!job.cancellable && { disabledReason: why })}
      >
        {t('cancel')}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t('cancelTitle', { name: words.kind(job.kind) })}
        confirmLabel={t('confirmCancel')}
        cancelLabel={t('keepRunning')}
        onConfirm={async () => {
          await cancel.mutateAsync({ id: job.id });
        }}
        problemOf={problemOf}
      >
        {t('cancelText')}
      </ConfirmDialog>
    </>
  );
}

function RetryJob({ job, size }: { job: Job; size: 'sm' | 'md' }) {
  const t = useTranslations('jobs.job');
  const say = useProblemText();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const retry = useMutation(
    trpc.jobs.retry.mutationOptions({
      onSuccess: () => toast.success(t('retried')),
      onError: (error) => toast.error(say(problemOf(error))),
      onSettled: () => queryClient.invalidateQueries(trpc.jobs.pathFilter()),
    }),
  );
  return (
    <Button
      size={size}
      variant="ghost"
      icon={<RotateCcw />}
      busy={retry.isPending}
      onClick={() => retry.mutate({ id: job.id })}
    >
      {t('retry')}
    </Button>
  );
}
