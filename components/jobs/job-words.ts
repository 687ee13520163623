'use client';

import { useTranslations } from 'next-intl';
import { useCallback, useMemo } from 'react';
import type { Job, JobState, JobStep, Said } from '@/server/jobs/job';
import { useTextOf } from '../i18n/use-text-of';
import type { Tone } from '../ui/tone';

/** How each state looks. */
export const stateTones = {
  queued: 'neutral',
  running: 'accent',
  cancelling: 'warning',
  done: 'success',
  failed: 'danger',
  cancelled: 'neutral',
} as const satisfies Record<JobState, Tone>;

/** Words for kinds, steps and states of jobs, in the reader's language. */
export function useJobWords() {
  const t = useTranslations('jobs');
  const textOf = useTextOf('jobs');
  return useMemo(() => {
    // Kinds and steps are data: one without a text yet shows its own name, never an error.
    const orName = (key: string, name: string) => textOf(key) ?? name;
    return {
      kind: (kind: string) => orName(`kinds.${kind}`, kind),
      step: (kind: string, step: string) =>
        orName(`steps.${kind}.${step}`, isCleanUp(step) ? t('job.cleaningUp') : step),
      state: (state: JobState) => t(`states.${state}`),
      /** What the job does now, in a line. */
      now: (job: Job) => {
        if (job.state === 'queued') return t('job.waitsForTurn');
        const index = currentStep(job.steps);
        const step = job.steps[index];
        if (!step) return job.state === 'cancelling' ? t('job.cleaningUp') : t(`states.${job.state}`);
        if (isCleanUp(step.name) || job.error !== undefined) return t('job.cleaningUp');
        const total = job.steps.filter(({ name }) => !isCleanUp(name)).length;
        return t('job.step', {
          index: index + 1,
          total,
          name: orName(`steps.${job.kind}.${step.name}`, step.name),
        });
      },
    };
  }, [t, textOf]);
}

/** Says what a job wrote down in the reader's language: foreign words as they are, ours by their key. */
export function useSaid(): (said: string | Said) => string {
  const textOf = useTextOf();
  return useCallback(
    (said) => {
      if (typeof said === 'string') return said;
      const words = textOf(said.key, said.params) ?? said.key;
      return said.detail === undefined || said.detail === '' ? words : `${words} — ${said.detail}`;
    },
    [textOf],
  );
}

/** Steps of a clean-up bear this prefix; each may have its own words. */
function isCleanUp(step: string): boolean {
  return step.startsWith('undo.');
}

/** Index of the step that runs, or else of the one that failed; -1 when neither is there. */
export function currentStep(steps: readonly JobStep[]): number {
  const running = steps.findLastIndex(({ state }) => state === 'running');
  return running >= 0 ? running : steps.findLastIndex(({ state }) => state === 'failed');
}
