import { chmod, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../problem';
import { digestFile } from './digest';
import { inspectImage } from './inspect';
import type { ImageFolders } from './ports';
import { checkDisk } from './qemu-img';
import type { StoredFormat } from './schemas';

/** What is known of a file that may be kept. */
export interface StoredFacts {
  format: StoredFormat;
  size: number;
  virtualSize: number;
  /** `sha256:…` */
  digest: string;
  md5: string;
}

/** What a long operation is told: when to stop, and whom to tell how far it is (in bytes). */
export interface Step {
  signal: AbortSignal;
  progress?: (done: number, total: number) => void;
}

/**
 * Proves a finished file: its header once more, its structure, its digests. Run on every file before it is registered, so
 * that a truncated one can never be.
 *
 * @throws Problem `invalid`, `failed`, `cancelled`
 */
export async function verifyStored(file: string, format: StoredFormat, step: Step): Promise<StoredFacts> {
  const { virtualSize, clean } = await inspectImage(file, format);
  if (format === 'qcow2') {
    if (!clean) throw new Problem('invalid', 'images.errors.notClean');
    await checkDisk(file, 'qcow2', step.signal);
  }
  const digests = await digestFile(file, step);
  return { format, size: digests.size, virtualSize, digest: `sha256:${digests.sha256}`, md5: digests.md5 };
}

/** Where an image's file lies. */
export function storedPath(folders: ImageFolders, id: string, format: StoredFormat): string {
  return join(folders.root, `${id}.${format}`);
}

/**
 * Moves a proved file to its place, in one step, and takes away the right to write it: other disks are laid over it.
 * Run again after a crash it finds the file in its place.
 *
 * @throws Problem `failed` when the file is in neither place
 */
export async function moveIn(
  folders: ImageFolders,
  id: string,
  file: string,
  facts: StoredFacts,
): Promise<void> {
  const target = storedPath(folders, id, facts.format);
  try {
    await rename(file, target);
  } catch (error) {
    const there = await stat(target).catch(() => undefined);
    if (there?.size !== facts.size) {
      throw new Problem('failed', 'images.errors.fileGone', {}, { cause: error });
    }
  }
  await chmod(target, 0o400);
}
