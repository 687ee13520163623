import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Problem } from '../../problem';

/** Bytes of a package that came so far: of a release, and of a digest where the store told one before they came. */
export interface Part {
  releaseId: string;
  /** `sha256:…` */
  digest: string | undefined;
}

/** The folder of synced packages: each by its digest, and the parts of those that are on their way. */
export interface HeldPackages {
  /** Path of a package, whether it is there or not. @param digest `sha256:…` */
  pathOf(digest: string): string;
  /** Where a release's package is downloaded to. */
  partOf(part: Part): string;
  /** Bytes of a part; 0 where there is none. */
  sizeOf(part: Part): Promise<number>;
  /**
   * What the bytes of a package are now. A file that was not touched since it was last read is not read again.
   *
   * @returns its size and `sha256:…`; undefined when it is not there
   */
  found(digest: string, signal?: AbortSignal): Promise<{ size: number; digest: string } | undefined>;
  /** Size and `sha256:…` of a part that came whole; from now on it goes by this digest. */
  measure(part: Part, signal?: AbortSignal): Promise<{ size: number; digest: string }>;
  /** Moves a part to its place, unless the package is there already. @throws Problem `gone` when neither is */
  keep(releaseId: string, digest: string): Promise<void>;
  /** Removes the parts of a release. @param except the digest whose part stays */
  dropParts(releaseId: string, except?: string): Promise<void>;
  drop(digest: string): Promise<void>;
  /** Removes the parts that nobody needs. @param changedAt milliseconds since 1970 */
  sweepParts(needed: (part: Part & { changedAt: number }) => boolean): Promise<void>;
  /** Removes packages that no release holds, and what else lies there; only while no sync runs. */
  sweep(needed: (digest: string) => boolean): Promise<void>;
}

/** Opens the folder; it is made when missing. */
export function openHeldPackages(dir: string): HeldPackages {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  /** How a file stood when its bytes were last read: the kernel changes the times with every write. */
  const read = new Map<string, { stamp: string; digest: string }>();
  const pathOf = (digest: string) => join(dir, `${hexOf(digest)}.csar`);
  const partOf = ({ releaseId, digest }: Part) =>
    join(dir, `${releaseId}${digest === undefined ? '' : `.${hexOf(digest)}`}.part`);

  const stampOf = async (path: string) => {
    const facts = await stat(path, { bigint: true }).catch(() => undefined);
    return (
      facts && {
        size: Number(facts.size),
        stamp: `${facts.ino} ${facts.size} ${facts.mtimeNs} ${facts.ctimeNs}`,
      }
    );
  };
  const parts = async () =>
    (await readdir(dir)).flatMap((name) => {
      const part = partNamed(name);
      return part ? [{ ...part, path: join(dir, name) }] : [];
    });

  return {
    pathOf,
    partOf,
    sizeOf: async (part) => (await stampOf(partOf(part)))?.size ?? 0,
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
    async measure(part, signal) {
      const path = partOf(part);
      const { size } = await stat(path);
      const digest = await digestOf(path, signal);
      if (part.digest === undefined) await rename(path, partOf({ ...part, digest }));
      return { size, digest };
    },
    async keep(releaseId, digest) {
      try {
        await rename(partOf({ releaseId, digest }), pathOf(digest));
      } catch (error) {
        if ((await stampOf(pathOf(digest))) === undefined)
          throw new Problem('gone', 'sync.errors.lost', {}, { cause: error });
      }
    },
    async dropParts(releaseId, except) {
      for (const part of await parts()) {
        if (part.releaseId === releaseId && (except === undefined || part.digest !== except))
          await rm(part.path, { force: true });
      }
    },
    async drop(digest) {
      read.delete(pathOf(digest));
      await rm(pathOf(digest), { force: true });
    },
    async sweepParts(needed) {
      for (const { path, ...part } of await parts()) {
        const facts = await stat(path).catch(() => undefined);
        if (facts && !needed({ ...part, changedAt: facts.mtimeMs })) await rm(path, { force: true });
      }
    },
    async sweep(needed) {
      for (const name of await readdir(dir)) {
        const hex = /^([0-9a-f]{64})\.csar$/.exec(name)?.[1];
        const stays = hex === undefined ? partNamed(name) !== undefined : needed(`sha256:${hex}`);
        if (!stays) await rm(join(dir, name), { force: true });
      }
    },
  };
}

const hexOf = (digest: string) => digest.replace('sha256:', '');

function partNamed(name: string): Part | undefined {
  const [, releaseId, hex] = /^([\w-]+)(?:\.([0-9a-f]{64}))?\.part$/.exec(name) ?? [];
  return releaseId === undefined ? undefined : { releaseId, digest: hex && `sha256:${hex}` };
}

async function digestOf(path: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash, { signal });
  return `sha256:${hash.digest('hex')}`;
}
