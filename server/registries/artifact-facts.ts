import type {
  Descriptor,
  ImageManifest,
  IndexManifest,
  Platform,
  Registry,
  StoredManifest,
} from '../oci/oci';
import type { ArtifactView } from './schemas';

export type ArtifactFacts = Omit<ArtifactView, 'digest' | 'tags' | 'usedBy' | 'pull' | 'problem'>;

/** An image's configuration is some kilobytes; a bigger blob is another kind of thing. */
const largestConfig = 4 * 1024 * 1024;
const imageConfigs: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
]);

/** What a manifest says of itself, its members' sizes counted in. @throws RegistryError */
export async function factsOf(
  registry: Registry,
  repository: string,
  { descriptor, manifest }: StoredManifest,
  signal: AbortSignal | undefined,
): Promise<ArtifactFacts> {
  const type = manifest.artifactType;
  const base = {
    mediaType: descriptor.mediaType,
    ...(type !== undefined && { artifactType: type }),
    kind: manifest.kind,
  };
  return manifest.kind === 'index'
    ? { ...base, ...(await indexFacts(registry, repository, descriptor, manifest, signal)) }
    : { ...base, ...(await imageFacts(registry, repository, descriptor, manifest, signal)) };
}

async function imageFacts(
  registry: Registry,
  repository: string,
  descriptor: Descriptor,
  manifest: ImageManifest,
  signal: AbortSignal | undefined,
) {
  const config = await configOf(registry, repository, manifest.config, signal);
  return {
    size: sizeOf([descriptor, manifest.config, ...manifest.layers]),
    ...createdAt(config?.created ?? manifest.annotations['org.opencontainers.image.created']),
    platforms: config?.os && config.architecture ? [platformOf(config as Platform)] : [],
    layers: manifest.layers.map(({ digest, mediaType, size }) => ({ digest, mediaType, size })),
    manifests: [],
  };
}

async function indexFacts(
  registry: Registry,
  repository: string,
  descriptor: Descriptor,
  manifest: IndexManifest,
  signal: AbortSignal | undefined,
) {
  const parts: Descriptor[] = [descriptor];
  for (const member of manifest.manifests) {
    parts.push(member);
    const stored = await registry.manifest(repository, member.digest, { signal });
    if (stored?.manifest.kind === 'image') parts.push(stored.manifest.config, ...stored.manifest.layers);
  }
  return {
    size: sizeOf(parts),
    ...createdAt(manifest.annotations['org.opencontainers.image.created']),
    // Attestations are members too, for the platform "unknown".
    platforms: manifest.manifests.flatMap(({ platform }) =>
      platform && platform.os !== 'unknown' ? [platformOf(platform)] : [],
    ),
    layers: [],
    manifests: manifest.manifests.map(({ digest, mediaType, size, platform }) => ({
      digest,
      mediaType,
      size,
      ...(platform && { platform: platformOf(platform) }),
    })),
  };
}

async function configOf(
  registry: Registry,
  repository: string,
  config: Descriptor,
  signal: AbortSignal | undefined,
): Promise<{ created?: string; os?: string; architecture?: string } | undefined> {
  if (!imageConfigs.has(config.mediaType) || config.size > largestConfig) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of await registry.blob(repository, config.digest, { signal }))
    chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as { created?: string };
  } catch {
    return undefined;
  }
}

function sizeOf(parts: readonly Descriptor[]): number {
  const sizes = new Map(parts.map(({ digest, size }) => [digest, size]));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

/** When an image says it was made. Reproducible builds write the year 1970 there, and Docker the year 1: neither tells. */
export function createdAt(text: string | undefined): { created?: number } {
  const created = text === undefined ? Number.NaN : Date.parse(text);
  return created >= Date.UTC(1971) ? { created } : {};
}

function platformOf({ os, architecture, variant }: Platform) {
  return { os, architecture, ...(variant !== undefined && { variant }) };
}
