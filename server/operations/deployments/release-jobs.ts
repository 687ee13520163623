import { z } from 'zod';
import type { JobContext, JobKind, StepContext } from '../../jobs/job';
import { asProblem, Problem } from '../../problem';
import type { StackEvent } from '../../sites/stacks';
import { followDeploy, lastWords } from '../../sites/workload-following';
import { requireRow, type DeploymentJobParts } from './deployment-jobs';
import type { DeploymentRow } from './deployment-rows';
import { shownText } from './release-text';
import { contentOf, failedAt, lastOf, runningOf, switchedTo } from './revisions';
import type { KeptRevision } from './tables';
import { createStack, deleteStacks, seenStack, stackMarkOf, tellTo } from './stack-ground';
import { revokePulls, seenWorkload, sendWorkload } from './workload-ground';

const input = z.object({ deploymentId: z.string(), revision: z.number() });
type RevisionJob = z.infer<typeof input>;

/** Starts the jobs of releases' deployments. */
export interface ReleaseJobs {
  start: JobKind<RevisionJob>;
  upgrade: JobKind<RevisionJob>;
  rollBack: JobKind<RevisionJob>;
}

/**
 * Defines `deployment.start`, `deployment.upgrade` and `deployment.roll-back`: each brings one revision up. What ran
 * before goes when the new one is ready, and runs again when that fails: containers are changed in place, and changed
 * back; VMs stay until those of the new revision are ready.
 */
export function defineReleaseJobs(parts: DeploymentJobParts): ReleaseJobs {
  return {
    start: define(parts, 'deployment.start', ['make']),
    upgrade: define(parts, 'deployment.upgrade', ['make', 'retire']),
    rollBack: define(parts, 'deployment.roll-back', ['make', 'retire']),
  };
}

function define(parts: DeploymentJobParts, kind: string, steps: string[]): JobKind<RevisionJob> {
  const { rows } = parts;
  const way = kind === 'deployment.roll-back' ? 'rolledBack' : 'replaced';
  return parts.ports.jobs.define<RevisionJob, { deploymentId: string }>({
    kind,
    steps,
    input,
    concurrency: 8,
    cancellable: true,
    async run(job) {
      const { row, revision } = begin(parts, job);
      try {
        const made = await job.step('make', (step) => make(parts, row, revision, job.jobId, step));
        // Between the two nothing may come: what is cancelled before goes back, what is cancelled after goes on.
        job.signal.throwIfAborted();
        switchTo(parts, row.id, revision, made, way);
        if (steps.includes('retire'))
          await job.step('retire', (step) => retire(parts, row.id, revision, step.signal, tellTo(step)));
        rows.write(row.id, { jobId: null });
        return { deploymentId: row.id };
      } catch (error) {
        if (!job.signal.aborted) await keepWords(parts, row, revision, job, error);
        throw error;
      }
    },
    undo: (job) => undo(parts, job),
  });
}

/** What a job works on; one that is tried again brings its revision back to life. @throws Problem `gone`, `conflict` */
function begin({ rows }: DeploymentJobParts, job: JobContext<RevisionJob>) {
  const row = requireRow(rows, job.input.deploymentId);
  const revision = row.revisions.find(({ number }) => number === job.input.revision);
  if (!revision) throw new Problem('gone', 'deployments.errors.noRevision', job.input);
  const last = lastOf(row)?.number;
  if (revision.number !== last || row.state === 'deleting' || (row.jobId ?? job.jobId) !== job.jobId) {
    throw new Problem('conflict', 'deployments.errors.newerRevision', { name: row.name });
  }
  if (revision.outcome !== 'running') {
    rows.write(row.id, {
      jobId: job.jobId,
      reason: '',
      state: runningOf(row) ? 'changing' : 'creating',
      revisions: row.revisions.map((each) =>
        each.number === revision.number ? { ...each, outcome: 'starting', problem: null } : each,
      ),
    });
  }
  return { row, revision };
}

type Made = Partial<DeploymentRow>;

async function make(
  { ports, rows }: DeploymentJobParts,
  row: DeploymentRow,
  revision: KeptRevision,
  jobId: string,
  step: StepContext,
): Promise<Made> {
  if (row.runs === 'workload') {
    const follow = followDeploy(step, ({ parts, endpoints }) => {
      rows.write(row.id, { parts, endpoints });
    });
    const status = await sendWorkload(ports, row, revision, jobId, follow, (name, reference) => {
      step.log({ key: 'deployments.log.byDigest', params: { name, reference } });
    });
    return seenWorkload(status);
  }
  const { hidden, template, images } = contentOf(ports.secrets, row.id, revision.number);
  const wish = { ...stackMarkOf(row, revision.number), jobId, hidden, template, images };
  const stack = await createStack(ports, { ...row, parameters: revision.parameters }, wish, step);
  return { stackRef: stack.ref, ...seenStack(stack) };
}

function switchTo(
  { ports, rows }: DeploymentJobParts,
  id: string,
  revision: KeptRevision,
  made: Made,
  way: 'replaced' | 'rolledBack',
): void {
  const row = requireRow(rows, id);
  const { template, images, objects } = contentOf(ports.secrets, id, revision.number);
  rows.write(id, {
    ...made,
    releaseId: revision.releaseId,
    packageVersion: revision.version,
    values: revision.values,
    parameters: revision.parameters,
    template: row.runs === 'stack' ? template : shownText(objects),
    images,
    revisions: switchedTo(row, revision.number, way),
  });
}

/** What served the former revisions goes: their stacks and pull logins. */
async function retire(
  { ports, rows }: DeploymentJobParts,
  id: string,
  revision: KeptRevision,
  signal: AbortSignal,
  event?: (event: StackEvent) => void,
): Promise<void> {
  const row = requireRow(rows, id);
  const former = row.revisions.filter(({ number }) => number !== revision.number);
  if (row.runs === 'workload') revokePulls(ports, id, former);
  else {
    const names = former.map(({ number }) => ({ ...stackMarkOf(row, number), ref: null }));
    await deleteStacks(ports, row, names, { signal, ...(event && { event }) });
  }
}

/** Keeps why it failed, and what the site said, before everything of it is taken away again. */
async function keepWords(
  { ports, rows }: DeploymentJobParts,
  { id, runs, siteId }: DeploymentRow,
  revision: KeptRevision,
  job: JobContext<RevisionJob>,
  error: unknown,
): Promise<void> {
  const problem = asProblem(error).report();
  const row = rows.find(id);
  if (!row || row.jobId !== job.jobId) return;
  const revisions = row.revisions.map((each) =>
    each.number === revision.number && each.outcome === 'starting' ? { ...each, problem } : each,
  );
  rows.write(id, { revisions, reason: problem.detail ?? '' });
  if (runs === 'stack' || runningOf(row)?.number === revision.number) return;
  const status = await lastWords(() => ports.sites.workloadSite(siteId), id, job, ports.log);
  if (status) rows.write(id, { parts: status.parts, endpoints: status.endpoints });
}

/**
 * What ran before runs again; where nothing did, nothing is left: after a cancel not even the row, after a failure it
 * says why, and can be tried again.
 */
async function undo(parts: DeploymentJobParts, job: JobContext<RevisionJob>): Promise<void> {
  const { ports, rows } = parts;
  const row = rows.find(job.input.deploymentId);
  const revision = row?.revisions.find(({ number }) => number === job.input.revision);
  if (!row || !revision || row.jobId !== job.jobId) return;
  // It is up already, so what it replaced goes now as well.
  if (revision.outcome === 'running') await retire(parts, row.id, revision, job.signal);
  if (revision.outcome !== 'starting') return;
  const former = runningOf(row);
  const revisions = failedAt(row, revision.number, new Problem('cancelled', 'problems.cancelled').report());
  try {
    const back = await goBack(parts, row, revision, former, job);
    rows.write(row.id, { ...back, revisions, jobId: null });
  } catch (error) {
    // The job is over with it: a row that still said `changing` would say so for ever.
    if (!job.signal.aborted) {
      rows.write(row.id, { state: former ? 'notReady' : 'failed', revisions, jobId: null });
    }
    throw error;
  }
  if (!former && ports.jobs.get(job.jobId)?.state === 'cancelling') rows.remove({ ...row, revisions });
}

async function goBack(
  { ports }: DeploymentJobParts,
  row: DeploymentRow,
  revision: KeptRevision,
  former: KeptRevision | undefined,
  job: JobContext<RevisionJob>,
): Promise<Made> {
  const { signal } = job;
  if (row.runs === 'stack') {
    await deleteStacks(ports, row, [{ ...stackMarkOf(row, revision.number), ref: null }], { signal });
    // What ran before was not touched.
    return former ? { state: 'ready' } : { state: 'failed', stackRef: null, outputs: [], resources: [] };
  }
  if (!former) {
    const site = await ports.sites.workloadOpened(row.siteId, signal);
    await site.workloads.remove(row.id, {
      signal,
      report: ({ event, params = {}, detail }) =>
        job.log({ key: `workloads.events.${event}`, params, detail }),
    });
    revokePulls(ports, row.id, [revision]);
    return { state: 'failed', endpoints: [] };
  }
  // A name of its own: what is marked with the failed job's is not of this revision, and is removed.
  const status = await sendWorkload(ports, row, former, `${job.jobId}-undo`, { signal });
  revokePulls(ports, row.id, [revision]);
  job.log({ key: 'deployments.log.wentBack', params: { name: row.name, version: former.version } });
  return seenWorkload(status);
}
