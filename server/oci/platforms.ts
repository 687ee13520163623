import { digestOf } from './digest';
import { type Descriptor, type Platform, RegistryError, type StoredManifest } from './oci';

/** Reads a configuration of an image. */
type ReadConfig = (config: Descriptor) => Promise<Buffer>;

/** Configurations are some kilobytes; what is larger is none. */
const largestConfig = 4 * 2 ** 20;
/** Docker's schema 2, and image-spec's `config.md`. */
const configTypes: readonly string[] = [
  'application/vnd.docker.container.image.v1+json',
  'application/vnd.oci.image.config.v1+json',
];

/** A platform as people write it: `linux/arm64`, `linux/arm/v7`. */
function platformText({ os, architecture, variant }: Platform): string {
  return [os, architecture, variant].filter(Boolean).join('/');
}

/**
 * The index with only the platforms that are wanted, and what tells about those (BuildKit's attestations). An image that
 * is for one platform is left as it is, when it is for one that is wanted or does not tell.
 *
 * @throws RegistryError `noPlatform` with those that are there, when one that is wanted is not
 */
export async function withPlatforms(
  root: StoredManifest,
  wanted: readonly Platform[] | undefined,
  read: ReadConfig,
): Promise<StoredManifest> {
  const { manifest } = root;
  if (!wanted) return root;
  if (manifest.kind === 'image') {
    const own = await platformOf(manifest.config, read);
    if (own) requireAll(root, wanted, [own]);
    return root;
  }
  requireAll(
    root,
    wanted,
    manifest.manifests.flatMap(({ platform }) => platform ?? []),
  );
  const kept = new Set(
    manifest.manifests
      .filter(({ platform }) => platform && wanted.some((one) => fits(one, platform)))
      .map(({ digest }) => digest),
  );
  const stays = ({ digest, annotations }: Descriptor) =>
    kept.has(digest) || kept.has(annotations?.['vnd.docker.reference.digest'] ?? '');
  const manifests = manifest.manifests.filter(stays);
  if (manifests.length === manifest.manifests.length) return root;
  // Written from what came, so that fields we do not know stay.
  const written = JSON.parse(root.bytes.toString('utf8')) as { manifests: Descriptor[] };
  const bytes = Buffer.from(JSON.stringify({ ...written, manifests: written.manifests.filter(stays) }));
  const descriptor = { ...root.descriptor, digest: digestOf(bytes), size: bytes.length };
  return { descriptor, bytes, manifest: { ...manifest, manifests } };
}

function requireAll(root: StoredManifest, wanted: readonly Platform[], there: readonly Platform[]): void {
  const missing = wanted.filter((one) => !there.some((platform) => fits(one, platform)));
  if (missing.length === 0) return;
  // Attestations are members too, of the platform "unknown".
  const platforms = there.filter(({ os }) => os !== 'unknown').map(platformText);
  const facts = { asked: missing.map(platformText).join(', '), platforms: platforms.join(', ') };
  const words = `${root.descriptor.digest} is not for ${facts.asked}, but for ${facts.platforms || 'none'}`;
  throw new RegistryError('noPlatform', words, facts);
}

async function platformOf(config: Descriptor, read: ReadConfig): Promise<Platform | undefined> {
  if (!configTypes.includes(config.mediaType) || config.size > largestConfig) return undefined;
  const bytes = await read(config);
  try {
    const told = JSON.parse(bytes.toString('utf8')) as Partial<Platform> | null;
    const { os = '', architecture = '', variant } = told ?? {};
    return os === '' || architecture === '' ? undefined : { os, architecture, variant };
  } catch {
    // It does not tell.
    return undefined;
  }
}

function fits(wanted: Platform, platform: Platform): boolean {
  return (
    wanted.os === platform.os &&
    wanted.architecture === platform.architecture &&
    (wanted.variant === undefined || wanted.variant === platform.variant)
  );
}
