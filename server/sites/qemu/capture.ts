import { rm, stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { Problem } from '../../problem';
import { mustAct } from '../power-rules';
import { AgentError, agentRun } from './agent';
import { diskTree } from './argv';
import { runQemuImg } from './qemu-img';
import { overlayRanges } from './overlay-ranges';
import { QmpError, type Qmp } from './qmp';
import type { VmState } from './vm-state';

type Progress = (done: number, total: number) => void;

/** The node and job of a capture inside QEMU; an earlier process of ours may have left them. */
const targetNode = 'capture';
const jobId = 'capture';

const zstd = ['-o', 'compression_type=zstd'];

/**
 * Copies the disk of a VM that is off.
 *
 * @param target file to make; removed on failure and abort
 * @param call `changed` is told what differs from the VM's image
 * @throws Problem `conflict` when it is not off
 */
export async function captureStopped(
  vm: VmState,
  target: string,
  call: {
    signal?: AbortSignal | undefined;
    progress?: Progress | undefined;
    changed?: ((ranges: { at: number; length: number }[]) => void) | undefined;
  },
): Promise<void> {
  const { signal, progress } = call;
  mustAct('capture', vm.record.state);
  const total = vm.record.size.diskGiB * 1024 ** 3;
  const source = `json:${JSON.stringify(diskTree(vm.paths.disk, vm.record.base))}`;
  try {
    // -m 8 -W: eight compressors at once, written as they finish; the order in the file does not matter.
    await runQemuImg(['convert', '-p', '-O', 'qcow2', '-c', ...zstd, '-m', '8', '-W', source, target], {
      failure: 'sites.errors.captureFailed',
      signal,
      percent: (percent) => progress?.(Math.round((total * percent) / 100), total),
    });
    const ranges =
      call.changed && (await overlayRanges({ file: vm.paths.disk, base: vm.record.base }, signal));
    if (ranges) call.changed?.(ranges);
  } catch (error) {
    await rm(target, { force: true });
    throw error;
  }
}

/**
 * Copies the disk of a running VM as it is at one moment: the guest's file systems stand still (by its agent, else
 * its CPUs) just while QEMU sets up a backup job, which then copies old content aside before the guest overwrites it.
 * The VM's own disk is never changed or relinked, so there is nothing to repair if we or QEMU die meanwhile.
 *
 * @param target file to make; removed on failure and abort
 * @throws Problem `conflict` when the VM is not running
 */
export async function captureRunning(
  vm: VmState,
  target: string,
  { signal, progress }: { signal?: AbortSignal | undefined; progress?: Progress | undefined },
): Promise<void> {
  mustAct('look', vm.record.state);
  const qmp = vm.process?.qmp;
  if (!qmp) throw new Problem('conflict', 'sites.errors.notRunning');
  await cleanUpBackup(qmp);
  try {
    const size = `${vm.record.size.diskGiB}G`;
    await runQemuImg(['create', '-q', '-f', 'qcow2', ...zstd, target, size], {
      failure: 'sites.errors.captureFailed',
      signal,
    });
    await qmp.run('blockdev-add', {
      driver: 'qcow2',
      'node-name': targetNode,
      'detect-zeroes': 'unmap',
      discard: 'unmap',
      file: { driver: 'file', filename: target },
    });
    await whileStill(vm, qmp, () =>
      qmp.run('blockdev-backup', {
        'job-id': jobId,
        device: 'disk',
        target: targetNode,
        sync: 'full',
        compress: true,
        'auto-dismiss': false,
      }),
    );
    await followBackup(qmp, signal, progress);
  } catch (error) {
    await cleanUpBackup(qmp).catch(() => undefined); // QEMU is gone, and the job with it.
    await rm(target, { force: true });
    throw captureProblem(error, signal);
  }
  await cleanUpBackup(qmp);
}

function captureProblem(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted || error instanceof Problem) return error;
  const detail = error instanceof Error ? error.message : String(error);
  if (/No space left|Disk quota exceeded/.test(detail))
    return new Problem('no_space', 'sites.errors.noSpace', {}, { detail });
  return new Problem('failed', 'sites.errors.captureFailed', {}, { detail, cause: error });
}

/** Runs a short action while nothing is written to the guest's disk, and lets the guest go on whatever happens. */
async function whileStill(vm: VmState, qmp: Qmp, action: () => Promise<unknown>): Promise<void> {
  if (vm.record.state === 'paused') {
    await action();
    return;
  }
  if (await freeze(vm)) {
    try {
      await action();
    } finally {
      await thaw(vm);
    }
    return;
  }
  vm.update({ held: true });
  try {
    await vm.save();
    await qmp.run('stop');
    await action();
  } finally {
    await qmp.run('cont').catch(() => undefined);
    vm.update({ held: undefined });
  }
}

/** @returns whether the guest's file systems stand still now */
async function freeze(vm: VmState): Promise<boolean> {
  try {
    await agentRun(vm.paths, 'guest-ping', {}, 2000);
  } catch {
    return false;
  }
  try {
    await agentRun(vm.paths, 'guest-fsfreeze-freeze', {}, 30_000);
    return true;
  } catch (error) {
    // A half-done or late freeze must not last.
    await thaw(vm).catch(() => undefined);
    if (error instanceof AgentError || error instanceof Problem) return false;
    throw error;
  }
}

/** A frozen guest can do nothing, so one lost answer must not leave it so. */
const thawTries = 5;

async function thaw(vm: VmState): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await agentRun(vm.paths, 'guest-fsfreeze-thaw', {}, 10_000);
      return;
    } catch (error) {
      if (error instanceof AgentError || tries === thawTries) throw error;
    }
  }
}

/**
 * Lets a guest go on that an earlier process of ours may have left standing still, and ends its backup.
 */
export async function cleanUpCapture(vm: VmState, qmp: Qmp): Promise<void> {
  await cleanUpBackup(qmp);
  if (vm.record.held) {
    await qmp.run('cont');
    vm.update({ held: undefined });
  }
  // Not waited for: without an agent nothing was frozen, and nothing answers.
  agentRun(vm.paths, 'guest-fsfreeze-thaw', {}, 10_000).catch(() => undefined);
}

const jobsSchema = z.array(
  z.looseObject({
    id: z.string(),
    status: z.string(),
    'current-progress': z.number(),
    'total-progress': z.number(),
    error: z.string().optional(),
  }),
);

/** The job's state is asked for: its events do not tell how far it is. */
const askEveryMs = 200;

async function followBackup(
  qmp: Qmp,
  signal: AbortSignal | undefined,
  progress: Progress | undefined,
): Promise<void> {
  for (;;) {
    const job = await findJob(qmp);
    if (!job) throw new Problem('failed', 'sites.errors.captureFailed');
    progress?.(job['current-progress'], job['total-progress']);
    if (job.status === 'concluded') {
      if (job.error !== undefined) throw new Error(job.error);
      return;
    }
    await pause(askEveryMs, undefined, { signal });
  }
}

async function findJob(qmp: Qmp) {
  return jobsSchema.parse(await qmp.run('query-jobs')).find((job) => job.id === jobId);
}

/** Ends and forgets a backup job and its target, also those of a process that died. */
async function cleanUpBackup(qmp: Qmp): Promise<void> {
  for (let job = await findJob(qmp); job; job = await findJob(qmp)) {
    const ended = job.status === 'concluded';
    await unlessRefused(qmp.run(ended ? 'job-dismiss' : 'job-cancel', { id: jobId }));
    await pause(20);
  }
  await unlessRefused(qmp.run('blockdev-del', { 'node-name': targetNode }));
}

/** It was gone already. */
async function unlessRefused(asked: Promise<unknown>): Promise<void> {
  await asked.catch((error: unknown) => {
    if (!(error instanceof QmpError)) throw error;
  });
}

/**
 * What a VM's disk takes: the blocks of its own layer and the whole of the image below it.
 *
 * @returns bytes on the host's disk, and bytes that the guest sees
 */
export async function diskUsage(vm: VmState): Promise<{ stored: number; virtual: number }> {
  const files = [vm.paths.disk, ...(vm.record.base ? [vm.record.base.path] : [])];
  // POSIX counts blocks of 512 bytes, whatever the file system's are.
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).blocks * 512));
  return { stored: sizes.reduce((sum, size) => sum + size, 0), virtual: vm.record.size.diskGiB * 1024 ** 3 };
}
