'use client';

import { useState } from 'react';
import type { JobView } from '@/server/api/job-view';
import { JobProgress } from '../jobs/job-progress';
import { isActive, useSubjectJobs } from '../jobs/use-job';
import { useNow } from '../ui/clock';

/** How long a failure stays in sight unless it is dismissed; the list of activities keeps it. */
const lately = 15 * 60_000;
/** Failures shown at once: the newest. */
const mostFailures = 3;

/**
 * The running jobs of some kinds in a project, each with its progress and a way to cancel it, and those that failed
 * lately, with the reason.
 */
export function ProjectJobs({ projectId, kinds }: { projectId: string; kinds: readonly string[] }) {
  const { all } = useSubjectJobs({ type: 'project', id: projectId });
  const now = useNow(60_000);
  const [dismissed, setDismissed] = useState<readonly string[]>([]);
  const own = all.filter(({ kind, id }) => kinds.includes(kind) && !dismissed.includes(id));
  const failed = own.filter((job) => failedSince(job, (now ?? Infinity) - lately)).slice(0, mostFailures);
  return own
    .filter((job) => isActive(job) || failed.includes(job))
    .map(({ id }) => (
      <JobProgress key={id} jobId={id} hideDone onDismiss={() => setDismissed((ids) => [...ids, id])} />
    ));
}

function failedSince({ state, endedAt }: JobView, since: number): boolean {
  return state === 'failed' && endedAt !== undefined && endedAt > since;
}
