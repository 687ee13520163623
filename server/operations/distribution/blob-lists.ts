/** What artifacts of the operations registry are made of; read once, for a digest never changes what it stands for. */
import { eachLimited } from '../../oci/each-limited';
import type { Descriptor, Registry, StoredManifest } from '../../oci/oci';

/** A blob or manifest with its size in bytes. */
export interface Part {
  digest: string;
  size: number;
}

/** What an artifact is made of. */
export interface BlobList {
  digest: string;
  /** Each once: manifests, configs, layers. */
  parts: readonly Part[];
  /** Bytes of all of them. */
  bytes: number;
}

export interface BlobLists {
  /**
   * @param architecture keeps of an index what a machine of it (`amd64`, say) fetches; absent: all
   * @throws RegistryError; undefined when the artifact is not there
   */
  of(
    at: { registry: Registry; repository: string; digest: string },
    architecture: string | undefined,
  ): Promise<BlobList | undefined>;
}

/** What the lists may hold in memory: parts, of all lists together. */
const mostParts = 200_000;
const manifestsAtOnce = 8;
const readWithin = 60_000;
/** An index of indexes is legal; not for ever. */
const maxDepth = 4;

/** Opens the cache; the lists that were not asked for longest go first. */
export function openBlobLists(most = mostParts): BlobLists {
  const kept = new Map<string, BlobList>();
  const reading = new Map<string, Promise<BlobList | undefined>>();
  let held = 0;

  const keep = (key: string, list: BlobList) => {
    kept.set(key, list);
    held += list.parts.length;
    for (const [oldest, { parts }] of kept) {
      if (held <= most || oldest === key) break;
      kept.delete(oldest);
      held -= parts.length;
    }
  };

  return {
    async of(at, architecture) {
      const key = `${at.digest} ${architecture ?? ''}`;
      const known = kept.get(key);
      if (known) {
        kept.delete(key);
        kept.set(key, known);
        return known;
      }
      const begun = reading.get(key);
      if (begun) return await begun;
      // Several wait for it: none of them ends it for the others.
      const read = readParts(at, architecture, AbortSignal.timeout(readWithin));
      reading.set(key, read);
      try {
        const list = await read;
        if (list && !kept.has(key)) keep(key, list);
        return list;
      } finally {
        reading.delete(key);
      }
    },
  };
}

async function readParts(
  { registry, repository, digest }: { registry: Registry; repository: string; digest: string },
  architecture: string | undefined,
  signal: AbortSignal,
): Promise<BlobList | undefined> {
  const root = await registry.manifest(repository, digest, { signal });
  if (!root) return undefined;
  const sizes = new Map<string, number>();
  let level: StoredManifest[] = [root];
  for (let depth = 0; level.length > 0 && depth < maxDepth; depth += 1) {
    for (const { descriptor, manifest } of level) {
      sizes.set(descriptor.digest, descriptor.size);
      if (manifest.kind === 'image')
        for (const part of [manifest.config, ...manifest.layers]) sizes.set(part.digest, part.size);
    }
    const wanted = level.flatMap((each) => membersOf(each, architecture));
    const next: StoredManifest[] = [];
    await eachLimited(wanted, manifestsAtOnce, signal, async (member, inner) => {
      const stored = await registry.manifest(repository, member.digest, { signal: inner });
      if (stored) next.push(stored);
    });
    level = next;
  }
  const parts = [...sizes].map(([each, size]) => ({ digest: each, size }));
  return { digest, parts, bytes: parts.reduce((sum, { size }) => sum + size, 0) };
}

/** Members of an index that a machine would fetch; all where none says that it is for it. */
function membersOf({ manifest }: StoredManifest, architecture: string | undefined): Descriptor[] {
  if (manifest.kind !== 'index') return [];
  const fitting = manifest.manifests.filter(({ platform }) => platform?.architecture === architecture);
  return architecture === undefined || fitting.length === 0 ? manifest.manifests : fitting;
}
