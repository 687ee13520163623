import { z } from 'zod';
import type { JobContext, JobKind } from '../jobs/job';
import { asProblem, Problem } from '../problem';
import { requireFit, requireImageFits, sizeOf } from '../sites/flavors';
import type { Site, SiteVm } from '../sites/site';
import type { Vm } from './model';
import type { WorkbenchPorts } from './ports';
import type { ProjectRows } from './project-rows';
import { toVm, type VmRow, type VmRows } from './vm-rows';

const input = z.object({ vmId: z.string() });
export type VmJobInput = z.infer<typeof input>;

/** Steps of `vm.create`, in order. */
export const createSteps = ['check', 'make', 'finish'] as const;

/** What the jobs of VMs share. */
export interface VmJobParts {
  ports: WorkbenchPorts;
  vmRows: VmRows;
  projectRows: ProjectRows;
  created: (vm: Vm, actorId: string | undefined) => void;
  deleted: (vmId: string) => void;
}

/**
 * Finds a VM at its site: by the site's id, or by ours when a crash came before that was stored.
 *
 * @returns undefined when the site knows none
 */
export async function findAtSite(site: Site, row: VmRow): Promise<SiteVm | undefined> {
  if (row.siteRef !== null) return site.vms.get(row.siteRef);
  return (await site.vms.list()).find(({ vmId }) => vmId === row.id);
}

/** The job `vm.create`: checks that the VM fits, has the site make and start it, hands it over. */
export function defineCreate(parts: VmJobParts): JobKind<VmJobInput> {
  const { ports, vmRows } = parts;
  return ports.jobs.define<VmJobInput, { vmId: string }>({
    kind: 'vm.create',
    steps: createSteps,
    input,
    concurrency: 4,
    cancellable: true,
    run: async (job) => {
      const row = vmRows.enter(job.input.vmId, 'creating', { problem: null });
      if (!row) throw new Problem('gone', 'workbench.errors.noVm');
      try {
        await createVm(parts, job, row);
        return { vmId: row.id };
      } catch (error) {
        // An aborted run is a cancel, which leaves no row, or a stop of the server, which goes on later.
        if (!job.signal.aborted) {
          const problem = asProblem(error).report();
          vmRows.note(row.id, 'problem', problem.key);
          vmRows.write(row.id, { problem });
        }
        throw error;
      }
    },
    undo: (job) => undoCreate(parts, job),
  });
}

async function createVm(parts: VmJobParts, job: JobContext<VmJobInput>, row: VmRow): Promise<void> {
  const { ports, vmRows, projectRows } = parts;
  const site = await ports.sites.opened(row.siteId, job.signal);
  await job.step('check', async ({ signal }) => {
    // What an earlier, killed run made is already counted as used.
    if (!(await findAtSite(site, row))) await requireRoom(site, row, signal);
  });
  const made = await job.step('make', async (step) => {
    const project = projectRows.find(row.projectId);
    if (!project) throw new Problem('gone', 'workbench.errors.noProject');
    const seen = await site.vms.create(
      {
        vmId: row.id,
        jobId: job.jobId,
        name: row.name,
        flavor: row.flavor,
        imageId: row.imageId,
        network: { id: row.networkId, address: row.address ?? undefined, forwards: row.forwards },
        cloud: row.cloud ?? undefined,
        seed: {
          hostname: row.name,
          sshKeys: [project.sshPublicKey, ...row.sshKeys],
          userData: row.userData ?? undefined,
          files: row.files ?? undefined,
        },
      },
      {
        signal: step.signal,
        progress: (done, total) => step.progress({ done, total, unit: 'bytes' }),
        report: ({ event, params = {}, detail }) => {
          const said = { key: `sites.events.${event}`, params, detail };
          step.log(said);
          step.message(said);
        },
      },
    );
    return { ref: seen.ref };
  });
  await job.step('finish', async () => {
    vmRows.write(row.id, { siteRef: made.ref, jobId: null, hostKey: null });
    const now = vmRows.find(row.id);
    if (!now) return;
    const after = vmRows.take(now, await site.vms.get(made.ref), { force: true });
    if (after) parts.created(toVm(after), job.actorId);
  });
}

/** @throws Problem `conflict` that names what is asked and what is there, `invalid` for what the site does not have */
async function requireRoom(site: Site, row: VmRow, signal: AbortSignal): Promise<void> {
  const offers = await site.offers({ signal });
  const image = offers.images.find(({ id }) => id === row.imageId);
  if (!image) throw new Problem('invalid', 'workbench.errors.noImage', { image: row.imageName });
  const size = sizeOf(row.flavor, offers.flavors, offers.customFlavor);
  requireImageFits(size, image);
  requireFit(size, offers.capacity, offers.customFlavor?.maxVcpus);
}

/** After a cancel nothing is left, not even the row; after a failure the row stays to say why, and can try again. */
async function undoCreate(
  { ports, vmRows, deleted }: VmJobParts,
  job: JobContext<VmJobInput>,
): Promise<void> {
  const row = vmRows.find(job.input.vmId);
  if (!row) return;
  const site = await ports.sites.opened(row.siteId, job.signal);
  const there = await findAtSite(site, row);
  // Also where its site knows no VM: what was made around it may be left.
  await site.vms.delete(there?.ref ?? row.siteRef ?? row.id, { signal: job.signal, vmId: row.id });
  if (ports.jobs.get(job.jobId)?.state === 'cancelling') {
    vmRows.remove(row);
    deleted(row.id);
    return;
  }
  vmRows.enter(row.id, 'failed', {
    siteRef: null,
    jobId: job.jobId,
    problem: row.problem,
    boot: [],
    bootStartedAt: null,
  });
}
