/** Streams an image out of glance into a file; a cut connection goes on where it was. */
import { createHash, type Hash } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { requireRoom } from '../../disk-space';
import { isNoSpace, isProblem, Problem } from '../../problem';
import type { Call } from '../site';
import type { Cloud, StreamedAnswer } from './cloud';
import { imagePath, type GlanceImage } from './glance';
import { stallGuard } from './stall-guard';

/** What was written, counted and taken on the way. */
export interface Downloaded {
  size: number;
  /** Hex digests. */
  md5: string;
  sha256: string;
}

type DownloadCall = Call & {
  progress?: ((done: number, total: number) => void) | undefined;
  /** Told before each attempt after a cut. @param from byte it goes on at */
  onResume?: ((from: number, cause: unknown) => void) | undefined;
};

const mostResumes = 5;
/** Milliseconds until the first attempt after a cut; each further one waits twice as long. */
const firstPauseMs = 500;
/** Milliseconds without a byte until a download counts as stuck. */
const patienceMs = 60_000;

/**
 * Writes an image's content to a file and proves it: by its size, and by the hash that glance took when it was stored.
 *
 * @param image active, with its size
 * @param target file to make; removed on failure and abort
 * @throws Problem `no_space` with the numbers, `failed` when bytes differ or the connection was cut too often
 */
export async function downloadImage(
  cloud: Cloud,
  image: GlanceImage,
  target: string,
  call: DownloadCall,
): Promise<Downloaded> {
  const size = image.size ?? 0;
  await requireRoom(dirname(target), size, 'openstack.errors.noRoom');
  const file = await open(target, 'w', 0o600);
  try {
    const taken = await receiveAll(cloud, image, file, size, call);
    await file.close();
    return taken;
  } catch (error) {
    await file.close();
    await rm(target, { force: true });
    if (isNoSpace(error)) throw new Problem('no_space', 'sites.errors.noSpace', {}, { cause: error });
    throw error;
  }
}

/** How far the file is. Every byte in it has gone through the hashes, in order. */
interface Taken {
  done: number;
  md5: Hash;
  sha256: Hash;
  /** Of the algorithm glance names, where it has no MD5. */
  other: Hash | undefined;
}

async function receiveAll(
  cloud: Cloud,
  image: GlanceImage,
  file: FileHandle,
  size: number,
  call: DownloadCall,
): Promise<Downloaded> {
  const taken = startAnew(image);
  for (let resumes = 0; ; resumes++) {
    const cut = await receive(cloud, image, file, taken, size, call).catch((error: unknown) => {
      if (call.signal?.aborted || isFinal(error)) throw error;
      return { cause: error };
    });
    if (taken.done === size) break;
    const cause = cut?.cause;
    if (resumes === mostResumes) {
      const params = { done: taken.done, size, times: resumes };
      throw new Problem('failed', 'openstack.errors.downloadCut', params, { cause, detail: wordsOf(cause) });
    }
    await pause(firstPauseMs * 2 ** resumes, undefined, call.signal ? { signal: call.signal } : {});
    call.onResume?.(taken.done, cause);
  }
  return proved(image, taken, size);
}

/** Answers that the same question would get again. A disk that is full is no answer, but stays full as well. */
const finalCodes: readonly string[] = [
  'invalid',
  'unauthenticated',
  'forbidden',
  'not_found',
  'gone',
  'no_space',
];

function isFinal(error: unknown): boolean {
  return isNoSpace(error) || (isProblem(error) && finalCodes.includes(error.code));
}

function wordsOf(error: unknown): string | undefined {
  if (isProblem(error)) return error.detail;
  return error instanceof Error ? error.message : undefined;
}

function startAnew(image: GlanceImage): Taken {
  const algorithm = image.checksum ? undefined : image.os_hash_algo;
  return {
    done: 0,
    md5: createHash('md5'),
    sha256: createHash('sha256'),
    other: algorithm ? createHash(algorithm) : undefined,
  };
}

/** Takes what one answer holds. An answer that ends early is no error here: the caller sees how far the file is. */
async function receive(
  cloud: Cloud,
  image: GlanceImage,
  file: FileHandle,
  taken: Taken,
  size: number,
  call: DownloadCall,
): Promise<undefined> {
  const guard = stallGuard(call.signal, patienceMs);
  try {
    const answer = await cloud.stream({
      service: 'image',
      path: imagePath(image.id, '/file'),
      headers: taken.done > 0 ? { range: `bytes=${taken.done}-` } : {},
      signal: guard.signal,
    });
    if (!goesOn(answer, taken.done)) await rewind(image, file, taken);
    for await (const block of answer.body as AsyncIterable<Buffer>) {
      guard.moved(patienceMs);
      if (taken.done + block.length > size) {
        throw new Problem('invalid', 'openstack.errors.downloadTooLong', { size });
      }
      await writeAll(file, block, taken.done);
      taken.md5.update(block);
      taken.sha256.update(block);
      taken.other?.update(block);
      taken.done += block.length;
      call.progress?.(taken.done, size);
    }
    return undefined;
  } catch (error) {
    throw guard.reason() ?? error;
  } finally {
    guard.end();
  }
}

/** Whether the answer begins at the byte that was asked for; a cloud that ignores Range sends all from the start. */
function goesOn(answer: StreamedAnswer, from: number): boolean {
  if (from === 0) return true;
  if (answer.status !== 206) return false;
  const range = answer.headers['content-range'];
  // Early glances (before Rocky) say `bytes 5-9/10` only for some stores, and nothing for others.
  return range === undefined || range.startsWith(`bytes ${from}-`);
}

async function rewind(image: GlanceImage, file: FileHandle, taken: Taken): Promise<void> {
  await file.truncate(0);
  Object.assign(taken, startAnew(image));
}

/** At a place of its own: the file's position stays where it was when the download begins anew. */
async function writeAll(file: FileHandle, block: Buffer, from: number): Promise<void> {
  for (let at = 0; at < block.length;) {
    at += (await file.write(block, at, block.length - at, from + at)).bytesWritten;
  }
}

function proved(image: GlanceImage, taken: Taken, size: number): Downloaded {
  const md5 = taken.md5.digest('hex');
  const [expected, found] = image.checksum
    ? [image.checksum, md5]
    : [image.os_hash_value ?? '', taken.other?.digest('hex') ?? ''];
  if (expected !== found)
    throw new Problem('failed', 'openstack.errors.downloadDiffers', { expected, found });
  return { size, md5, sha256: taken.sha256.digest('hex') };
}
