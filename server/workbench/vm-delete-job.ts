import { z } from 'zod';
import type { JobKind, StepContext } from '../jobs/job';
import { asProblem } from '../problem';
import { findAtSite, type VmJobInput, type VmJobParts } from './vm-create-job';
import type { VmRow } from './vm-rows';

const input = z.object({ vmId: z.string() });

/** The job `vm.delete`. It cannot be cancelled: half a disk is of no use to anybody. */
export function defineDelete(parts: VmJobParts): JobKind<VmJobInput> {
  return parts.ports.jobs.define<VmJobInput, null>({
    kind: 'vm.delete',
    steps: ['settle', 'remove'],
    input,
    concurrency: 4,
    cancellable: false,
    run: async (job) => {
      await job.step('settle', (step) => letGo(parts, job.input.vmId, step));
      await job.step('remove', (step) => deleteVm(parts, job.input.vmId, step));
      return null;
    },
  });
}

/** Waits until no other job works on the VM any more: those that can be cancelled are. */
export async function letGo({ ports }: VmJobParts, vmId: string, { signal }: StepContext): Promise<void> {
  const others = ports.jobs
    .list({ subject: { type: 'vm', id: vmId }, states: ['queued', 'running', 'cancelling'] })
    .filter(({ kind }) => kind !== 'vm.delete');
  for (const other of others) {
    // While we waited for one, the next may have ended by itself.
    const state = ports.jobs.get(other.id)?.state;
    if (other.cancellable && (state === 'queued' || state === 'running')) ports.jobs.cancel(other.id);
    await ports.jobs.settled(other.id, signal);
  }
}

/**
 * Removes a VM at its site, then its row. One that is gone already is fine.
 *
 * @throws whatever the site throws; the row is then `failed` with the reason, and can be deleted again
 */
export async function deleteVm(parts: VmJobParts, vmId: string, { signal }: StepContext): Promise<void> {
  const { ports, vmRows, deleted } = parts;
  const row = vmRows.find(vmId);
  if (!row) return;
  try {
    await removeAtSite(parts, row, signal);
  } catch (error) {
    if (!signal.aborted) {
      const problem = asProblem(error).report();
      vmRows.note(row.id, 'problem', problem.key);
      vmRows.enter(row.id, 'failed', { problem });
      ports.log.warn({ err: error, vm: row.id }, 'a VM could not be deleted at its site');
    }
    throw error;
  }
  vmRows.remove(row);
  deleted(row.id);
}

async function removeAtSite({ ports }: VmJobParts, row: VmRow, signal: AbortSignal): Promise<void> {
  const site = await ports.sites.opened(row.siteId, signal);
  const there = await findAtSite(site, row);
  // Also where its site knows no VM: what was made around it may be left.
  await site.vms.delete(there?.ref ?? row.siteRef ?? row.id, { signal, vmId: row.id });
}
