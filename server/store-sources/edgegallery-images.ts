import type { Call, Registry } from '../oci/oci';
import type { CatalogueRelease, NamedImage } from '../operations/sync/store-source';
import { Problem } from '../problem';
import { asking } from '../registries/registry-problem';
import { releaseRepository, releaseTag } from '../registries/release-names';
import type { ImageLocation } from '../store/schemas';

interface NamedRegistry {
  registry: Registry;
  repository: (...path: string[]) => string;
  address: string;
}

/**
 * Looks for an image that a package names in the store's registry. What lies in the package, or at a web address, is in
 * no registry.
 *
 * @param registryOf throws when no registry was set for the store
 * @throws Problem `conflict` without a registry; `failed` when another content lies there than the package names
 */
export async function locateImage(
  app: Pick<CatalogueRelease, 'provider' | 'name'>,
  image: NamedImage,
  registryOf: () => NamedRegistry,
  call: Call,
): Promise<ImageLocation> {
  const { name, version, digest, location, mode, platforms } = image;
  const nowhere: ImageLocation = { name, digest, artifact: null };
  const reference = location ?? name;
  // A disk image is named by the digest of its file, which says nothing of where it lies.
  if (mode === 'embedded' || /^(https?:\/\/|sha256:)/i.test(reference)) return nowhere;
  const { registry, repository, address } = registryOf();
  const { path, tag } = parts(reference, version);
  for (const [candidate, wanted] of candidates(app, image, path, tag)) {
    const at = repository(candidate);
    const head = await asking(address, () => registry.head(at, wanted, call));
    if (head === undefined) continue;
    if (digest !== null && head.digest !== digest)
      throw new Problem('failed', 'sync.errors.imageDiffers', {
        image: name,
        expected: digest,
        found: head.digest,
      });
    const { mediaType } = head;
    return {
      name,
      digest,
      artifact: { repository: candidate, tag: wanted, digest: head.digest, mediaType, platforms, size: null },
    };
  }
  return nowhere;
}

/** Repositories and tags an image may lie under, the likeliest first. */
function candidates(
  app: Pick<CatalogueRelease, 'provider' | 'name'>,
  image: NamedImage,
  path: string,
  tag: string,
): [string, string][] {
  const last = path.slice(path.lastIndexOf('/') + 1);
  const own: [string, string][] =
    image.digest === null
      ? []
      : // As another Edgeyard names them, whose packages EdgeGallery's paths give out as well.
        [[releaseRepository(app, image.name), releaseTag(image.version, image.digest)]];
  return [[path, tag], ...own, ...(last === path ? [] : ([[last, tag]] satisfies [string, string][]))];
}

/** `registry.example:5000/project/web:1.2` → `project/web` and `1.2`. */
function parts(reference: string, version: string): { path: string; tag: string } {
  const [, name = reference, tag] = /^(.+?)(?::([^:/@]+))?(?:@[^@]+)?$/.exec(reference) ?? [];
  const [first = '', ...rest] = name.split('/');
  // As Docker tells a host from a part of the name.
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const path = (isHost ? rest : [first, ...rest]).join('/').toLowerCase();
  return { path, tag: tag ?? (version === '' ? 'latest' : version) };
}
