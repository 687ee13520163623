'use client';

import { useTranslations } from 'next-intl';
import type { SyncedRelease, SyncState } from '@/server/operations/sync/schemas';
import { currentStep, useJobWords } from '../jobs/job-words';
import { isActive, useJob } from '../jobs/use-job';
import { Badge } from '../ui/badge';
import { useProblemText } from '../ui/error-state';
import { Progress } from '../ui/progress';
import { StatusDot } from '../ui/status-dot';
import type { Tone } from '../ui/tone';

const tones: Record<SyncState, Tone> = {
  notInSync: 'neutral',
  syncing: 'accent',
  inSync: 'success',
  failed: 'danger',
};

type Shown = Pick<SyncedRelease, 'state' | 'problem' | 'proof' | 'withdrawnAt' | 'jobId'>;

/** How a release stands here: its state, how far its sync is, why it failed. */
export function SyncStateCell({ release }: { release: Shown }) {
  const t = useTranslations('syncPages.states');
  const say = useProblemText();
  const { state, problem, proof, withdrawnAt, jobId } = release;
  return (
    <div className="max-w-72 min-w-0">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <StatusDot tone={tones[state]} label={t(state)} busy={state === 'syncing'} />
        {proof === 'signed' && <Badge tone="success">{t('signed')}</Badge>}
        {withdrawnAt !== null && <Badge tone="warning">{t('withdrawn')}</Badge>}
      </p>
      {state === 'syncing' && jobId !== null && <Far jobId={jobId} />}
      {problem && state !== 'syncing' && (
        <p className="text-text-muted mt-0.5 line-clamp-3 text-[0.8125rem] text-pretty">{say(problem)}</p>
      )}
    </div>
  );
}

/** How far a sync is; nothing for one of somebody else's, whose job the visitor may not see. */
function Far({ jobId }: { jobId: string }) {
  const words = useJobWords();
  const { data: job } = useJob(jobId);
  if (!job || !isActive(job)) return null;
  const progress = job.steps[currentStep(job.steps)]?.progress;
  return (
    <Progress
      label={words.now(job)}
      bytes={progress?.unit === 'bytes'}
      {...(progress && progress.total > 0 && { value: progress.done, max: progress.total })}
    />
  );
}
