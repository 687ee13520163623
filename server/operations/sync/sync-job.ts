import { z } from 'zod';
import type { JobContext, JobKind, Jobs, StepContext } from '../../jobs/job';
import type { PackageFiles } from '../../packages/package-files';
import { asProblem, Problem } from '../../problem';
import type { ImageLocation } from '../../store/schemas';
import type { CatalogueRows, ReleaseRow } from './catalogue-rows';
import type { HeldPackages } from './held-packages';
import { ownStoreId } from './store-rows';
import { askPackage, verifyPackage, type Asked, type Verified } from './sync-package';
import type { SyncResult } from './schemas';
import type { StoreSource } from './store-source';
import type { SyncedImages } from './synced-images';

const input = z.object({ releaseId: z.string() });
export type SyncJobInput = z.infer<typeof input>;

export interface SyncJobParts {
  jobs: Jobs;
  rows: CatalogueRows;
  held: HeldPackages;
  images: SyncedImages;
  packages: PackageFiles;
  /** @throws Problem `not_found` when the store was forgotten */
  sourceOf(storeId: string): StoreSource;
  /** Certificates of those who may have signed packages of a store; may be empty. */
  signersOf(storeId: string): string;
}

/**
 * Defines `release.sync`: asks whether anything moved, fetches the package and proves it, copies its images, and only
 * then says that it is in sync. What comes to nothing leaves nothing; what was in sync before stays so.
 */
export function defineSync(parts: SyncJobParts): JobKind<SyncJobInput> {
  return parts.jobs.define<SyncJobInput, SyncResult>({
    kind: 'release.sync',
    steps: ['package', 'verify', 'images', 'register'],
    input,
    concurrency: 4,
    cancellable: true,
    run: (job) => run(parts, job),
    undo: (job) => undo(parts, job),
  });
}

async function run(parts: SyncJobParts, job: JobContext<SyncJobInput>): Promise<SyncResult> {
  const { rows } = parts;
  const started = performance.now();
  const row = rows.require(job.input.releaseId);
  requireAlone(parts, job);
  rows.write(row.id, { state: 'syncing', problem: null, jobId: job.jobId });
  try {
    const source = parts.sourceOf(row.storeId);
    const asked = await job.step('package', (step) => askPackage({ ...parts, source, row, step }));
    if (asked.unchanged) return unchanged(parts, job, row, asked, started);
    const seen = await job.step('verify', (step) => verifyPackage({ ...parts, row, asked, step }));
    const taken = await job.step('images', (step) => takeImages(parts, { source, row, seen, step }));
    await job.step('register', () => register(parts, row.id, { asked, seen, taken }));
    return {
      releaseId: row.id,
      unchanged: false,
      bytesMoved: asked.moved + taken.moved,
      bytesKept: asked.kept + taken.kept,
      ms: Math.round(performance.now() - started),
    };
  } catch (error) {
    if (!job.signal.aborted) rows.write(row.id, { problem: asProblem(error).report() });
    throw error;
  }
}

/** A job that failed can be run again while a newer one works on the same release. @throws Problem `conflict` */
function requireAlone({ jobs, rows }: SyncJobParts, job: JobContext<SyncJobInput>): void {
  const others = jobs
    .list({ subject: job.subject, kind: 'release.sync', states: ['running', 'cancelling'] })
    .filter(({ id }) => id !== job.jobId);
  if (others.length === 0) return;
  const { name, version } = rows.require(job.input.releaseId);
  throw new Problem('conflict', 'sync.errors.busy', { name, version });
}

function unchanged(
  { rows }: SyncJobParts,
  job: JobContext<SyncJobInput>,
  row: ReleaseRow,
  asked: Asked,
  started: number,
): SyncResult {
  const ms = Math.round(performance.now() - started);
  const images = row.images.filter(({ artifact }) => artifact !== null);
  const kept = asked.size + images.reduce((sum, { artifact }) => sum + (artifact?.size ?? 0), 0);
  job.log({
    key: 'sync.log.unchanged',
    params: { store: asked.digest, held: row.heldDigest ?? '', images: images.length, kept, ms },
  });
  rows.write(row.id, { state: 'inSync', problem: null, digest: asked.digest });
  return { releaseId: row.id, unchanged: true, bytesMoved: 0, bytesKept: kept, ms };
}

interface TakenImages {
  images: ImageLocation[];
  moved: number;
  kept: number;
}

async function takeImages(
  { rows, images }: SyncJobParts,
  { source, row, seen, step }: { source: StoreSource; row: ReleaseRow; seen: Verified; step: StepContext },
): Promise<TakenImages> {
  const there = await source.images(row, seen.images, step);
  const versions = new Map(seen.images.map(({ name, version }) => [name, version]));
  const here = images.placesFor(
    row,
    there.map((image) => ({ ...image, version: versions.get(image.name) ?? '' })),
  );
  // From now on nobody frees what of it is in the registry.
  rows.write(row.id, { pendingImages: here });
  const from = row.storeId === ownStoreId ? undefined : source;
  const total = there.reduce((sum, { artifact }) => sum + (artifact?.size ?? 0), 0);
  const taken: TakenImages = { images: [], moved: 0, kept: 0 };
  let before = 0;
  for (const [index, image] of here.entries()) {
    const origin = there[index]?.artifact ?? null;
    if (image.artifact === null || origin === null) {
      step.log({ key: 'sync.log.notHeld', params: { image: image.name } });
      taken.images.push({ ...image, artifact: null });
      continue;
    }
    const one = await images.take(image.name, origin, image.artifact, from, {
      signal: step.signal,
      log: (line) => step.log(line),
      progress: (done, size) => {
        step.progress({ done: before + done, total: Math.max(total, before + size), unit: 'bytes' });
      },
    });
    before += one.artifact.size ?? 0;
    taken.images.push({ ...image, artifact: one.artifact });
    taken.moved += one.moved;
    taken.kept += one.kept;
  }
  return taken;
}

async function register(
  { rows, held, images }: SyncJobParts,
  id: string,
  { asked, seen, taken }: { asked: Asked; seen: Verified; taken: TakenImages },
): Promise<void> {
  const before = rows.require(id).heldDigest;
  // Not earlier: a package in its place is one that a release holds.
  await held.keep(id, asked.digest);
  rows.write(id, {
    state: 'inSync',
    problem: null,
    proof: seen.proof,
    images: taken.images,
    pendingImages: null,
    heldDigest: asked.digest,
    digest: asked.digest,
    size: asked.size,
    syncedAt: Date.now(),
  });
  if (before !== null && before !== asked.digest && rows.holding(before).length === 0)
    await held.drop(before);
  // What only the former package named. It does not spoil the sync when the registry does not answer now.
  await images.freeUnused(AbortSignal.timeout(30_000)).catch(() => undefined);
}

async function undo(
  { rows, held, images, jobs }: SyncJobParts,
  job: JobContext<SyncJobInput>,
): Promise<void> {
  const row = rows.find(job.input.releaseId);
  // Another job works on the release.
  if (row === undefined || row.jobId !== job.jobId) return;
  await held.dropPart(row.id);
  const own = jobs.get(job.jobId);
  const cancelled = own?.state === 'cancelling';
  // One that was refused before it began has written none.
  const problem = cancelled ? null : (row.problem ?? own?.error ?? null);
  // What was in sync before still is.
  const state = row.heldDigest === null ? (cancelled ? 'notInSync' : 'failed') : 'inSync';
  rows.write(row.id, { state, problem, pendingImages: null });
  // The store took it away while it was fetched: there is nothing left to show.
  if (row.heldDigest === null && row.withdrawnAt !== null) rows.remove(row.id);
  // Last, since it needs the registry, which may be why the sync failed.
  await images.freeUnused(job.signal);
}
