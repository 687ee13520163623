import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { requireRoom } from '../disk-space';
import type { JobContext, JobKind, Jobs, StepContext } from '../jobs/job';
import { asProblem, Problem } from '../problem';
import { inspectCsar } from './csar/inspect';
import { writeCsar } from './csar/write-csar';
import type { PackageImages, PackageOrder } from './order';
import type { PackageRow, PackageRows } from './package-rows';
import type { PackageState } from './schemas';

const jobInput = z.object({ packageId: z.string() });
type PackageJobInput = z.infer<typeof jobInput>;

interface Parts {
  dir: string;
  jobs: Jobs;
  rows: PackageRows;
  images: Pick<PackageImages, 'path'>;
}

/** Paths of a package's files in the packages folder. */
export const pathsOf = (dir: string, id: string) => ({
  /** The finished archive; never written again. */
  content: join(dir, `${id}.csar`),
  /** What a build is writing. */
  part: join(dir, `${id}.part`),
  /** What an upload has brought. */
  incoming: join(dir, 'incoming', id),
});

/** Defines `package.build`: writes the archive, then reads it back as if it came from outside. */
export function defineBuild(parts: Parts): JobKind<PackageJobInput> {
  return parts.jobs.define({
    kind: 'package.build',
    steps: ['write', 'check'],
    input: jobInput,
    concurrency: 1,
    cancellable: true,
    run: (job) =>
      orMarkFailed(parts, job, 'building', async (row) => {
        if (row.order === null) throw new Problem('failed', 'packages.errors.noOrder');
        const { order } = row;
        await job.step('write', (step) => write(parts, row.id, order, step));
        return await check(parts, job, row);
      }),
    undo: (job) => undo(parts, job.input.packageId),
  });
}

/** Defines `package.import`: looks through an archive that came from outside, and takes it in. */
export function defineImport(parts: Parts): JobKind<PackageJobInput> {
  return parts.jobs.define({
    kind: 'package.import',
    steps: ['receive', 'check'],
    input: jobInput,
    concurrency: 2,
    cancellable: true,
    run: (job) =>
      orMarkFailed(parts, job, 'checking', async (row) => {
        const { content, incoming } = pathsOf(parts.dir, row.id);
        await job.step('receive', () => moveIn(incoming, content));
        return await check(parts, job, row);
      }),
    undo: (job) => undo(parts, job.input.packageId),
  });
}

async function write(parts: Parts, id: string, order: PackageOrder, step: StepContext): Promise<void> {
  const { part, content } = pathsOf(parts.dir, id);
  const images = new Map(order.vms.map(({ image }) => [image.digest, image.size]));
  const packed = order.images === 'embedded' ? [...images.values()].reduce((sum, size) => sum + size, 0) : 0;
  const total = packed + 256 * 1024;
  await requireRoom(parts.dir, total, 'packages.errors.noRoom');
  await writeCsar(part, order, (imageId) => parts.images.path(imageId), {
    signal: step.signal,
    onBytes: (done) => {
      step.progress({ done: Math.min(done, total), total, unit: 'bytes' });
    },
  });
  await rename(part, content);
}

/** The step both jobs end with: hashes and bounds of every file, and the row that says what was found. */
async function check(
  parts: Parts,
  job: JobContext<PackageJobInput>,
  row: PackageRow,
): Promise<{ packageId: string; digest: string; verification: string }> {
  return await job.step('check', async (step) => {
    const { content } = pathsOf(parts.dir, row.id);
    const seen = await inspectCsar(content, {
      signal: step.signal,
      onBytes: (done, total) => {
        step.progress({ done, total, unit: 'bytes' });
      },
    });
    const digest = await digestOf(content, step.signal);
    const { size } = await stat(content);
    const { files, findings, images, verification, ...identity } = seen;
    parts.rows.update(row.id, {
      ...(row.origin === 'uploaded' ? identity : {}),
      files,
      findings,
      images,
      verification,
      digest,
      size,
      state: 'ready',
      error: null,
      uploadId: null,
    });
    return { packageId: row.id, digest, verification };
  });
}

async function digestOf(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash, { signal });
  return `sha256:${hash.digest('hex')}`;
}

/** Moves a received file to its place; may be repeated after a crash. */
async function moveIn(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!(await stat(to).catch(() => undefined)))
      throw new Problem('gone', 'packages.errors.uploadGone', {}, { cause: error });
  }
  await rm(`${from}.json`, { force: true });
}

/** Runs a job's work and writes a failure into the row. A stop of the server is no failure: the next start goes on. */
async function orMarkFailed<T>(
  parts: Parts,
  job: JobContext<PackageJobInput>,
  state: PackageState,
  work: (row: PackageRow) => Promise<T>,
): Promise<T> {
  const { packageId } = job.input;
  const row = parts.rows.find(packageId);
  if (row === undefined) throw new Problem('gone', 'packages.errors.packageGone');
  // A job that is retried brings the row back to life.
  if (row.state === 'failed') parts.rows.update(packageId, { state, error: null });
  try {
    return await work(row);
  } catch (error) {
    if (!job.signal.aborted) {
      parts.rows.update(packageId, { state: 'failed', error: asProblem(error).report() });
    }
    throw error;
  }
}

/** Files go; the row stays and says why. */
async function undo(parts: Parts, id: string): Promise<void> {
  const row = parts.rows.find(id);
  if (row?.state === 'ready') return;
  const { content, part, incoming } = pathsOf(parts.dir, id);
  for (const file of [content, part, incoming, `${incoming}.json`]) await rm(file, { force: true });
  if (row && row.state !== 'failed') {
    const error = new Problem('cancelled', 'problems.cancelled').report();
    parts.rows.update(id, { state: 'failed', error });
  }
}
