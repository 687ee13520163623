/** Deployments: what of packages and releases runs on sites. */
import { authorize, hasRole, type Actor, type Authorized, type UserActor } from '../../access/actor';
import type { AuditedChange, SecretsPort } from '../../access/ports';
import type { Db } from '../../db/database';
import { newId } from '../../db/id';
import type { Events } from '../../jobs/events';
import type { Job, Jobs } from '../../jobs/job';
import type { Log } from '../../log';
import type { PackageProjects } from '../../packages/order';
import type { Packages } from '../../packages/packages';
import { Problem } from '../../problem';
import type { SiteRegistry } from '../../sites/registry';
import type { AppInput, StackEvent, StackPlan } from '../../sites/stacks';
import { defineCreate, defineDelete, seen, stacksOf } from './deployment-jobs';
import { openDeploymentRows, secretsName, toDeployment, type DeploymentRow } from './deployment-rows';
import type { CreateDeploymentInput, Deployment, PlanDeploymentInput } from './schemas';

/** What operations need from the rest of the house. */
export interface DeploymentPorts {
  db: Db;
  jobs: Jobs;
  events: Events;
  log: Log;
  audit(record: AuditedChange): void;
  secrets: SecretsPort;
  sites: SiteRegistry;
  packages: Pick<Packages, 'get' | 'topology'>;
  projects: Pick<PackageProjects, 'canSee'>;
  /** Our disk image with these bytes that the actor may use; undefined when there is none. */
  imageByDigest(actor: Actor, digest: string): string | undefined;
}

export interface Deployments {
  /** Deployments the actor may see, newest first. */
  list(actor: Actor, filter: { packageId?: string | undefined }): Deployment[];
  /** A deployment as the site tells of it now, or as it was last seen. @throws Problem `not_found` */
  get(actor: Actor, id: string, signal?: AbortSignal): Promise<Deployment>;
  /** What the site tells of it, oldest first. @throws Problem `not_found`, and what the site throws */
  events(actor: Actor, id: string, signal?: AbortSignal): Promise<StackEvent[]>;
  /**
   * What would be sent to the site, and what stands in the way. Changes nothing.
   * @throws Problem `not_found`, `conflict` for a site without stacks, `invalid` for a package without VMs
   */
  plan(actor: Actor, input: PlanDeploymentInput, signal?: AbortSignal): Promise<StackPlan>;
  /**
   * Starts to deploy a package.
   *
   * @param requestKey the same key gives the deployment it started before
   * @throws Problem as `plan`; `conflict` for a name that is taken on the site or a plan with reasons against it;
   *   `invalid` for parameters that are missing, unknown or of another type
   */
  create(
    actor: UserActor,
    input: CreateDeploymentInput,
    requestKey?: string,
  ): Promise<{ deployment: Deployment; job: Job }>;
  /** Starts to remove a deployment and its stack. @throws Problem `not_found`, `conflict` while a job works on it */
  remove(actor: UserActor, id: string): Job;
  /** Deployments on a site, which keep it from being removed. */
  at(siteId: string): { id: string; name: string }[];
  /** Drops the deployments on a site that is gone for good, without asking it; tells which. */
  forgetAt(siteId: string): { id: string; name: string }[];
  /** Name of a deployment, for jobs. @throws Problem `not_found` */
  nameOf(actor: Actor, id: string): string;
}

/** Opens the room. */
export function openDeployments(ports: DeploymentPorts): Deployments {
  const { db, jobs, packages } = ports;
  const rows = openDeploymentRows(ports);
  const parts = { ports, ...rows };
  const creation = defineCreate(parts);
  const deletion = defineDelete(parts);

  const maySee = (actor: Actor, row: DeploymentRow) =>
    hasRole(actor, 'operator') ||
    row.createdBy === actor.userId ||
    (row.projectId !== null && ports.projects.canSee(actor, row.projectId));
  const require = (actor: Actor, id: string): Authorized<DeploymentRow> =>
    authorize(rows.find(id), (row) => maySee(actor, row), 'deployments.errors.noDeployment');

  const prepared = async (actor: Actor, { packageId, siteId }: PlanDeploymentInput, signal?: AbortSignal) => {
    const { topology, images } = await packages.topology(actor, packageId);
    const ours = new Map<string, string>();
    for (const { name, digest } of images) {
      const imageId = digest === null ? undefined : ports.imageByDigest(actor, digest);
      if (imageId !== undefined) ours.set(name, imageId);
    }
    const plan = await stacksOf(ports, siteId).plan(topology, ours, { signal });
    return { plan, images: ours };
  };

  return {
    list: (actor, { packageId }) =>
      rows
        .all()
        .filter((row) => maySee(actor, row) && (packageId === undefined || row.packageId === packageId))
        .map(toDeployment),

    async get(actor, id, signal) {
      const row = require(actor, id);
      if (row.stackRef === null || row.state === 'deleting') return toDeployment(row);
      try {
        const stack = await stacksOf(ports, row.siteId).get(row.stackRef, { signal });
        const now = stack ? seen(stack) : { state: 'gone' as const, outputs: [], resources: [] };
        // While the site was asked somebody may have begun to delete it, which the older look must not undo.
        const after = rows.find(id);
        if (after && after.jobId !== row.jobId) return toDeployment(after);
        if (after && now.state !== row.state) rows.write(id, now);
        return toDeployment({ ...row, ...now });
      } catch (error) {
        // A site that is down says so on its own page; here what was last seen is worth more than an error.
        ports.log.warn({ err: error, deployment: id }, 'a stack could not be looked at');
        return toDeployment(row);
      }
    },

    async events(actor, id, signal) {
      const { stackRef, siteId } = require(actor, id);
      return stackRef === null ? [] : stacksOf(ports, siteId).events(stackRef, { signal });
    },

    plan: async (actor, input, signal) => (await prepared(actor, input, signal)).plan,

    async create(actor, input, requestKey) {
      const source = packages.get(actor, input.packageId);
      const { plan, images } = await prepared(actor, input);
      const [against] = plan.reasons;
      if (against) throw new Problem('conflict', against.key, against.params);
      const { open, hidden } = sortedParameters(plan.parameters, input.parameters);
      const site = ports.sites.get(input.siteId);
      const id = newId('dep');
      return db.transaction(() => {
        const job = creation.start({
          input: { deploymentId: id },
          subject: { type: 'deployment', id },
          projectId: source.projectId ?? undefined,
          actorId: actor.userId,
          idempotencyKey: requestKey,
        });
        const before = rows.find(job.subject.id);
        if (before) return { deployment: toDeployment(before), job };
        // The key is of a deployment that was removed since: its job is over, and nothing would make a new one.
        if (job.subject.id !== id) throw new Problem('gone', 'deployments.errors.noDeployment');
        const taken = rows.all().some((row) => row.siteId === site.id && row.name === input.name);
        if (taken)
          throw new Problem('conflict', 'deployments.errors.nameTaken', {
            name: input.name,
            site: site.name,
          });
        const row: DeploymentRow = {
          id,
          name: input.name,
          runs: 'stack',
          releaseId: null,
          revisions: [],
          parts: [],
          endpoints: [],
          values: '',
          packageId: source.id,
          packageName: source.name,
          packageVersion: source.version,
          projectId: source.projectId,
          siteId: site.id,
          siteName: site.name,
          stackRef: null,
          state: 'creating',
          reason: '',
          template: plan.template,
          parameters: open,
          images: Object.fromEntries(images),
          outputs: [],
          resources: [],
          jobId: job.id,
          createdBy: actor.userId,
          createdByName: actor.name,
          createdAt: Date.now(),
        };
        if (Object.keys(hidden).length > 0) ports.secrets.put(secretsName(id), JSON.stringify(hidden));
        rows.insert(row);
        const detail = {
          name: row.name,
          package: `${row.packageName} ${row.packageVersion}`,
          site: row.siteName,
        };
        ports.audit({ actor, action: 'deployment.create', subject: { type: 'deployment', id }, detail });
        return { deployment: toDeployment(row), job };
      });
    },

    remove(actor, id) {
      const row = require(actor, id);
      const running = row.jobId === null ? undefined : jobs.get(row.jobId);
      if (running && running.endedAt === undefined)
        throw new Problem('conflict', 'deployments.errors.busy', { name: row.name });
      return db.transaction(() => {
        const job = deletion.start({
          input: { deploymentId: id },
          subject: { type: 'deployment', id },
          projectId: row.projectId ?? undefined,
          actorId: actor.userId,
        });
        rows.write(id, { state: 'deleting', jobId: job.id });
        const detail = { name: row.name, site: row.siteName };
        ports.audit({ actor, action: 'deployment.delete', subject: { type: 'deployment', id }, detail });
        return job;
      });
    },

    at: (siteId) =>
      rows
        .all()
        .filter((row) => row.siteId === siteId)
        .map(({ id, name }) => ({ id, name })),
    forgetAt(siteId) {
      const there = rows.all().filter((row) => row.siteId === siteId);
      for (const row of there) {
        rows.remove(row);
        // What is cancelled finds no row, and so nothing to clean up.
        const subject = { type: 'deployment', id: row.id } as const;
        const working = jobs.list({ subject, states: ['queued', 'running'] });
        for (const job of working) if (job.cancellable) jobs.cancel(job.id);
      }
      return there.map(({ id, name }) => ({ id, name }));
    },
    nameOf: (actor, id) => require(actor, id).name,
  };
}

type Parameters = CreateDeploymentInput['parameters'];

/**
 * Parts what the person filled in into what may be shown and what may not.
 *
 * @throws Problem `invalid` for parameters that are missing, unknown, of another type or not on the site
 */
function sortedParameters(
  inputs: readonly AppInput[],
  given: Parameters,
): { open: Parameters; hidden: Record<string, string> } {
  const unknown = Object.keys(given).find((name) => !inputs.some((input) => input.name === name));
  if (unknown !== undefined)
    throw new Problem('invalid', 'deployments.errors.unknownParameter', { name: unknown });
  const open: Parameters = {};
  const hidden: Record<string, string> = {};
  for (const { name, type, required, secret, choices } of inputs) {
    const value = given[name];
    if (value === undefined || value === '') {
      if (required) throw new Problem('invalid', 'deployments.errors.missingParameter', { name });
      continue;
    }
    if (typeof value !== type) throw new Problem('invalid', 'deployments.errors.wrongType', { name, type });
    if (choices && !choices.includes(String(value)))
      throw new Problem('invalid', 'deployments.errors.notOnSite', { name, value: String(value) });
    if (secret) hidden[name] = String(value);
    else open[name] = value;
  }
  return { open, hidden };
}
