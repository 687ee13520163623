import { hasRole, type UserActor, type Actor } from '../access/actor';
import type { House } from '../house';
import { operationsKinds, type Job, type JobFilter } from '../jobs/job';
import { Problem } from '../problem';

/** Whether the actor may see a job: who asked for it, members of its project, operators for theirs, administrators. */
export function maySeeJob(house: House, actor: Actor, job: Job): boolean {
  if (hasRole(actor, 'admin')) return true;
  if (actor.userId !== undefined && job.actorId === actor.userId) return true;
  if (operationsKinds.includes(job.kind) && hasRole(actor, 'operator')) return true;
  return job.projectId !== undefined && house.workbench.canSee(actor, job.projectId);
}

/**
 * The job, if the actor may see it.
 *
 * @throws Problem `not_found`, for a job of somebody else as well
 */
export function requireJob(house: House, actor: Actor, jobId: string): Job {
  const job = house.jobs.get(jobId);
  if (!job || !maySeeJob(house, actor, job)) throw new Problem('not_found', 'jobs.errors.noJob');
  return job;
}

/** The jobs that pass the filter and that the actor may see, newest first. */
export function listJobsFor(house: House, actor: UserActor, filter: JobFilter): Job[] {
  const projectIds = house.workbench.projectIdsOf(actor);
  // In the list of everything the work of others for hundreds of edges would hide one's own.
  const asked = filter.subject !== undefined || filter.kind !== undefined;
  const kinds = asked && hasRole(actor, 'operator') ? operationsKinds : [];
  const visibleTo =
    hasRole(actor, 'admin') || projectIds === 'all'
      ? undefined
      : { projectIds, actorId: actor.userId, kinds };
  return house.jobs.list({ ...filter, visibleTo });
}
