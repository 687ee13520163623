import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { z } from 'zod';
import { system } from '../access/actor';
import type { JobContext, JobKind, StepContext } from '../jobs/job';
import { asProblem, Problem } from '../problem';
import type { Site } from '../sites/site';
import type { CapturePorts } from './capture';
import { cleanGuest, guestShell } from './capture-guest';
import { captureModes, cleanItems } from './capture-schemas';
import type { Vm } from './model';
import { projects, vms } from './tables';

export const captureKind = 'vm.capture';

const jobInput = z.object({
  vmId: z.string(),
  /** Chosen before, so that a repeated step finds the image it made. */
  imageId: z.string(),
  name: z.string(),
  description: z.string(),
  mode: z.enum(captureModes),
  clean: z.array(z.enum(cleanItems)),
  visibility: z.enum(['everyone', 'project', 'owner']),
  /** Jobs of before it could be chosen do not have it. */
  keep: z.boolean().default(false),
  ownerId: z.string(),
  ownerName: z.string(),
});
export type CaptureJobInput = z.infer<typeof jobInput>;

/** What the copy starts from, written down before anything changes. */
const startSchema = z.object({
  ref: z.string(),
  /** Whether the guest ran, and so shall run again. */
  ran: z.boolean(),
  sizeBefore: z.number(),
});
type Start = z.infer<typeof startSchema>;

/** Seconds a guest gets to power off by itself before it is forced. */
const graceSeconds = 90;

/** Defines the job `vm.capture`. The guest runs again as soon as its disk is copied; proof and registration follow. */
export function defineCapture(ports: CapturePorts): JobKind<CaptureJobInput> {
  return ports.jobs.define<CaptureJobInput, { imageId: string }>({
    kind: captureKind,
    steps: ['prepare', 'clean', 'stop', 'copy', 'start', 'verify', 'register'],
    input: jobInput,
    concurrency: 2,
    cancellable: true,
    run: (job) => run(ports, job),
    undo: (job) => undo(ports, job),
  });
}

async function run(ports: CapturePorts, job: JobContext<CaptureJobInput>): Promise<{ imageId: string }> {
  const { input } = job;
  const file = targetOf(ports, job);
  const start = await job.step('prepare', () => prepare(ports, job));
  const vm = requireHeld(ports, input.vmId);
  const site = await ports.sites.opened(vm.siteId, job.signal);
  await job.step('clean', (step) => clean(ports, job, site, start, step));
  const stopped = input.mode === 'stop' || !start.ran;
  await job.step('stop', async (step) => {
    if (!stopped || !(await runs(site, start.ref))) return;
    const { forced } = await site.vms.stop(start.ref, graceSeconds, { signal: step.signal });
    if (forced) step.log('the guest did not power off by itself and was switched off');
  });
  const copied = await job.step('copy', async (step) => {
    // A crash in the middle of an earlier copy leaves half a file.
    await rm(file, { force: true });
    let changed: { at: number; length: number }[] | undefined;
    await requireCapture(site).capture(start.ref, file, stopped ? 'stopped' : 'freeze', {
      signal: step.signal,
      progress: (done, total) => {
        step.progress({ done, total, unit: 'bytes' });
      },
      report: ({ event, params = {}, detail }) => {
        const said = { key: `sites.events.${event}`, params, detail };
        step.log(said);
        step.message(said);
      },
      keep: input.keep ? { imageId: input.imageId, name: input.name } : undefined,
      changed: (ranges) => {
        changed = ranges;
      },
    });
    return { changed };
  });
  await job.step('start', async (step) => {
    try {
      await letGo(ports, job.input, site, start, step.signal);
    } catch (error) {
      // The image is worth keeping all the same; the VM's page says why it is off.
      if (step.signal.aborted) throw error;
      step.log(`the VM was not started again: ${asProblem(error).key}`);
      await ports.release(input.vmId);
    }
  });
  const stored = await job.step('verify', (step) =>
    ports.images.verify(file, {
      signal: step.signal,
      progress: (done, total) => {
        step.progress({ done, total, unit: 'bytes' });
      },
    }),
  );
  await job.step('register', () =>
    ports.images.ingest(
      file,
      {
        ...factsOf(ports, job, vm, start.sizeBefore),
        differs: copied.changed && { imageId: vm.imageId, ranges: copied.changed },
      },
      stored,
    ),
  );
  await rm(startFile(ports, job), { force: true });
  return { imageId: input.imageId };
}

function targetOf(ports: CapturePorts, job: JobContext<unknown>): string {
  return join(ports.images.workFolder, `${job.jobId}.qcow2`);
}

function requireHeld(ports: CapturePorts, vmId: string): Vm {
  const vm = ports.vmById(vmId);
  if (!vm) throw new Problem('gone', 'images.capture.errors.vmGone');
  return vm;
}

function requireCapture(site: Site): NonNullable<Site['capture']> {
  if (!site.capture) throw new Problem('conflict', 'sites.missing.capture', { site: site.name });
  return site.capture;
}

async function runs(site: Site, ref: string): Promise<boolean> {
  const seen = await site.vms.get(ref);
  return seen !== undefined && !['stopped', 'failed', 'missing'].includes(seen.state);
}

async function prepare(ports: CapturePorts, job: JobContext<CaptureJobInput>): Promise<Start> {
  const { vmId } = job.input;
  // A retried job holds its VM again; the gates decide anew.
  const vm = ports.hold(vmId, job.jobId);
  const ref = vm.siteRef;
  if (ref === undefined) throw new Problem('conflict', 'images.capture.errors.neverMade', { name: vm.name });
  const site = await ports.sites.opened(vm.siteId, job.signal);
  const usage = await requireCapture(site).usage?.(ref);
  const virtual = usage?.virtual ?? vm.diskGiB * 2 ** 30;
  const { largestUpload: usable } = await ports.images.space();
  // Compressed, a disk takes no more than it takes now. Where the site does not tell, the copy itself finds out.
  const needed = usage?.stored ?? 0;
  if (needed > usable) {
    throw new Problem('no_space', 'images.capture.errors.noRoom', { needed, usable });
  }
  const start = { ref, ran: await runs(site, ref), sizeBefore: usage?.stored ?? virtual };
  await writeFile(startFile(ports, job), JSON.stringify(start), { mode: 0o600 });
  return start;
}

async function clean(
  ports: CapturePorts,
  job: JobContext<CaptureJobInput>,
  site: Site,
  start: Start,
  step: StepContext,
): Promise<void> {
  const { clean: items, vmId } = job.input;
  if (items.length === 0) return;
  const { shell, reason } = await guestShell(site, start.ref, () => ports.guestAccess(vmId), step.signal);
  if (!shell) throw reason ?? new Problem('unavailable', 'images.capture.errors.noWay');
  step.message(shell.way);
  try {
    await cleanGuest(shell, items, {
      signal: step.signal,
      log: (line) => {
        step.log(line);
      },
      progress: (done, total) => {
        step.progress({ done: (100 * done) / total, total: 100, unit: 'percent' });
      },
    });
  } finally {
    shell.close();
    // The guest makes new host keys at its next start, and those are pinned then. Also when a later item failed.
    if (items.includes('hostKeys')) ports.db.update(vms).set({ hostKey: null }).where(eq(vms.id, vmId)).run();
  }
}

/** Starts the VM again when it ran, and ends the hold. */
async function letGo(
  ports: CapturePorts,
  { vmId }: CaptureJobInput,
  site: Site,
  start: Start,
  signal: AbortSignal,
): Promise<void> {
  if (start.ran && !(await runs(site, start.ref))) await site.vms.start(start.ref, { signal });
  await ports.release(vmId);
}

function factsOf(
  ports: CapturePorts,
  { input, jobId }: JobContext<CaptureJobInput>,
  vm: Vm,
  sizeBefore: number,
): Parameters<CapturePorts['images']['ingest']>[1] {
  const { vmId, imageId, mode, clean: cleaned, clean: _items, keep: _keep, ...said } = input;
  const base = baseImage(ports, vm.imageId);
  return {
    ...said,
    id: imageId,
    os: base?.os ?? undefined,
    login: vm.login,
    cloudInit: base?.cloudInit ?? false,
    architecture: base?.architecture ?? 'x86_64',
    minMemoryMiB: base?.minMemoryMiB ?? vm.memoryMiB,
    projectId: vm.projectId,
    source: {
      kind: 'capture',
      vmId,
      vmName: vm.name,
      projectId: vm.projectId,
      projectName: projectName(ports, vm.projectId),
      mode,
      cleaned,
    },
    sizeBefore,
    jobId,
  };
}

function projectName({ db }: CapturePorts, id: string): string {
  return db.select({ name: projects.name }).from(projects).where(eq(projects.id, id)).get()?.name ?? id;
}

/** The image the VM was made from; it may be gone. */
function baseImage(
  ports: CapturePorts,
  imageId: string,
): ReturnType<CapturePorts['images']['get']> | undefined {
  try {
    return ports.images.get(system, imageId);
  } catch (error) {
    if (error instanceof Problem && error.code === 'not_found') return undefined;
    throw error;
  }
}

/** Leaves neither a file nor an image behind, and the VM as it was found. */
async function undo(ports: CapturePorts, job: JobContext<CaptureJobInput>): Promise<void> {
  const { vmId, imageId } = job.input;
  await rm(targetOf(ports, job), { force: true });
  await ports.images.discard(imageId);
  const vm = ports.vmById(vmId);
  if (vm && job.input.keep) {
    await requireCapture(ports.sites.get(vm.siteId)).forget?.(imageId, { signal: job.signal });
  }
  if (vm?.state === 'capturing' && vm.jobId === job.jobId) {
    const start = await readStart(ports, job);
    if (start) await letGo(ports, job.input, ports.sites.get(vm.siteId), start, job.signal);
    else await ports.release(vmId);
  }
  await rm(startFile(ports, job), { force: true });
}

/** A clean-up does not see what the run's steps returned, so what it needs lies beside the copy. */
function startFile(ports: CapturePorts, job: JobContext<unknown>): string {
  return join(ports.images.workFolder, `${job.jobId}.json`);
}

async function readStart(ports: CapturePorts, job: JobContext<unknown>): Promise<Start | undefined> {
  const text = await readFile(startFile(ports, job), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : startSchema.parse(JSON.parse(text));
}
