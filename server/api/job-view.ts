import type { UserActor } from '../access/actor';
import type { House } from '../house';
import type { Job, Subject } from '../jobs/job';
import { isProblem } from '../problem';

/** A job as the pages show it. */
export interface JobView extends Job {
  /** Name of what the job is about; undefined when that is gone. */
  subjectName: string | undefined;
  /** undefined for work of the server itself, and for a user that is gone. */
  actorName: string | undefined;
}

/** Adds to jobs what a page needs to say them in words; what several are about is looked up once. */
export function viewJobs(house: House, actor: UserActor, jobs: readonly Job[]): JobView[] {
  const names = new Map<string, string | undefined>();
  return jobs.map((job) => {
    const key = `${job.subject.type} ${job.subject.id}`;
    if (!names.has(key)) names.set(key, subjectNameOf(house, actor, job.subject));
    return viewOf(house, job, names.get(key));
  });
}

/** Adds to a job what a page needs to say it in words. */
export function viewJob(house: House, actor: UserActor, job: Job): JobView {
  return viewOf(house, job, subjectNameOf(house, actor, job.subject));
}

function viewOf(house: House, job: Job, subjectName: string | undefined): JobView {
  const actorName = job.actorId === undefined ? undefined : house.access.users.get(job.actorId)?.name;
  return { ...job, subjectName, actorName };
}

/** undefined when what a job was about is gone, or no longer the actor's to see */
function subjectNameOf(house: House, actor: UserActor, subject: Subject): string | undefined {
  try {
    return nameOf(house, actor, subject);
  } catch (error) {
    if (isProblem(error)) return undefined;
    throw error;
  }
}

function nameOf(house: House, actor: UserActor, { type, id }: Subject): string | undefined {
  switch (type) {
    case 'vm':
      return house.workbench.vmById(id)?.name;
    case 'project':
      return house.workbench.requireProject(actor, id).name;
    case 'image':
      return house.images.get(actor, id).name;
    case 'package':
      return house.packages.get(actor, id).name;
    case 'release':
      return house.store.release(id).version;
    case 'store':
      return house.operations.sync.storeNameOf(id);
    case 'syncedRelease':
      return house.operations.sync.nameOf(actor, id);
    case 'deployment':
      return house.operations.deployments.nameOf(actor, id);
    case 'site':
      return house.sites.registry.standing(id)?.name;
    default:
      return undefined;
  }
}
