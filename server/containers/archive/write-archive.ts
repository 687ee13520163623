import { Readable } from 'node:stream';
import { tarHeader, tarPadding } from '../../content/tar-header';
import type { Registry, StoredManifest } from '../../oci/oci';
import { Problem } from '../../problem';
import { configTypes, isForeign } from '../media-types';
import { limits } from './limits';

/** One image in a registry, and what it is called. */
interface Named {
  repository: string;
  digest: string;
  /** `host/path:tag`; empty for an image that is named by its digest only. */
  name: string;
}

/** A file of the archive: bytes that are at hand, or a blob of the registry. */
interface Entry {
  path: string;
  size: number;
  bytes?: Buffer;
  digest?: string;
}

const pathOf = (digest: string) => `blobs/${digest.replace(':', '/')}`;

/**
 * An image as one tar: an OCI image layout, with the `manifest.json` beside it that `docker load` reads, as Docker's
 * own `save` writes both. Layers are passed on while they come from the registry.
 *
 * @returns the archive and how many bytes it has
 * @throws Problem `not_found` when it is not in the registry; RegistryError
 */
export async function imageArchive(
  registry: Registry,
  image: Named,
  signal: AbortSignal,
): Promise<{ size: number; content: Readable }> {
  const manifests = await manifestsOf(registry, image, signal);
  const entries = entriesOf(manifests, image.name);
  const size = entries.reduce((sum, entry) => sum + 512 + entry.size + tarPadding(entry.size), 1024);
  const content = Readable.from(write(registry, image.repository, entries, signal), { objectMode: false });
  return { size, content };
}

/** The manifest and, for a list over platforms, those it names: the named one first. */
async function manifestsOf(registry: Registry, image: Named, signal: AbortSignal): Promise<StoredManifest[]> {
  const found: StoredManifest[] = [];
  const open = [image.digest];
  for (let digest = open.shift(); digest !== undefined; digest = open.shift()) {
    const stored = await registry.manifest(image.repository, digest, { signal });
    if (stored === undefined) {
      throw new Problem('not_found', 'containers.errors.notInRegistry', { reference: digest });
    }
    found.push(stored);
    if (stored.manifest.kind === 'index' && found.length + open.length < limits.images) {
      open.push(...stored.manifest.manifests.map((each) => each.digest));
    }
  }
  return found;
}

function entriesOf(manifests: StoredManifest[], name: string): Entry[] {
  const text = (path: string, value: unknown): Entry => {
    const bytes = Buffer.from(JSON.stringify(value));
    return { path, size: bytes.length, bytes };
  };
  const [root] = manifests;
  const images = manifests.flatMap(({ manifest }) => (manifest.kind === 'image' ? manifest : []));
  const blobs = new Map<string, Entry>();
  for (const { descriptor, bytes } of manifests) {
    blobs.set(descriptor.digest, { path: pathOf(descriptor.digest), size: bytes.length, bytes });
  }
  for (const { digest, size } of images.flatMap(({ config, layers }) => [
    config,
    ...layers.filter(({ mediaType }) => !isForeign(mediaType)),
  ])) {
    blobs.set(digest, { path: pathOf(digest), size, digest });
  }
  const annotations =
    name === ''
      ? {}
      : {
          'io.containerd.image.name': name,
          'org.opencontainers.image.ref.name': name.slice(name.lastIndexOf(':') + 1),
        };
  const first = images.find(({ config }) => configTypes.includes(config.mediaType));
  const saved = first && {
    Config: pathOf(first.config.digest),
    RepoTags: name === '' ? [] : [name],
    Layers: first.layers.map(({ digest }) => pathOf(digest)),
  };
  return [
    text('oci-layout', { imageLayoutVersion: '1.0.0' }),
    text('index.json', { schemaVersion: 2, manifests: root ? [{ ...root.descriptor, annotations }] : [] }),
    ...(saved ? [text('manifest.json', [saved])] : []),
    ...blobs.values(),
  ];
}

async function* write(
  registry: Registry,
  repository: string,
  entries: Entry[],
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  for (const { path, size, bytes, digest } of entries) {
    yield tarHeader(path, size, 0o644);
    if (bytes) yield bytes;
    else if (digest !== undefined) yield* await registry.blob(repository, digest, { signal });
    yield Buffer.alloc(tarPadding(size));
  }
  yield Buffer.alloc(1024);
}
