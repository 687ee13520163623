'use client';

import { X } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { Job } from '@/server/jobs/job';
import { problemOf } from '../api/problem-of';
import { useNow } from '../ui/clock';
import { Elapsed, useDuration } from '../ui/duration';
import { ErrorState, useProblemText } from '../ui/error-state';
import { IconButton } from '../ui/icon-button';
import { Notice } from '../ui/notice';
import { Progress } from '../ui/progress';
import { Skeleton } from '../ui/skeleton';
import { StatusDot } from '../ui/status-dot';
import { JobActions } from './job-actions';
import { currentStep, stateTones, useJobWords, useSaid } from './job-words';
import { isActive, useJob } from './use-job';

/** Silence after which a running job is said to show no sign of life. */
const silence = 60_000;

/**
 * A job in the page that started it: what it does now, how far, how it ended; with cancel and try again.
 *
 * @param onDismiss puts it out of sight; offered once the job is over
 */
export function JobProgress({
  jobId,
  hideDone = false,
  onDismiss,
}: {
  jobId: string;
  hideDone?: boolean;
  onDismiss?: () => void;
}) {
  const t = useTranslations('jobs.job');
  const { data: job, error, refetch } = useJob(jobId);
  const words = useJobWords();
  if (error) return <ErrorState compact problem={problemOf(error)} onRetry={() => void refetch()} />;
  if (!job) return <Skeleton className="h-12 w-full" />;
  if (hideDone && job.state === 'done') return null;
  return (
    <div className="border-border bg-surface flex flex-col gap-2 rounded-lg border p-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <StatusDot
          tone={stateTones[job.state]}
          busy={isActive(job)}
          label={`${words.kind(job.kind)} · ${words.state(job.state)}`}
        />
        <span className="flex items-center gap-1">
          <JobActions job={job} />
          {onDismiss && !isActive(job) && (
            <IconButton size="sm" label={t('dismiss')} icon={<X />} onClick={onDismiss} />
          )}
        </span>
      </div>
      <JobState job={job} />
    </div>
  );
}

/** What a job does now and how far it is, or why it failed. */
export function JobState({ job }: { job: Job }) {
  if (isActive(job)) return <RunningState job={job} />;
  if (job.error === undefined) return null;
  return <FailedState job={job} />;
}

function RunningState({ job }: { job: Job }) {
  const words = useJobWords();
  const said = useSaid();
  const message = job.message === undefined ? undefined : said(job.message);
  if (job.state === 'queued') return <p className="text-text-muted text-sm">{words.now(job)}</p>;
  const progress = job.steps[currentStep(job.steps)]?.progress;
  return (
    <div className="flex flex-col gap-1.5 text-sm">
      <Progress
        label={words.now(job)}
        bytes={progress?.unit === 'bytes'}
        tone={job.state === 'cancelling' ? 'warning' : 'accent'}
        {...(progress && progress.total > 0 && { value: progress.done, max: progress.total })}
        detail={
          <span className="flex justify-between gap-3">
            <span className="truncate font-mono text-xs" title={message}>
              {message}
            </span>
            {job.startedAt !== undefined && <Elapsed since={job.startedAt} />}
          </span>
        }
      />
      <SignOfLife job={job} />
    </div>
  );
}

function SignOfLife({ job }: { job: Job }) {
  const t = useTranslations('jobs.job');
  const duration = useDuration();
  const now = useNow(5_000);
  if (job.state === 'queued' || job.heartbeatAt === undefined || now === undefined) return null;
  const quiet = now - job.heartbeatAt;
  if (quiet < silence) return null;
  return (
    <Notice tone="warning" title={t('noSign', { span: duration(Math.floor(quiet / 1000) * 1000) })}>
      {t('noSignText')}
    </Notice>
  );
}

function FailedState({ job }: { job: Job }) {
  const t = useTranslations('jobs.job');
  const say = useProblemText();
  if (job.error === undefined) return null;
  return (
    <div className="flex flex-col gap-2">
      <Notice tone="danger">
        <p>{say(job.error)}</p>
        {job.error.detail !== undefined && (
          <pre className="mt-1 max-h-40 overflow-auto font-mono text-xs whitespace-pre-wrap">
            {job.error.detail}
          </pre>
        )}
      </Notice>
      {job.undoError !== undefined && (
        <Notice tone="warning" title={t('undoFailed')}>
          {say(job.undoError)}
        </Notice>
      )}
    </div>
  );
}
