import { z } from 'zod';
import type { JobContext, JobKind, StepContext } from '../jobs/job';
import { asProblem, Problem } from '../problem';
import type { Site } from '../sites/site';
import { findAtSite, type VmJobParts } from './vm-create-job';

/** Power actions that take a while; the others are done at once. */
export const longActions = ['start', 'stop', 'reboot'] as const;
export type LongAction = (typeof longActions)[number];

const input = z.object({ vmId: z.string(), graceSeconds: z.int().min(0) });
export type PowerInput = z.infer<typeof input>;

/** How long `stop` waits for the guest when nothing else is said, in seconds. */
export const defaultGraceSeconds = 60;

type Work = (site: Site, ref: string, graceSeconds: number, step: StepContext) => Promise<void>;

const works: Record<LongAction, Work> = {
  start: (site, ref, _grace, { signal }) => site.vms.start(ref, { signal }),
  reboot: (site, ref, _grace, { signal }) => site.vms.reboot(ref, { signal }),
  stop: async (site, ref, graceSeconds, step) => {
    const { forced } = await site.vms.stop(ref, graceSeconds, { signal: step.signal });
    if (forced) step.log(`The guest did not power off within ${graceSeconds} s and was forced.`);
  },
};

/** The jobs `vm.start`, `vm.stop`, `vm.reboot`. After each, however it ended, the row is what the site says. */
export function definePower(parts: VmJobParts): Record<LongAction, JobKind<PowerInput>> {
  const define = (action: LongAction) =>
    parts.ports.jobs.define<PowerInput, null>({
      kind: `vm.${action}`,
      steps: [action],
      input,
      concurrency: 16,
      cancellable: true,
      run: async (job) => {
        await job.step(action, (step) => act(parts, works[action], job, step));
        await settle(parts, job);
        return null;
      },
      undo: (job) => settle(parts, job),
    });
  return { start: define('start'), stop: define('stop'), reboot: define('reboot') };
}

async function act(
  { ports, vmRows }: VmJobParts,
  work: Work,
  job: JobContext<PowerInput>,
  step: StepContext,
): Promise<void> {
  const row = vmRows.find(job.input.vmId);
  if (!row) throw new Problem('gone', 'workbench.errors.noVm');
  if (row.siteRef === null) throw new Problem('conflict', 'workbench.errors.neverMade', { name: row.name });
  try {
    await work(await ports.sites.opened(row.siteId, step.signal), row.siteRef, job.input.graceSeconds, step);
  } catch (error) {
    if (!step.signal.aborted) {
      const problem = asProblem(error).report();
      vmRows.note(row.id, 'problem', problem.key);
      vmRows.write(row.id, { problem });
    }
    throw error;
  }
}

/** Lets go of the row, which from here on follows the site again. */
async function settle({ ports, vmRows }: VmJobParts, job: JobContext<PowerInput>): Promise<void> {
  const row = vmRows.find(job.input.vmId);
  if (!row || row.jobId !== job.jobId) return;
  const seen = await findAtSite(await ports.sites.opened(row.siteId), row);
  const now = vmRows.write(row.id, { jobId: null });
  if (now) vmRows.take(now, seen, { force: true });
}
