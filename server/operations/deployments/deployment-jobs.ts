import { z } from 'zod';
import type { JobContext, JobKind } from '../../jobs/job';
import { asProblem, Problem } from '../../problem';
import type { StackMark } from '../../sites/stacks';
import { secretsName, type DeploymentRow, type DeploymentRows } from './deployment-rows';
import type { DeploymentPorts } from './ports';
import { runningOf } from './revisions';
import { createStack, deleteStacks, seenStack, stackMarkOf, tellTo } from './stack-ground';
import { takeWorkloadAway } from './workload-ground';

const input = z.object({ deploymentId: z.string() });
export type DeploymentJobInput = z.infer<typeof input>;

/** What the jobs of a deployment share. */
export interface DeploymentJobParts {
  ports: DeploymentPorts;
  rows: DeploymentRows;
}

/** Defines `deployment.create`: a package becomes a stack; what is left of a failed or cancelled one is removed. */
export function defineCreate(parts: DeploymentJobParts): JobKind<DeploymentJobInput> {
  const { ports, rows } = parts;
  return ports.jobs.define<DeploymentJobInput, { deploymentId: string }>({
    kind: 'deployment.create',
    steps: ['stack'],
    input,
    concurrency: 2,
    cancellable: true,
    async run(job) {
      const row = requireRow(rows, job.input.deploymentId);
      rows.write(row.id, { state: 'creating', reason: '' });
      const { template, images } = row;
      const hidden = hiddenOf(ports, row.id);
      const wish = { ...stackMarkOf(row, 1), jobId: job.jobId, template, images, hidden };
      try {
        const stack = await job.step('stack', (step) => createStack(ports, row, wish, step));
        rows.write(row.id, { stackRef: stack.ref, jobId: null, ...seenStack(stack) });
      } catch (error) {
        if (!job.signal.aborted) rows.write(row.id, { reason: asProblem(error).detail ?? '' });
        throw error;
      }
      return { deploymentId: row.id };
    },
    undo: (job) => undoCreate(parts, job),
  });
}

function hiddenOf({ secrets }: DeploymentPorts, id: string): Record<string, string> {
  const sealed = secrets.read(secretsName(id));
  return sealed === undefined ? {} : z.record(z.string(), z.string()).parse(JSON.parse(sealed));
}

/** After a cancel not even the row is left; after a failure it says why, and can be tried again. */
async function undoCreate(
  { ports, rows }: DeploymentJobParts,
  job: JobContext<DeploymentJobInput>,
): Promise<void> {
  const row = rows.find(job.input.deploymentId);
  if (!row) return;
  try {
    await deleteStacks(ports, row, [{ ...stackMarkOf(row, 1), ref: row.stackRef }], { signal: job.signal });
  } catch (error) {
    // The job is over with it: a row that still said `creating` would say so for ever.
    if (!job.signal.aborted) rows.write(row.id, { state: 'failed' });
    throw error;
  }
  if (ports.jobs.get(job.jobId)?.state === 'cancelling') rows.remove(row);
  else rows.write(row.id, { state: 'failed', stackRef: null, outputs: [], resources: [] });
}

/** Defines `deployment.delete`: removes everything from the site, then the row. */
export function defineDelete({ ports, rows }: DeploymentJobParts): JobKind<DeploymentJobInput> {
  return ports.jobs.define<DeploymentJobInput, null>({
    kind: 'deployment.delete',
    steps: ['remove'],
    input,
    concurrency: 4,
    cancellable: false,
    async run(job) {
      const row = requireRow(rows, job.input.deploymentId);
      rows.write(row.id, { state: 'deleting', reason: '' });
      try {
        await job.step('remove', (step) => {
          if (row.runs === 'workload') return takeWorkloadAway(ports, row, step.signal);
          return deleteStacks(ports, row, stacksLeft(row), { signal: step.signal, event: tellTo(step) });
        });
      } catch (error) {
        if (!job.signal.aborted) rows.write(row.id, { reason: asProblem(error).detail ?? '' });
        throw error;
      }
      rows.remove(row);
      return null;
    },
    async undo(job) {
      rows.write(job.input.deploymentId, { state: 'failed' });
    },
  });
}

/** All that may be there: a removal of a former stack may have failed. */
function stacksLeft(row: DeploymentRow): (StackMark & { ref: string | null })[] {
  const present = runningOf(row)?.number ?? 1;
  const numbers = row.revisions.length === 0 ? [1] : row.revisions.map(({ number }) => number);
  return numbers.map((number) => ({
    ...stackMarkOf(row, number),
    ref: number === present ? row.stackRef : null,
  }));
}

/** The row a job works on. @throws Problem `gone` */
export function requireRow(rows: DeploymentRows, id: string): DeploymentRow {
  const row = rows.find(id);
  if (!row) throw new Problem('gone', 'deployments.errors.noDeployment');
  return row;
}
