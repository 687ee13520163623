import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { JobContext, JobKind } from '../jobs/job';
import { Problem } from '../problem';
import type { BootPhase, Site, SiteVm } from '../sites/site';
import type { ImageRow } from './image-rows';
import type { ImageRoom } from './take-in';

const bootTestJobInput = z.object({ imageId: z.string(), siteId: z.string() });
export type BootTestJobInput = z.infer<typeof bootTestJobInput>;

/** A site tells of changes; asking now and then as well means that a lost notice only costs seconds. */
const askEveryMs = 2000;

interface Seen {
  phase: BootPhase | null;
  passed: boolean;
  tookMs: number;
}

/**
 * Defines the job `image.boot-test`: starts a throw-away VM from an image without any network, watches it to its login
 * prompt, keeps a picture of the screen, and removes the VM whatever happened.
 */
export function defineBootTest(room: ImageRoom): JobKind<BootTestJobInput> {
  const { ports, rows, folders } = room;
  return ports.jobs.define<BootTestJobInput, { imageId: string; phase: BootPhase | null; passed: boolean }>({
    kind: 'image.boot-test',
    steps: ['create', 'watch', 'picture', 'remove'],
    input: bootTestJobInput,
    concurrency: 1,
    cancellable: true,
    async run(job) {
      const site = ports.sites().get(job.input.siteId);
      const row = rows.find(job.input.imageId);
      if (row?.state !== 'ready') throw new Problem('conflict', 'images.errors.notReady');
      const ref = await job.step('create', async (step) => (await createVm(site, row, job, step.signal)).ref);
      const seen = await job.step('watch', (step) =>
        watchBoot(site, ref, ports.bootTestSeconds * 1000, step.signal, (phase) => {
          step.message(phase);
        }),
      );
      await job.step('picture', async (step) => {
        const picture = await site.screens?.screenshot(ref).catch(() => undefined);
        if (picture) await writeFile(proofPicture(folders.proofs, job.jobId), picture, { mode: 0o600 });
        const { accelerator } = await site.offers({ signal: step.signal });
        rows.addProof({
          id: job.jobId,
          imageId: row.id,
          siteId: site.id,
          siteName: site.name,
          accelerator: accelerator?.name ?? null,
          hasScreenshot: picture !== undefined,
          ...seen,
        });
      });
      await job.step('remove', (step) => site.vms.delete(ref, { signal: step.signal }));
      if (!seen.passed) throw bootProblem(seen);
      return { imageId: row.id, phase: seen.phase, passed: seen.passed };
    },
    async undo(job) {
      const site = ports.sites().get(job.input.siteId);
      const left = (await site.vms.list()).find(({ vmId }) => vmId === vmIdOf(job));
      if (left) await site.vms.delete(left.ref, { signal: job.signal });
      const proved = rows.proofs(job.input.imageId).some(({ id }) => id === job.jobId);
      if (!proved) await rm(proofPicture(folders.proofs, job.jobId), { force: true });
    },
  });
}

/** Path of a boot test's picture. */
export function proofPicture(folder: string, proofId: string): string {
  return join(folder, `${proofId}.png`);
}

function vmIdOf(job: JobContext<unknown>): string {
  return `boot_${job.jobId}`;
}

async function createVm(
  site: Site,
  row: ImageRow,
  job: JobContext<BootTestJobInput>,
  signal: AbortSignal,
): Promise<SiteVm> {
  const { networks } = await site.offers({ signal });
  const network =
    networks.find(({ kind }) => kind === 'none') ?? networks.find(({ kind }) => kind === 'isolated');
  if (!network) throw new Problem('conflict', 'images.errors.noNetwork', { site: site.name });
  return site.vms.create(
    {
      vmId: vmIdOf(job),
      jobId: job.jobId,
      name: `boot-test-${row.name}`.slice(0, 60),
      flavor: { vcpus: 1, memoryMiB: row.minMemoryMiB, diskGiB: Math.max(1, row.minDiskGiB) },
      imageId: row.id,
      network: { id: network.id, forwards: [] },
      seed: { hostname: 'boot-test', sshKeys: [], userData: undefined },
    },
    { signal },
  );
}

/** Waits until the boot reached its login prompt, broke off, or took longer than `limitMs`. */
function watchBoot(
  site: Site,
  ref: string,
  limitMs: number,
  signal: AbortSignal,
  onPhase: (phase: BootPhase) => void,
): Promise<Seen> {
  const started = Date.now();
  return new Promise((resolve, reject) => {
    let asking = false;
    const look = async () => {
      if (asking) return;
      asking = true;
      try {
        const seen = judge(await site.vms.get(ref), started, limitMs, onPhase);
        if (seen)
          end(() => {
            resolve(seen);
          });
      } catch (error) {
        end(() => {
          reject(error instanceof Error ? error : new Error(String(error)));
        });
      } finally {
        asking = false;
      }
    };
    const onAbort = () => {
      end(() => {
        reject(new Problem('cancelled', 'problems.cancelled'));
      });
    };
    const timer = setInterval(() => void look(), askEveryMs);
    const unsubscribe = site.onChange((change) => {
      if (change.ref === ref) void look();
    });
    const end = (settle: () => void) => {
      clearInterval(timer);
      unsubscribe();
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    else void look();
  });
}

function judge(
  vm: SiteVm | undefined,
  started: number,
  limitMs: number,
  onPhase: (phase: BootPhase) => void,
): Seen | undefined {
  const last = vm?.boot.at(-1);
  if (last) onPhase(last.phase);
  const phase = last?.phase ?? null;
  const tookMs = (last?.at ?? Date.now()) - (vm?.boot[0]?.at ?? started);
  if (phase === 'login') return { phase, passed: true, tookMs };
  const over = vm === undefined || phase === 'panic' || ['stopped', 'failed', 'missing'].includes(vm.state);
  if (over || Date.now() - started > limitMs) return { phase, passed: false, tookMs: Date.now() - started };
  return undefined;
}

function bootProblem(seen: Seen): Problem {
  const seconds = Math.round(seen.tookMs / 1000);
  return new Problem('failed', `images.errors.bootStopped.${seen.phase ?? 'none'}`, { seconds });
}
