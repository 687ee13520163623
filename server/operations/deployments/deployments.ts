/** Deployments: what of packages and releases runs on sites. */
import { authorize, hasRole, type Actor, type Authorized, type UserActor } from '../../access/actor';
import type { Job } from '../../jobs/job';
import { Problem } from '../../problem';
import type { StackEvent } from '../../sites/stacks';
import { openAppInstances, type AppInstances } from './app-instances';
import { deploymentRefusal } from './deployment-gates';
import { defineCreate, defineDelete } from './deployment-jobs';
import { openDeploymentRows, type CountedRows, type DeploymentRow } from './deployment-rows';
import { hidesWords, toDeployment } from './deployment-view';
import { vmOfDeployment, type DeploymentVm } from './deployment-vms';
import { openReleaseDeployments, requireOperator } from './deploy-releases';
import { openLooks } from './looks';
import { openPackageDeployments, type PackageDeployments } from './package-deployments';
import type { DeploymentPorts } from './ports';
import type { ReleaseDeployments } from './release-deployments';
import { deploymentLogsInput, type Deployment, type listDeploymentsInput } from './schemas';
import { stacksOf } from './stack-ground';
import { revokePulls } from './workload-ground';
import type { z } from 'zod';

/** Deployments of a release, or of packages of the workbench, that stand alike at a site. */
export type DeploymentCount = Pick<CountedRows, 'releaseId' | 'siteId' | 'state' | 'count'>;

export interface Deployments extends PackageDeployments, ReleaseDeployments {
  /** Deployments the actor may see, newest first. Those of releases are seen by every developer. */
  list(actor: Actor, filter: z.input<typeof listDeploymentsInput>): Deployment[];
  /** How many deployments the actor may see of each release at each site in each state. */
  counts(actor: Actor): DeploymentCount[];
  /** A deployment as the site tells of it now, or as it was last seen. @throws Problem `not_found` */
  get(actor: Actor, id: string, signal?: AbortSignal): Promise<Deployment>;
  /**
   * What the site tells of it, oldest first; without its own words for a reader from whom they are kept.
   *
   * @throws Problem `not_found`, and what the site throws
   */
  events(actor: Actor, id: string, signal?: AbortSignal): Promise<StackEvent[]>;
  /**
   * A VM of a deployment, for its console.
   *
   * @param resource its name among the resources
   * @throws Problem `not_found`; `forbidden` for one of a release without the role to act there
   */
  vmOf(actor: Actor, id: string, resource: string): DeploymentVm;
  /**
   * Starts to remove a deployment and everything of it.
   *
   * @throws Problem `not_found`, `conflict` while a job works on it; `forbidden` for one of a release without the role
   */
  remove(actor: UserActor, id: string): Job;
  /** Deployments as EdgeGallery's clients make them. */
  instances: AppInstances;
  /** Those that need a release at an edge: it runs there, is being brought up, or is what a change goes back to. */
  running(filter: { releaseId: string; siteId: string }): { id: string; name: string }[];
  /** Deployments on a site, which keep it from being removed. */
  at(siteId: string): { id: string; name: string }[];
  /** Drops the deployments on a site that is gone for good, without asking it; tells which. */
  forgetAt(siteId: string): { id: string; name: string }[];
  /** Name of a deployment, for jobs. @throws Problem `not_found` */
  nameOf(actor: Actor, id: string): string;
  /** Ends the following of what runs. */
  close(): void;
}

/** Opens the room. */
export function openDeployments(ports: DeploymentPorts): Deployments {
  const { db, jobs } = ports;
  const rows = openDeploymentRows(ports);
  const parts = { ports, rows };
  const creation = defineCreate(parts);
  const deletion = defineDelete(parts);
  const looks = openLooks(ports, rows);

  const maySee = (actor: Actor, row: Pick<DeploymentRow, 'releaseId' | 'createdBy' | 'projectId'>) =>
    hasRole(actor, row.releaseId === null ? 'operator' : 'developer') ||
    row.createdBy === actor.userId ||
    (row.projectId !== null && ports.projects.canSee(actor, row.projectId));
  const require = (actor: Actor, id: string): Authorized<DeploymentRow> =>
    authorize(rows.find(id), (row) => maySee(actor, row), 'deployments.errors.noDeployment');

  const releases = openReleaseDeployments(parts, require);
  const remove = (actor: UserActor, id: string): Job => {
    const row = require(actor, id);
    if (row.releaseId !== null) requireOperator(actor);
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
  };

  return {
    ...openPackageDeployments(ports, rows, creation),
    ...releases,
    instances: openAppInstances(ports, rows, { ...releases, remove }),
    remove,

    list: (actor, { packageId, releaseId, siteId }) =>
      rows
        .all()
        .filter(
          (row) =>
            maySee(actor, row) &&
            (packageId === undefined || row.packageId === packageId) &&
            (releaseId === undefined || row.releaseId === releaseId) &&
            (siteId === undefined || row.siteId === siteId),
        )
        .map((row) => toDeployment(row, actor)),

    counts: (actor) => rows.counts().filter((row) => maySee(actor, row)),

    async get(actor, id, signal) {
      const row = require(actor, id);
      try {
        return toDeployment(await looks.look(row, signal), actor);
      } catch (error) {
        // A site that is down says so on its own page; here what was last seen is worth more than an error.
        ports.log.warn({ err: error, deployment: id }, 'a deployment could not be looked at');
        return toDeployment(row, actor);
      }
    },

    async events(actor, id, signal) {
      const row = require(actor, id);
      const { stackRef, siteId, runs, state } = row;
      if (runs === 'stack') {
        return stackRef === null ? [] : await stacksOf(ports, siteId).events(stackRef, { signal });
      }
      if (state === 'failed') return [];
      const events = await ports.sites.workloadSite(siteId).workloads.events(id, { signal });
      return events.map(({ at, about, reason, message }, index) => ({
        id: `${at}-${index}`,
        at,
        resource: about,
        status: reason,
        reason: hidesWords(row, actor) ? '' : message,
      }));
    },

    async *logs(actor, input, follow, signal) {
      const { deploymentId, part, container, tailLines } = deploymentLogsInput.parse(input);
      const row = require(actor, deploymentId);
      if (row.runs === 'stack')
        throw new Problem('conflict', 'deployments.errors.noLogs', { name: row.name });
      const refusal = deploymentRefusal('logs', row.state);
      if (refusal !== null) throw new Problem('conflict', refusal, { name: row.name });
      const { workloads } = ports.sites.workloadSite(row.siteId);
      yield* workloads.logs(row.id, part, container, { signal, tailLines, follow });
    },

    vmOf(actor, id, resource) {
      const row = require(actor, id);
      if (row.releaseId !== null) requireOperator(actor);
      return vmOfDeployment(row, resource);
    },

    running: ({ releaseId, siteId }) =>
      rows
        .at(siteId)
        .filter((row) => row.releaseId !== null && row.state !== 'gone')
        .filter(({ revisions }) =>
          revisions.some(
            (each) =>
              each.releaseId === releaseId && (each.outcome === 'running' || each.outcome === 'starting'),
          ),
        )
        .map(({ id, name }) => ({ id, name })),

    at: (siteId) => rows.at(siteId).map(({ id, name }) => ({ id, name })),
    forgetAt(siteId) {
      const there = rows.at(siteId);
      for (const row of there) {
        rows.remove(row);
        revokePulls(ports, row.id, row.revisions);
        // What is cancelled finds no row, and so nothing to clean up.
        const subject = { type: 'deployment', id: row.id } as const;
        const working = jobs.list({ subject, states: ['queued', 'running'] });
        for (const job of working) if (job.cancellable) jobs.cancel(job.id);
      }
      return there.map(({ id, name }) => ({ id, name }));
    },
    nameOf: (actor, id) => require(actor, id).name,
    close: () => {
      looks.close();
    },
  };
}
