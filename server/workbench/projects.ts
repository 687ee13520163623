import type { Actor } from '../access/actor';
import type { Job } from '../jobs/job';
import type { Belonging, Member, ProjectView } from './model';
import type { CreateProjectInput, IconType, UpdateProjectInput } from './schemas';

/** What can be done with projects. Every function throws Problem `not_found` for a project that is not the actor's. */
export interface Projects {
  /** The actor's projects, newest change first; an administrator sees all. @param query words in name or description */
  list(actor: Actor, query?: { q?: string | undefined }): ProjectView[];
  get(actor: Actor, projectId: string): ProjectView;
  /** @throws Problem `conflict` when the actor has a project of that name, `invalid` for a bad icon */
  create(actor: Actor, input: CreateProjectInput, requestKey?: string): ProjectView;
  update(actor: Actor, projectId: string, input: UpdateProjectInput): ProjectView;
  /** A copy of the description, without VMs, images, packages, members. */
  clone(actor: Actor, projectId: string, name: string): ProjectView;
  /** What deleting the project deletes. */
  removalPlan(actor: Actor, projectId: string): Belonging[];
  /** Deletes the project with all of that, as a job. Owner and administrators only. */
  remove(actor: Actor, projectId: string): Job;
  icon(actor: Actor, projectId: string): { type: IconType; data: Buffer; version: number };
  members(actor: Actor, projectId: string): Member[];
  /** Owner and administrators only. @param nameOrEmail who @throws Problem `not_found` for no such user */
  addMember(actor: Actor, projectId: string, nameOrEmail: string): Member[];
  removeMember(actor: Actor, projectId: string, userId: string): Member[];
}
