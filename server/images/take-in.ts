import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { requireRoom } from '../disk-space';
import type { JobContext, StepContext } from '../jobs/job';
import { asProblem, Problem } from '../problem';
import { digestFile } from './digest';
import type { ImageRow, ImageRows } from './image-rows';
import { inspectImage, type Inspected } from './inspect';
import type { ImageFolders, ImagePorts } from './ports';
import { checkDisk, convertToQcow2 } from './qemu-img';
import type { IncomingFormat, StoredFormat } from './schemas';
import { moveIn, storedPath, verifyStored, type Step } from './stored';

/** What the parts of the images room share. */
export interface ImageRoom {
  ports: ImagePorts;
  rows: ImageRows;
  folders: ImageFolders;
  /** Told once an image is there to be used. */
  becameReady(imageId: string): void;
  /** Told once an image is gone. */
  wentAway(row: ImageRow): void;
}

/** A file that came from outside, on its way in. */
interface Incoming {
  imageId: string;
  file: string;
  format: IncomingFormat;
  /** SHA-256 in hex that the sender promised; undefined when none was given. */
  sha256: string | undefined;
}

/** The steps of taking a file in, for the definitions of the jobs that do it. */
export const takeInSteps = ['inspect', 'convert', 'verify', 'register'] as const;

/**
 * Takes a complete file from outside in: promised digest, header, conversion where needed, proof, registration. Each
 * step may be run again after a crash.
 *
 * @throws Problem that names what was found
 */
export async function takeIn(room: ImageRoom, job: JobContext<unknown>, incoming: Incoming): Promise<void> {
  const { imageId, file } = incoming;
  const inspected = await job.step('inspect', (step) => inspect(incoming, stepOf(step)));
  const kept = await job.step('convert', (step) => convert(room, job.jobId, incoming, inspected, step));
  const facts = await job.step('verify', async (step) => {
    await requireFile(kept.file);
    return verifyStored(kept.file, kept.format, stepOf(step));
  });
  await job.step('register', async () => {
    await moveIn(room.folders, imageId, kept.file, facts);
    const source = room.rows.find(imageId)?.source;
    room.rows.update(imageId, {
      ...facts,
      ...(source?.kind === 'upload' && { source: { ...source, sha256: inspected.sha256 } }),
      minDiskGiB: Math.ceil(facts.virtualSize / 2 ** 30),
      sizeBefore: kept.sizeBefore,
      state: 'ready',
      error: null,
    });
    await rm(file, { force: true });
    await rm(`${file}.json`, { force: true });
    room.becameReady(imageId);
  });
}

/** A step's context in the words of the functions that work on files. */
export function stepOf(step: StepContext): Step {
  return {
    signal: step.signal,
    progress: (done, total) => {
      step.progress({ done, total, unit: 'bytes' });
    },
  };
}

async function inspect(incoming: Incoming, step: Step): Promise<Inspected & { sha256: string }> {
  await requireFile(incoming.file);
  const { sha256 } = await digestFile(incoming.file, step);
  if (incoming.sha256 !== undefined && sha256 !== incoming.sha256) {
    throw new Problem('invalid', 'images.errors.checksum', { expected: incoming.sha256, found: sha256 });
  }
  return { ...(await inspectImage(incoming.file, incoming.format)), sha256 };
}

// A job that failed has removed its file; retried, it can only say so.
async function requireFile(file: string): Promise<void> {
  const facts = await stat(file).catch(() => undefined);
  if (!facts) throw new Problem('gone', 'images.errors.fileGone');
}

async function convert(
  room: ImageRoom,
  jobId: string,
  { file, format }: Incoming,
  inspected: Inspected,
  step: StepContext,
): Promise<{ file: string; format: StoredFormat; sizeBefore: number }> {
  const { size } = await stat(file);
  if (format === 'iso') return { file, format, sizeBefore: size };
  if (format === 'qcow2' || format === 'vmdk') {
    const { leaks } = await checkDisk(file, format, step.signal);
    if (format === 'qcow2' && inspected.clean && leaks === 0) return { file, format, sizeBefore: size };
  }
  // A compressed copy of what the file holds is about as large as the file; never larger than the disk.
  const largest = await requireRoom(
    room.folders.work,
    Math.min(size, inspected.virtualSize),
    'images.errors.noRoom',
  );
  const target = join(room.folders.work, `${jobId}.qcow2`);
  await rm(target, { force: true });
  step.log(`convert ${format} → qcow2`);
  const sizes = { virtual: inspected.virtualSize, largest };
  await convertToQcow2({ file, format: driverOf[format] }, target, sizes, stepOf(step));
  return { file: target, format: 'qcow2', sizeBefore: size };
}

/** What qemu-img calls the formats. */
const driverOf = { qcow2: 'qcow2', raw: 'raw', vmdk: 'vmdk', vdi: 'vdi', vhdx: 'vhdx' } as const;

/**
 * Runs the work of a job that brings an image in, and writes a failure into the image's row. A stop of the server is no
 * failure: the next start goes on.
 */
export async function orMarkFailed(
  room: ImageRoom,
  job: JobContext<unknown>,
  imageId: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!job.signal.aborted) {
      room.rows.update(imageId, { state: 'failed', error: asProblem(error).report() });
    }
    throw error;
  }
}

/** Undoes what a job that brings an image in has made: files go, the row stays and says why. */
export async function undoTakeIn(
  room: ImageRoom,
  jobId: string,
  imageId: string,
  file: string,
): Promise<void> {
  const row = room.rows.find(imageId);
  await rm(join(room.folders.work, `${jobId}.qcow2`), { force: true });
  await rm(file, { force: true });
  await rm(`${file}.json`, { force: true });
  if (!row || row.state === 'failed') return;
  // A cancel that came with the last step still counts.
  if (row.format !== null) await rm(storedPath(room.folders, imageId, row.format), { force: true });
  const error = new Problem('cancelled', 'problems.cancelled').report();
  room.rows.update(imageId, { state: 'failed', error, format: null, digest: null, md5: null });
}
