import { z } from 'zod';
import type { Descriptor, ImageManifest, Registry, StoredManifest } from '../oci/oci';
import { Problem } from '../problem';
import { limits } from './archive/limits';
import { configTypes } from './media-types';
import type { PlatformDetail } from './schemas';

/** An image in a registry, as its manifests and configs tell of it. */
interface DescribedImage {
  digest: string;
  mediaType: string;
  configDigests: string[];
  platforms: string[];
  size: number;
  layers: number;
  contents: PlatformDetail[];
}

const texts = z.array(z.string()).nullish();
const configSchema = z.object({
  os: z.string().default('linux'),
  architecture: z.string().default(''),
  variant: z.string().optional(),
  created: z.string().nullish(),
  config: z
    .object({
      User: z.string().nullish(),
      Entrypoint: texts,
      Cmd: texts,
      ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
    })
    .nullish(),
});

/**
 * Looks an image up, platform by platform.
 *
 * @param reference a tag or a digest
 * @throws Problem `not_found` when it is not there, `invalid` for an artifact that is no container image; RegistryError
 */
export async function describeImage(
  registry: Registry,
  repository: string,
  reference: string,
  signal: AbortSignal,
): Promise<DescribedImage> {
  const root = await registry.manifest(repository, reference, { signal });
  if (root === undefined) throw new Problem('not_found', 'containers.errors.notInRegistry', { reference });
  const { descriptor, manifest } = root;
  const members =
    manifest.kind === 'image'
      ? [{ stored: root, manifest }]
      : await membersOf(registry, repository, root, signal);
  const sizes = new Map<string, number>([[descriptor.digest, descriptor.size]]);
  const layers = new Set<string>();
  const contents: PlatformDetail[] = [];
  for (const { stored, manifest: image } of members) {
    sizes.set(stored.descriptor.digest, stored.descriptor.size);
    for (const part of [image.config, ...image.layers]) sizes.set(part.digest, part.size);
    // How an image was built (attestations) lies beside it as an image of no platform.
    if (!configTypes.includes(image.config.mediaType) || isAttestation(image)) continue;
    for (const layer of image.layers) layers.add(layer.digest);
    contents.push(await platformDetail(registry, repository, stored.descriptor, image, signal));
  }
  if (contents.length === 0) throw new Problem('invalid', 'containers.errors.notAnImage', { reference });
  return {
    digest: descriptor.digest,
    mediaType: descriptor.mediaType,
    configDigests: contents.map(({ configDigest }) => configDigest),
    platforms: contents.map(({ platform }) => platform),
    size: [...sizes.values()].reduce((sum, size) => sum + size, 0),
    layers: layers.size,
    contents,
  };
}

function isAttestation({ layers }: ImageManifest): boolean {
  return layers.length > 0 && layers.every(({ mediaType }) => mediaType === 'application/vnd.in-toto+json');
}

async function membersOf(
  registry: Registry,
  repository: string,
  root: StoredManifest,
  signal: AbortSignal,
): Promise<{ stored: StoredManifest; manifest: ImageManifest }[]> {
  if (root.manifest.kind !== 'index') return [];
  const found: { stored: StoredManifest; manifest: ImageManifest }[] = [];
  for (const { digest } of root.manifest.manifests.slice(0, limits.images)) {
    const stored = await registry.manifest(repository, digest, { signal });
    if (stored?.manifest.kind === 'image') found.push({ stored, manifest: stored.manifest });
  }
  return found;
}

async function platformDetail(
  registry: Registry,
  repository: string,
  descriptor: Descriptor,
  image: ImageManifest,
  signal: AbortSignal,
): Promise<PlatformDetail> {
  const config = await readConfig(registry, repository, image.config, signal);
  const { os, architecture, variant } = config;
  const parts = new Map([image.config, ...image.layers].map((part) => [part.digest, part.size]));
  return {
    platform: [os, architecture, ...(variant === undefined || variant === '' ? [] : [variant])].join('/'),
    digest: descriptor.digest,
    configDigest: image.config.digest,
    size: descriptor.size + [...parts.values()].reduce((sum, size) => sum + size, 0),
    created: config.created ?? null,
    user: config.config?.User ?? '',
    entrypoint: config.config?.Entrypoint ?? [],
    command: config.config?.Cmd ?? [],
    ports: Object.keys(config.config?.ExposedPorts ?? {}),
    layers: image.layers.map(({ digest, size, mediaType }) => ({ digest, size, mediaType })),
  };
}

async function readConfig(
  registry: Registry,
  repository: string,
  { digest, size }: Descriptor,
  signal: AbortSignal,
): Promise<z.infer<typeof configSchema>> {
  if (size > limits.documentBytes) {
    throw new Problem('too_large', 'containers.errors.configTooLarge', { limit: limits.documentBytes });
  }
  const pieces: Buffer[] = [];
  for await (const piece of await registry.blob(repository, digest, { signal })) pieces.push(piece as Buffer);
  try {
    return configSchema.parse(JSON.parse(Buffer.concat(pieces).toString('utf8')));
  } catch (error) {
    throw new Problem('invalid', 'containers.errors.badConfig', { digest }, { cause: error });
  }
}
