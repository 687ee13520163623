import { z } from 'zod';
import type { JobContext, JobKind, StepContext } from '../../jobs/job';
import { asProblem, Problem } from '../../problem';
import type { Stack, StackEvent, Stacks } from '../../sites/stacks';
import type { DeploymentPorts } from './deployments';
import { secretsName, type DeploymentRow } from './deployment-rows';
import type { deployments } from './tables';

const input = z.object({ deploymentId: z.string() });
export type DeploymentJobInput = z.infer<typeof input>;

/** What the two jobs of a deployment share. */
export interface DeploymentJobParts {
  ports: DeploymentPorts;
  find(id: string): DeploymentRow | undefined;
  write(id: string, change: Partial<DeploymentRow>): void;
  remove(row: DeploymentRow): void;
}

/** Defines `deployment.create`: has the site make the stack; what is left of a failed or cancelled one is removed. */
export function defineCreate(parts: DeploymentJobParts): JobKind<DeploymentJobInput> {
  const { ports } = parts;
  return ports.jobs.define<DeploymentJobInput, { deploymentId: string }>({
    kind: 'deployment.create',
    steps: ['stack'],
    input,
    concurrency: 2,
    cancellable: true,
    async run(job) {
      const row = requireRow(parts, job.input.deploymentId);
      parts.write(row.id, { state: 'creating', reason: '' });
      try {
        const stack = await job.step('stack', (step) => createStack(parts, row, job, step));
        parts.write(row.id, { stackRef: stack.ref, jobId: null, ...seen(stack) });
      } catch (error) {
        if (!job.signal.aborted) {
          const problem = asProblem(error);
          parts.write(row.id, { reason: problem.detail ?? '' });
        }
        throw error;
      }
      return { deploymentId: row.id };
    },
    undo: (job) => undoCreate(parts, job),
  });
}

async function createStack(
  { ports }: DeploymentJobParts,
  row: DeploymentRow,
  job: JobContext<DeploymentJobInput>,
  step: StepContext,
): Promise<Stack> {
  const secret = ports.secrets.read(secretsName(row.id));
  const hidden = secret === undefined ? {} : z.record(z.string(), z.string()).parse(JSON.parse(secret));
  return stacksOf(ports, row.siteId).create(
    {
      name: row.name,
      deploymentId: row.id,
      jobId: job.jobId,
      template: row.template,
      parameters: { ...row.parameters, ...hidden },
      images: new Map(Object.entries(row.images)),
    },
    {
      signal: step.signal,
      event: (event) => tell(step, event),
      report: ({ event, params = {}, detail }) => {
        step.log({ key: `sites.events.${event}`, params, detail });
      },
    },
  );
}

/** Heat's own events, as they come. */
function tell(step: StepContext, { resource, status, reason }: StackEvent): void {
  const line = [resource, status, reason].filter((part) => part !== '').join(' · ');
  step.log(line);
  step.message(line);
}

/** After a cancel not even the row is left; after a failure it says why, and can be tried again. */
async function undoCreate(parts: DeploymentJobParts, job: JobContext<DeploymentJobInput>): Promise<void> {
  const row = parts.find(job.input.deploymentId);
  if (!row) return;
  try {
    await deleteStack(parts.ports, row, job.signal);
  } catch (error) {
    // The job is over with it: a row that still said `creating` would say so for ever.
    if (!job.signal.aborted) parts.write(row.id, { state: 'failed' });
    throw error;
  }
  if (parts.ports.jobs.get(job.jobId)?.state === 'cancelling') parts.remove(row);
  else parts.write(row.id, { state: 'failed', stackRef: null, outputs: [], resources: [] });
}

/** Defines `deployment.delete`: removes the stack, then the row. */
export function defineDelete(parts: DeploymentJobParts): JobKind<DeploymentJobInput> {
  return parts.ports.jobs.define<DeploymentJobInput, null>({
    kind: 'deployment.delete',
    steps: ['stack'],
    input,
    concurrency: 4,
    cancellable: false,
    async run(job) {
      const row = requireRow(parts, job.input.deploymentId);
      parts.write(row.id, { state: 'deleting', reason: '' });
      try {
        await job.step('stack', (step) =>
          deleteStack(parts.ports, row, step.signal, (event) => tell(step, event)),
        );
      } catch (error) {
        if (!job.signal.aborted) parts.write(row.id, { reason: asProblem(error).detail ?? '' });
        throw error;
      }
      parts.remove(row);
      return null;
    },
    async undo(job) {
      parts.write(job.input.deploymentId, { state: 'failed' });
    },
  });
}

/** Finds the stack by its mark where a crash came before its id was stored. */
async function deleteStack(
  ports: DeploymentPorts,
  row: DeploymentRow,
  signal: AbortSignal,
  event?: (event: StackEvent) => void,
): Promise<void> {
  const stacks = stacksOf(ports, row.siteId);
  const ref = row.stackRef ?? (await stacks.find({ name: row.name, deploymentId: row.id }, { signal }));
  if (ref !== undefined) await stacks.delete(ref, { signal, ...(event && { event }) });
}

/** The stacks of a site. @throws Problem `not_found`, `unavailable`; `conflict` for a site without stacks */
export function stacksOf({ sites }: Pick<DeploymentPorts, 'sites'>, siteId: string): Stacks {
  const site = sites.get(siteId);
  if (!site.stacks) throw new Problem('conflict', 'sites.missing.stacks', { site: site.name });
  return site.stacks;
}

function requireRow(parts: DeploymentJobParts, id: string): DeploymentRow {
  const row = parts.find(id);
  if (!row) throw new Problem('gone', 'deployments.errors.noDeployment');
  return row;
}

/** What a look at a stack changes in its row. */
export function seen(stack: Stack): Partial<typeof deployments.$inferSelect> {
  return { state: stack.state, reason: stack.reason, outputs: stack.outputs, resources: stack.resources };
}
