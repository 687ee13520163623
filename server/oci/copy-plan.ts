import { eachLimited } from './each-limited';
import { type Descriptor, type Registry, RegistryError, type StoredManifest } from './oci';

/** What belongs to one artifact. */
export interface CopyPlan {
  root: StoredManifest;
  /** Below the root: images before the indexes that name them. */
  children: StoredManifest[];
  /** Each once. */
  blobs: Descriptor[];
  /** Bytes of all blobs and manifests that were looked at. */
  bytes: number;
  /** Whether the target has parts of it whole, which were not looked at. */
  partly: boolean;
}

/** Bounds for what a hostile index may make us fetch. */
const maxDepth = 4;
const maxManifests = 2000;
const manifestsAtOnce = 8;

/**
 * Reads all manifests of an artifact.
 *
 * @param skip whether an index's child needs no look, because the target has it whole
 * @throws RegistryError `notFound` when a manifest the index names is missing; `refused` beyond our bounds
 */
export async function planCopy(
  from: { registry: Registry; repository: string },
  root: StoredManifest,
  options: {
    signal?: AbortSignal | undefined;
    skip: (digest: string, signal: AbortSignal) => Promise<boolean>;
  },
): Promise<CopyPlan> {
  const found = new Map<string, StoredManifest>();
  const layers: StoredManifest[][] = [];
  let partly = false;
  let level: Descriptor[] = childrenOf(root);
  for (let depth = 1; level.length > 0; depth += 1) {
    const fresh = distinct(level).filter(
      ({ digest }) => !found.has(digest) && digest !== root.descriptor.digest,
    );
    if (depth > maxDepth || found.size + fresh.length > maxManifests)
      throw new RegistryError('refused', `${root.descriptor.digest} names too many manifests`);
    const here: StoredManifest[] = [];
    await eachLimited(fresh, manifestsAtOnce, options.signal, async ({ digest }, signal) => {
      if (await options.skip(digest, signal)) {
        partly = true;
        return;
      }
      const child = await from.registry.manifest(from.repository, digest, { signal });
      if (!child)
        throw new RegistryError('notFound', `${from.repository}@${digest}: named by an index, and missing`);
      found.set(digest, child);
      here.push(child);
    });
    layers.unshift(here);
    level = here.flatMap(childrenOf);
  }
  const children = layers.flat();
  const blobs = distinct([root, ...children].flatMap(blobsOf));
  const sizes = [...blobs, ...[root, ...children].map(({ descriptor }) => descriptor)];
  return { root, children, blobs, partly, bytes: sizes.reduce((sum, { size }) => sum + size, 0) };
}

function childrenOf({ manifest }: StoredManifest): Descriptor[] {
  return manifest.kind === 'index' ? manifest.manifests : [];
}

function blobsOf({ manifest }: StoredManifest): Descriptor[] {
  if (manifest.kind === 'index') return [];
  return [manifest.config, ...manifest.layers].filter(({ mediaType }) => !isForeign(mediaType));
}

/** Layers that lie somewhere else and must not be pushed (image-spec, "Non-Distributable Layers"; Docker's foreign ones). */
function isForeign(mediaType: string): boolean {
  return mediaType.includes('.nondistributable.') || mediaType.includes('.rootfs.foreign.');
}

function distinct(descriptors: readonly Descriptor[]): Descriptor[] {
  return [...new Map(descriptors.map((descriptor) => [descriptor.digest, descriptor])).values()];
}
