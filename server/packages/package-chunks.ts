/**
 * Packages that come in numbered chunks, one request for each, several of them at once: how EdgeGallery's pages send
 * (vue-simple-uploader). A chunk is a file until all have come and the package is taken in from them.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { requireRoom } from '../disk-space';
import type { UserActor } from '../access/actor';
import { exactBytes } from '../content/exact-bytes';
import { newId } from '../db/id';
import { Problem } from '../problem';
import { limits } from './csar/limits';

const bytes = z.int().min(1).max(limits.totalBytes);
/** What its sender says of a chunk, in the words of vue-simple-uploader; `key` is its `identifier`. */
export const packageChunk = z.object({
  key: z.string().min(1).max(300),
  filename: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[^/\\\0]+$/),
  /** From 1. */
  chunkNumber: z.int().min(1),
  totalChunks: z.int().min(1).max(10_000),
  currentChunkSize: bytes,
  totalSize: bytes,
});
export type PackageChunk = z.infer<typeof packageChunk>;

const noteSchema = z.object({
  ownerId: z.string(),
  filename: z.string(),
  totalChunks: z.number(),
  totalSize: z.number(),
});

export interface PackageChunks {
  /**
   * Keeps a chunk; one that came before takes its place.
   *
   * @throws Problem `invalid` for numbers that do not fit together, or other bytes than announced; `no_space`
   */
  receive(actor: UserActor, chunk: PackageChunk, content: Readable): Promise<void>;
  /**
   * Says under which address the package can be taken in.
   *
   * @throws Problem `not_found`; `conflict` while chunks are missing
   */
  merge(actor: UserActor, upload: { key: string; fileName: string }): Promise<string>;
  /** The package that has come under an address, to be read once. @throws Problem `not_found`, `conflict` */
  open(actor: UserActor, address: string): Promise<{ fileName: string; size: number; content: Readable }>;
  /** Forgets what came under an address. */
  discard(address: string): Promise<void>;
  /** Removes what nobody went on with for this long, in milliseconds. */
  sweep(olderThan: number): Promise<void>;
}

/** Opens the chunks in a folder of their own. */
export function openPackageChunks(dir: string): PackageChunks {
  const folderOf = (address: string) => join(dir, address.replace(/[^a-f0-9]/g, ''));
  const noteOf = async (actor: UserActor, address: string) => {
    const text = await readFile(join(folderOf(address), 'note.json'), 'utf8').catch(() => undefined);
    const note = text === undefined ? undefined : noteSchema.parse(JSON.parse(text));
    if (note?.ownerId !== actor.userId) throw new Problem('not_found', 'packages.errors.noUpload');
    return note;
  };
  const complete = async (actor: UserActor, address: string) => {
    const note = await noteOf(actor, address);
    const here = new Set(await readdir(folderOf(address)));
    const parts = Array.from({ length: note.totalChunks }, (_, index) =>
      join(folderOf(address), `${index + 1}`),
    );
    const missing = parts.filter((_, index) => !here.has(`${index + 1}`)).length;
    if (missing > 0) throw new Problem('conflict', 'packages.errors.chunksMissing', { missing });
    const sizes = await Promise.all(parts.map(async (part) => (await stat(part)).size));
    const size = sizes.reduce((sum, each) => sum + each, 0);
    if (size !== note.totalSize) {
      throw new Problem('conflict', 'packages.errors.chunkSizes', { size, total: note.totalSize });
    }
    return { ...note, parts };
  };

  return {
    async receive(actor, given, content) {
      const parsed = packageChunk.safeParse(given);
      if (!parsed.success) {
        const field = String(parsed.error.issues[0]?.path[0] ?? '');
        throw new Problem('invalid', 'packages.errors.chunkField', { field });
      }
      const { key, filename, chunkNumber, totalChunks, currentChunkSize, totalSize } = parsed.data;
      if (chunkNumber > totalChunks || currentChunkSize > totalSize) {
        throw new Problem('invalid', 'packages.errors.chunkField', { field: 'chunkNumber' });
      }
      const folder = folderOf(addressOf(actor, key));
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await requireRoom(folder, currentChunkSize, 'packages.errors.noRoom');
      const note = { ownerId: actor.userId, filename, totalChunks, totalSize };
      await writeFile(join(folder, 'note.json'), JSON.stringify(note), { mode: 0o600 });
      const part = join(folder, `${newId('part')}.part`);
      const lie = (came: number): never => {
        const params = { chunk: chunkNumber, size: currentChunkSize, came };
        throw new Problem('invalid', 'packages.errors.chunkLength', params);
      };
      try {
        await pipeline(exactBytes(content, currentChunkSize, lie), createWriteStream(part, { mode: 0o600 }));
        await rename(part, join(folder, `${chunkNumber}`));
      } finally {
        await rm(part, { force: true });
      }
    },
    async merge(actor, { key, fileName }) {
      const address = addressOf(actor, key);
      const { filename } = await complete(actor, address);
      if (filename !== fileName) throw new Problem('not_found', 'packages.errors.noUpload');
      return address;
    },
    async open(actor, address) {
      const { filename, totalSize, parts } = await complete(actor, address);
      return { fileName: filename, size: totalSize, content: Readable.from(inOrder(parts)) };
    },
    async discard(address) {
      await rm(folderOf(address), { recursive: true, force: true });
    },
    async sweep(olderThan) {
      for (const name of await readdir(dir).catch(() => [])) {
        const { mtimeMs } = await stat(join(dir, name));
        if (Date.now() - mtimeMs > olderThan) await rm(join(dir, name), { recursive: true, force: true });
      }
    },
  };
}

/** Its sender names an upload, and may take another's name for his own. */
function addressOf(actor: UserActor, key: string): string {
  return createHash('sha256').update(`${actor.userId}\0${key}`).digest('hex').slice(0, 40);
}

async function* inOrder(parts: readonly string[]): AsyncGenerator<Buffer> {
  for (const part of parts) yield* createReadStream(part) as AsyncIterable<Buffer>;
}
