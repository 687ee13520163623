import { authorize, type Actor, type Authorized, type UserActor } from '../access/actor';
import { newId } from '../db/id';
import type { Job } from '../jobs/job';
import { Problem, problemFrom } from '../problem';
import { watchWorkloads } from '../sites/workload-following';
import type { TestDeployments } from './containers';
import type { ContainerImageRow } from './image-rows';
import type { ContainerPorts } from './ports';
import { logsInput, type TestAction } from './schemas';
import { testRefusals } from './test-gates';
import { defineDeploy, defineUndeploy, holderOf } from './test-jobs';
import { openTestRows, testView, type TestRow } from './test-rows';
import type { Texts } from './text/texts';

interface Parts {
  ports: ContainerPorts;
  texts: Texts;
  requireProject: (actor: Actor, projectId: string) => void;
}

/** Test deployments, as this room sees them. */
export interface TestDeploymentsRoom extends TestDeployments {
  /** Those that run an image, which keep it from being removed. */
  running(row: ContainerImageRow): TestRow[];
  ofProject(projectId: string): TestRow[];
  /** Removes one and everything of it, as the server's own work; one that is gone is fine. */
  takeAway(id: string, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Opens them. */
export function openTestDeployments({ ports, texts, requireProject }: Parts): TestDeploymentsRoom {
  const { db, jobs, sites } = ports;
  const rows = openTestRows(ports);
  const creation = defineDeploy({ ports, rows, texts });
  const removal = defineUndeploy({ ports, rows, texts });
  const stopWatching = watchWorkloads(sites, rows.touched);

  const required = (actor: Actor, id: string): Authorized<TestRow> =>
    authorize(rows.find(id), (row) => ports.canSee(actor, row.projectId), 'containers.errors.noDeployment');
  const requireGate = (row: TestRow, action: TestAction) => {
    const refusal = testRefusals(row.state)[action];
    if (refusal !== null) throw new Problem('conflict', refusal, { name: row.name });
  };
  const audit = (actor: UserActor, action: string, row: TestRow) => {
    const detail = { name: row.name, site: row.siteName };
    ports.audit({ actor, action, subject: { type: 'deployment', id: row.id }, detail });
  };
  const startDeploy = (actor: UserActor, row: Pick<TestRow, 'id' | 'projectId'>, requestKey?: string): Job =>
    creation.start({
      input: { deploymentId: row.id },
      subject: { type: 'deployment', id: row.id },
      projectId: row.projectId,
      actorId: actor.userId,
      idempotencyKey: requestKey,
    });
  const startRemoval = (row: TestRow, actorId: string | undefined): Job =>
    db.transaction(() => {
      const job = removal.start({
        input: { deploymentId: row.id },
        subject: { type: 'deployment', id: row.id },
        projectId: row.projectId,
        actorId,
      });
      rows.update(row.id, { state: 'removing', jobId: job.id });
      return job;
    });

  return {
    targets: () => ports.targets(),
    list(actor, projectId) {
      requireProject(actor, projectId);
      return rows.ofProject(projectId).map(testView);
    },
    async get(actor, id, signal) {
      const row = required(actor, id);
      if (row.state !== 'ready' && row.state !== 'notReady') return testView(row);
      return await seenNow(ports, rows, row, signal);
    },
    async events(actor, id, signal) {
      const row = required(actor, id);
      if (row.state === 'failed') return [];
      return await sites.workloadSite(row.siteId).workloads.events(row.id, { signal });
    },
    async *logs(actor, input, follow, signal) {
      const { deploymentId, part, container, tailLines } = logsInput.parse(input);
      const row = required(actor, deploymentId);
      requireGate(row, 'logs');
      const { workloads } = sites.workloadSite(row.siteId);
      yield* workloads.logs(row.id, part, container, { signal, tailLines, follow });
    },
    async create(actor, { projectId, siteId, name, values = '', requestKey }, signal) {
      requireProject(actor, projectId);
      const site = sites.workloadSite(siteId);
      // What is wrong with the text is said at once, not in a job.
      await texts.ready(projectId, name, values, signal);
      const id = newId('tdp');
      return db.transaction(() => {
        // It may have been deleted while the text was read.
        requireProject(actor, projectId);
        const job = startDeploy(actor, { id, projectId }, requestKey);
        const before = rows.find(job.subject.id);
        if (before) return { deployment: testView(before), job };
        if (job.subject.id !== id) throw new Problem('gone', 'containers.errors.noDeployment');
        if (rows.at(siteId).some((row) => row.name === name)) {
          throw new Problem('conflict', 'containers.errors.nameTaken', { name, site: site.name });
        }
        const row = rows.insert({
          id,
          projectId,
          siteId,
          siteName: site.name,
          name,
          values,
          state: 'deploying',
          jobId: job.id,
          createdBy: actor.userId,
        });
        audit(actor, 'containers.deploy', row);
        return { deployment: testView(row), job };
      });
    },
    async redeploy(actor, id, signal) {
      const row = required(actor, id);
      await texts.ready(row.projectId, row.name, row.values, signal);
      return db.transaction(() => {
        const current = rows.find(id) ?? row;
        requireGate(current, 'redeploy');
        const job = startDeploy(actor, current);
        rows.update(id, { state: 'deploying', error: null, jobId: job.id });
        audit(actor, 'containers.deploy', current);
        return { deployment: testView({ ...current, state: 'deploying', error: null, jobId: job.id }), job };
      });
    },
    remove(actor, id) {
      const row = required(actor, id);
      requireGate(row, 'remove');
      audit(actor, 'containers.undeploy', row);
      return startRemoval(row, actor.userId);
    },
    at: (siteId) => rows.at(siteId).map(({ id, name }) => ({ id, name })),
    forgetAt(siteId) {
      const dropped = rows.at(siteId);
      for (const { id } of dropped) {
        rows.remove(id);
        ports.registries.revokePull(holderOf(id));
      }
      return dropped.map(({ id, name }) => ({ id, name }));
    },
    running: (image) =>
      rows.ofProject(image.projectId).filter(({ state, images, deployed }) => {
        // While it is changed, what ran before is needed as well: it comes back when the change fails.
        const needed = [...images, ...(deployed?.images ?? [])];
        return state !== 'failed' && needed.some((each) => each.digest === image.digest);
      }),
    ofProject: (projectId) => rows.ofProject(projectId),
    async takeAway(id, signal) {
      // A change that is cancelled now need not bring back what goes anyway.
      rows.update(id, { deployed: null });
      for (const job of jobs.list({ subject: { type: 'deployment', id }, states: ['queued', 'running'] })) {
        if (job.kind === 'containers.deploy') jobs.cancel(job.id);
        await jobs.settled(job.id, signal);
      }
      const row = rows.find(id);
      if (!row) return;
      const { state, error } = await jobs.settled(startRemoval(row, undefined).id, signal);
      if (state !== 'done') {
        throw error
          ? problemFrom({ ...error, code: 'failed' })
          : new Problem('failed', 'problems.unexpected');
      }
    },
    close: stopWatching,
  };
}

async function seenNow(
  ports: ContainerPorts,
  rows: ReturnType<typeof openTestRows>,
  row: TestRow,
  signal: AbortSignal,
) {
  try {
    const status = await ports.sites.workloadSite(row.siteId).workloads.status(row.id, { signal });
    // While the site was asked somebody may have begun to remove it, which the older look must not undo.
    const after = rows.find(row.id);
    if (!after || after.jobId !== row.jobId) return testView(after ?? row);
    const state = status?.ready ? ('ready' as const) : ('notReady' as const);
    const seen = { ...after, state, status: status ?? { parts: [], endpoints: [], ready: false } };
    if (state !== after.state) rows.update(row.id, { state, status: seen.status });
    return testView(seen);
  } catch (error) {
    // A site that is down says so on its own page; here what was last seen is worth more than an error.
    ports.log.warn({ err: error, deployment: row.id }, 'a test deployment could not be looked at');
    return testView(row);
  }
}
