'use client';

import { JobProgress } from '../jobs/job-progress';
import { useSubjectJobs } from '../jobs/use-job';

/** The running jobs of some kinds in a project, each with its progress and a way to cancel it. */
export function ProjectJobs({ projectId, kinds }: { projectId: string; kinds: readonly string[] }) {
  const { active } = useSubjectJobs({ type: 'project', id: projectId });
  const shown = active.filter(({ kind }) => kinds.includes(kind));
  return shown.map(({ id }) => <JobProgress key={id} jobId={id} hideDone />);
}
