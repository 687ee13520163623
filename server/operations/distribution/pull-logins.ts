/** Whom the logins are for that edges fetch with while something is brought to them. */
import type { DistributionPorts } from './ports';

const ofJob = 'distribution:';
const ofLook = 'plan:';

/** For the time of a job; an edge's next job has its own, which the end of an earlier one does not take away. */
export const holderOf = (jobId: string): string => `${ofJob}${jobId}`;

/** For a look at what a disk image would cost; one for each, for a login is for the repositories it was last given for. */
export const lookerAt = (digest: string): string => `${ofLook}${digest}`;

/** Takes back at the start what a process that was killed had given: looks ended with it, and jobs may be over since. */
export function sweepLogins({ registries, jobs }: Pick<DistributionPorts, 'registries' | 'jobs'>): void {
  const isLeft = (holder: string): boolean => {
    if (holder.startsWith(ofLook)) return true;
    if (!holder.startsWith(ofJob)) return false;
    const job = jobs.get(holder.slice(ofJob.length));
    return !job || job.endedAt !== undefined;
  };
  for (const holder of registries.pullHolders()) if (isLeft(holder)) registries.revokePull(holder);
}
