/** The store of this Edgeyard, as releases are synced from it. */
import { constants, createReadStream, createWriteStream } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CatalogueRelease, StoreSource } from '../operations/sync/store-source';
import { Problem } from '../problem';
import type { Registries } from '../registries/registries';
import type { ShelfRelease } from '../store/schemas';
import type { Store } from '../store/store';

const pageSize = 1000;

/**
 * Opens the source; everything is taken from the rooms of this process.
 *
 * @param store the store room
 * @param registries whose role `store` keeps the images
 */
export function ownSource(
  store: Pick<Store, 'shelf' | 'release' | 'content'>,
  registries: Pick<Registries, 'of'>,
): StoreSource {
  return {
    async catalogue() {
      const found: CatalogueRelease[] = [];
      for (let offset = 0; ; offset += pageSize) {
        const { releases, total } = await Promise.resolve(store.shelf({ limit: pageSize, offset }));
        found.push(...releases.map(ofShelf));
        if (releases.length === 0 || found.length >= total) return found;
      }
    },
    digest: async ({ releaseId }) => (await Promise.resolve(store.release(releaseId))).digest,
    async download({ releaseId }, target, { signal, progress }) {
      const { path, size } = store.content(releaseId);
      await copy(path, target, { size, signal, progress });
    },
    images: async ({ releaseId }) => (await Promise.resolve(store.release(releaseId))).locations,
    registry: () => registries.of('store'),
    close: () => Promise.resolve(),
  };
}

/** An entry of a store's list of releases as a catalogue has it. */
export function ofShelf({ id, ...release }: ShelfRelease): CatalogueRelease {
  return { ...release, releaseId: id };
}

async function copy(
  from: string,
  to: string,
  call: {
    size: number;
    signal: AbortSignal | undefined;
    progress: ((done: number, total: number) => void) | undefined;
  },
): Promise<void> {
  // What an earlier copy left is no less work to read than to write again.
  await rm(to, { force: true });
  try {
    // Where the file system shares blocks this costs nothing; a second name for the same file would let whoever changes
    // one change both.
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
    return;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') throw new Problem('gone', 'packages.errors.fileGone', {}, { cause: error });
    await rm(to, { force: true });
  }
  let done = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      done += chunk.length;
      call.progress?.(done, call.size);
      next(null, chunk);
    },
  });
  try {
    const target = createWriteStream(to, { flags: 'wx', mode: 0o600 });
    await pipeline(createReadStream(from, { highWaterMark: 1 << 20 }), count, target, {
      signal: call.signal,
    });
  } catch (error) {
    await rm(to, { force: true });
    throw error;
  }
}
