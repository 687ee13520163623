'use client';

import { useQuery } from '@tanstack/react-query';
import type { JobView } from '@/server/api/job-view';
import type { Job, Subject } from '@/server/jobs/job';
import { useTRPC } from '../api/trpc-provider';

/** States in which a job still has something to do. */
export const activeStates = ['queued', 'running', 'cancelling'] as const;

/** Whether a job still has something to do. */
export function isActive(job: Pick<Job, 'state'>): boolean {
  return activeStates.some((state) => state === job.state);
}

/**
 * A job, kept fresh by the stream of notices.
 *
 * @param jobId undefined asks for nothing
 */
export function useJob(jobId: string | undefined) {
  const trpc = useTRPC();
  return useQuery(trpc.jobs.get.queryOptions({ id: jobId ?? '' }, { enabled: jobId !== undefined }));
}

/**
 * The jobs about a thing, newest first.
 *
 * @returns `active` those that run or wait, and `all`; both empty while loading
 */
export function useSubjectJobs(subject: Subject): { all: JobView[]; active: JobView[]; loading: boolean } {
  const trpc = useTRPC();
  const { data, isPending } = useQuery(trpc.jobs.list.queryOptions({ subject, limit: 50 }));
  const all = data ?? [];
  return { all, active: all.filter(isActive), loading: isPending };
}
