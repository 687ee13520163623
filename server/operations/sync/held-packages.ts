import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Problem } from '../../problem';

/** The folder of synced packages: each by its digest, and what is on its way by the release's id. */
export interface HeldPackages {
  /** Path of a package, whether it is there or not. @param digest `sha256:…` */
  pathOf(digest: string): string;
  /** Where a release's package is downloaded to. */
  partOf(releaseId: string): string;
  /**
   * What the bytes of a package are now. A file that was not touched since it was last read is not read again.
   *
   * @returns its size and `sha256:…`; undefined when it is not there
   */
  found(digest: string, signal?: AbortSignal): Promise<{ size: number; digest: string } | undefined>;
  /** `sha256:…` and size of a download. */
  measure(releaseId: string, signal?: AbortSignal): Promise<{ size: number; digest: string }>;
  /** Moves a download to its place, unless the package is there already. @throws Problem `gone` when neither is */
  keep(releaseId: string, digest: string): Promise<void>;
  dropPart(releaseId: string): Promise<void>;
  drop(digest: string): Promise<void>;
  /** Removes what no release holds, and what was on its way; only while no sync runs. */
  sweep(needed: (digest: string) => boolean): Promise<void>;
}

/** Opens the folder; it is made when missing. */
export function openHeldPackages(dir: string): HeldPackages {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  /** How a file stood when its bytes were last read: the kernel changes the times with every write. */
  const read = new Map<string, { stamp: string; digest: string }>();
  const pathOf = (digest: string) => join(dir, `${digest.replace('sha256:', '')}.csar`);
  const partOf = (releaseId: string) => join(dir, `${releaseId}.part`);

  const stampOf = async (path: string) => {
    const facts = await stat(path, { bigint: true }).catch(() => undefined);
    return (
      facts && {
        size: Number(facts.size),
        stamp: `${facts.ino} ${facts.size} ${facts.mtimeNs} ${facts.ctimeNs}`,
      }
    );
  };

  return {
    pathOf,
    partOf,
    async found(digest, signal) {
      const path = pathOf(digest);
      const before = await stampOf(path);
      if (before === undefined) return undefined;
      const known = read.get(path);
      if (known?.stamp === before.stamp) return { size: before.size, digest: known.digest };
      const now = await digestOf(path, signal);
      read.set(path, { stamp: before.stamp, digest: now });
      return { size: before.size, digest: now };
    },
    async measure(releaseId, signal) {
      const path = partOf(releaseId);
      const { size } = await stat(path);
      return { size, digest: await digestOf(path, signal) };
    },
    async keep(releaseId, digest) {
      try {
        await rename(partOf(releaseId), pathOf(digest));
      } catch (error) {
        if ((await stampOf(pathOf(digest))) === undefined)
          throw new Problem('gone', 'sync.errors.lost', {}, { cause: error });
      }
    },
    dropPart: (releaseId) => rm(partOf(releaseId), { force: true }),
    async drop(digest) {
      read.delete(pathOf(digest));
      await rm(pathOf(digest), { force: true });
    },
    async sweep(needed) {
      for (const name of await readdir(dir)) {
        const hex = /^([0-9a-f]{64})\.csar$/.exec(name)?.[1];
        if (hex === undefined || !needed(`sha256:${hex}`)) await rm(join(dir, name), { force: true });
      }
    },
  };
}

async function digestOf(path: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash, { signal });
  return `sha256:${hash.digest('hex')}`;
}
