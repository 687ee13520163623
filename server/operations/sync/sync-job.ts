import { z } from 'zod';
import type { JobContext, JobKind, Jobs, Said, StepContext } from '../../jobs/job';
import type { PackageFiles } from '../../packages/package-files';
import { asProblem, Problem, type ProblemCode, type ProblemReport } from '../../problem';
import type { RoomRegistries } from '../../registries/registries';
import type { ImageLocation } from '../../store/schemas';
import type { CatalogueRows, ReleaseRow } from './catalogue-rows';
import { isArchived, takeEmbedded, type SendArchive } from './embedded-images';
import type { HeldPackages } from './held-packages';
import { ownStoreId } from './store-rows';
import { askPackage, proveHeld, verifyPackage, whereIs, type Asked, type Verified } from './sync-package';
import type { SyncResult } from './schemas';
import type { NamedImage, StoreSource } from './store-source';
import type { Artifact, SyncedImages, Taken } from './synced-images';

const input = z.object({ releaseId: z.string() });
export type SyncJobInput = z.infer<typeof input>;

export interface SyncJobParts {
  jobs: Jobs;
  rows: CatalogueRows;
  held: HeldPackages;
  images: SyncedImages;
  packages: PackageFiles;
  registries: Pick<RoomRegistries, 'of'>;
  sendArchive: SendArchive;
  /** @throws Problem `not_found` when the store was forgotten */
  sourceOf(storeId: string): StoreSource;
  /** Certificates of those one of whom must have signed the packages of a store; empty: nobody need. */
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
    const taken = await job.step('images', (step) => takeImages(parts, { source, row, asked, seen, step }));
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
  parts: SyncJobParts,
  {
    source,
    row,
    asked,
    seen,
    step,
  }: { source: StoreSource; row: ReleaseRow; asked: Asked; seen: Verified; step: StepContext },
): Promise<TakenImages> {
  const { rows, images } = parts;
  const there = await source.images(row, seen.images, step);
  // Stores tell of images in the package's order, in which one name may come in several versions.
  const named = there.map(({ name }, index) => {
    const same = seen.images[index];
    return same?.name === name ? same : seen.images.find((image) => image.name === name);
  });
  const here = images.placesFor(
    row,
    there.map((image, index) => ({ ...image, version: named[index]?.version ?? '' })),
  );
  const pending = [...here];
  // From now on nobody frees what of it is in the registry.
  rows.write(row.id, { pendingImages: pending });
  const from = row.storeId === ownStoreId ? undefined : source;
  const total = there.reduce((sum, { artifact }) => sum + (artifact?.size ?? 0), 0);
  const taken: TakenImages = { images: [], moved: 0, kept: 0 };
  let before = 0;
  for (const [index, image] of here.entries()) {
    const origin = there[index]?.artifact ?? null;
    const call = {
      signal: step.signal,
      log: (line: Said) => step.log(line),
      progress: (done: number, size: number) => {
        step.progress({ done: before + done, total: Math.max(total, before + size), unit: 'bytes' });
      },
      expect: (artifact: Artifact) => {
        pending.push({ ...image, artifact });
        rows.write(row.id, { pendingImages: pending });
      },
    };
    const one =
      image.artifact !== null && origin !== null
        ? await images.take(image.name, origin, image.artifact, from, call)
        : await takeOut(parts, { row, asked }, named[index], call);
    if (one === undefined) step.log({ key: 'sync.log.notHeld', params: { image: image.name } });
    before += one?.artifact.size ?? 0;
    taken.images.push({ ...image, artifact: one?.artifact ?? null });
    taken.moved += one?.moved ?? 0;
    taken.kept += one?.kept ?? 0;
  }
  return taken;
}

/** What lies in the package itself. @returns undefined for what is not there either, and for disks */
async function takeOut(
  parts: SyncJobParts,
  { row, asked }: { row: ReleaseRow; asked: Asked },
  image: NamedImage | undefined,
  call: Parameters<typeof takeEmbedded>[3],
): Promise<Taken | undefined> {
  if (image === undefined || row.kind !== 'container' || !isArchived(image)) return undefined;
  const path = whereIs(parts.held, row, asked);
  return await takeEmbedded(parts, { path, app: row }, image, call);
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

/** Of these a retry may come to something, with what came so far; of others (no room, a forged file) it may not. */
const mayPass: ReadonlySet<ProblemCode> = new Set(['unavailable', 'forbidden', 'conflict']);

/**
 * First the row says how the release stands, then goes what it does not speak of: whatever a crash between the two
 * leaves, this is run again.
 */
async function undo(parts: SyncJobParts, job: JobContext<SyncJobInput>): Promise<void> {
  const { rows, held, images, jobs } = parts;
  const { releaseId } = job.input;
  const row = rows.find(releaseId);
  // Another job works on the release.
  if (row !== undefined && row.jobId !== job.jobId) return;
  const own = jobs.get(job.jobId);
  const error = own?.state === 'cancelling' ? undefined : own?.error;
  if (row) await settle(parts, row, { cancelled: own?.state === 'cancelling', error, signal: job.signal });
  const kept = error !== undefined && mayPass.has(error.code) ? rows.find(releaseId)?.digest : undefined;
  await held.dropParts(releaseId, kept ?? undefined);
  // Last, since it needs the registry, which may be why the sync failed.
  await images.freeUnused(job.signal);
}

/** Makes the row say what is here after a sync that came to nothing. */
async function settle(
  { rows, held }: SyncJobParts,
  row: ReleaseRow,
  how: { cancelled: boolean; error: ProblemReport | undefined; signal: AbortSignal },
): Promise<void> {
  if (row.heldDigest === null) {
    // The store took it away while it was fetched: there is nothing left to show.
    if (row.withdrawnAt !== null) rows.remove(row.id);
    // One that was refused before it began has written no problem.
    else if (how.cancelled) rows.write(row.id, { state: 'notInSync', problem: null, pendingImages: null });
    else
      rows.write(row.id, { state: 'failed', problem: row.problem ?? how.error ?? null, pendingImages: null });
    return;
  }
  // What was in sync before still is, unless somebody changed it, which is perhaps why it was synced again.
  const damage = (await proveHeld(row, held, how.signal)).damage?.report() ?? null;
  const problem = how.cancelled ? damage : (row.problem ?? how.error ?? damage);
  rows.write(row.id, { state: damage ? 'failed' : 'inSync', problem, pendingImages: null });
}
