import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync } from 'node:fs';
import { copyFile, link, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Problem } from '../problem';

/** The store's own files: packages by digest, pictures of boots by the boot. */
export interface ContentFiles {
  /** Path of the package with this digest, whether it is there or not. */
  pathOf(digest: string): string;
  has(digest: string): Promise<boolean>;
  /**
   * Takes a package over: by a second name for the same bytes where the file system can, else by a copy; proved by its
   * hash either way. May be repeated after a crash.
   *
   * @param onBytes hears how many bytes are proved
   * @throws Problem `failed` when the bytes are not those of the digest
   */
  take(from: string, digest: string, signal: AbortSignal, onBytes: (done: number) => void): Promise<void>;
  drop(digest: string): Promise<void>;
  /** Removes files that no release needs. */
  sweep(needed: (digest: string) => boolean): Promise<void>;
  picturePath(proofId: string): string;
  /** Copies a picture over; a missing one is left out. */
  takePicture(from: string, proofId: string): Promise<boolean>;
}

/** Opens the store's folder. */
export function openContentFiles(dir: string): ContentFiles {
  const content = join(dir, 'content');
  const pictures = join(dir, 'proofs');
  for (const folder of [content, pictures]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pathOf = (digest: string) => join(content, `${digest.replace('sha256:', '')}.csar`);
  const partOf = (digest: string) => `${pathOf(digest)}.part`;
  const picturePath = (proofId: string) => join(pictures, `${proofId}.png`);
  return {
    pathOf,
    picturePath,
    has: async (digest) => (await stat(pathOf(digest)).catch(() => undefined)) !== undefined,
    async take(from, digest, signal, onBytes) {
      const part = partOf(digest);
      await rm(part, { force: true });
      await linkOrCopy(from, part);
      const found = await hashOf(part, signal, onBytes);
      if (found !== digest) {
        await rm(part, { force: true });
        throw new Problem('failed', 'store.errors.contentChanged', { expected: digest, found });
      }
      await rename(part, pathOf(digest));
    },
    async drop(digest) {
      await rm(pathOf(digest), { force: true });
      await rm(partOf(digest), { force: true });
    },
    async sweep(needed) {
      for (const name of await readdir(content)) {
        const hex = /^([0-9a-f]{64})\.csar$/.exec(name)?.[1];
        if (hex === undefined || !needed(`sha256:${hex}`)) await rm(join(content, name), { force: true });
      }
    },
    async takePicture(from, proofId) {
      const target = picturePath(proofId);
      try {
        await copyFile(from, `${target}.part`);
        await rename(`${target}.part`, target);
        return true;
      } catch {
        // The proof's words stand without its picture.
        return false;
      }
    },
  };
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') throw new Problem('gone', 'packages.errors.fileGone', {}, { cause: error });
    // Another file system, or one without hard links.
    await copyFile(from, to);
  }
}

async function hashOf(path: string, signal: AbortSignal, onBytes: (done: number) => void): Promise<string> {
  const hash = createHash('sha256');
  let done = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      done += chunk.length;
      onBytes(done);
      next(null, chunk);
    },
  });
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), count, hash, { signal });
  return `sha256:${hash.digest('hex')}`;
}
