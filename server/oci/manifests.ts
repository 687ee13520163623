/** Reading manifests of every kind: Docker's schema 2 and manifest lists, OCI images, indexes and artifacts. */
import { RegistryError, type Descriptor, type ImageManifest, type IndexManifest } from './oci';

const docker = 'application/vnd.docker.distribution.manifest';
const oci = 'application/vnd.oci.image';

const imageTypes = [`${docker}.v2+json`, `${oci}.manifest.v1+json`];
const indexTypes = [`${docker}.list.v2+json`, `${oci}.index.v1+json`];

/** Everything that is understood; a registry would else turn manifests into Docker's old schema 1. */
export const acceptManifests = [...imageTypes, ...indexTypes].join(', ');

/** Media type of an index that names what tells about a manifest (distribution specification, "Referrers Tag Schema"). */
export const indexType = `${oci}.index.v1+json`;

/**
 * Reads a manifest's bytes.
 *
 * @param mediaType what the registry says it is; what the manifest says of itself counts more
 * @throws RegistryError `unsupported` for schema 1 and unknown kinds, `refused` for what is no manifest
 */
export function readManifest(bytes: Buffer, mediaType: string, url: string): ImageManifest | IndexManifest {
  const value = parse(bytes, url);
  const said =
    typeof value['mediaType'] === 'string' ? value['mediaType'] : (mediaType.split(';')[0] ?? '').trim();
  if (value['schemaVersion'] === 1) {
    const message = `${url}: Docker image manifest schema 1 is not supported; push the image again with a Docker of this decade`;
    throw new RegistryError('unsupported', message, { url, words: 'schemaVersion 1' });
  }
  const shared = {
    mediaType: said,
    artifactType: text(value['artifactType']),
    subject: value['subject'] === undefined ? undefined : descriptor(value['subject'], url),
    annotations: texts(value['annotations']),
  };
  // The OCI image specification lets manifests leave their own media type out.
  if (indexTypes.includes(said) || Array.isArray(value['manifests'])) {
    return { kind: 'index', ...shared, manifests: descriptors(value['manifests'], url) };
  }
  if (imageTypes.includes(said) || value['config'] !== undefined) {
    const config = descriptor(value['config'], url);
    return { kind: 'image', ...shared, config, layers: descriptors(value['layers'], url) };
  }
  throw new RegistryError('unsupported', `${url}: manifest of the unknown kind ${said || '(none)'}`, { url });
}

function parse(bytes: Buffer, url: string): Record<string, unknown> {
  try {
    const value = JSON.parse(bytes.toString('utf8')) as unknown;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Told below.
  }
  const words = bytes.subarray(0, 120).toString('utf8');
  throw new RegistryError('notARegistry', `${url}: no manifest`, { url, words });
}

function descriptors(value: unknown, url: string): Descriptor[] {
  if (!Array.isArray(value)) throw new RegistryError('refused', `${url}: a list is missing`, { url });
  return value.map((each) => descriptor(each, url));
}

function descriptor(value: unknown, url: string): Descriptor {
  const { mediaType, digest, size, annotations, platform, artifactType } = (value ?? {}) as Record<
    string,
    unknown
  >;
  if (
    typeof mediaType !== 'string' ||
    typeof digest !== 'string' ||
    !/^sha256:[0-9a-f]{64}$/.test(digest) ||
    typeof size !== 'number' ||
    !Number.isSafeInteger(size) ||
    size < 0
  ) {
    throw new RegistryError('refused', `${url}: a descriptor without media type, SHA-256 digest or size`, {
      url,
    });
  }
  const { os, architecture, variant } = (platform ?? {}) as Record<string, unknown>;
  return {
    mediaType,
    digest,
    size,
    ...(annotations === undefined ? {} : { annotations: texts(annotations) }),
    ...(typeof artifactType === 'string' ? { artifactType } : {}),
    ...(typeof os === 'string' && typeof architecture === 'string'
      ? { platform: { os, architecture, ...(typeof variant === 'string' ? { variant } : {}) } }
      : {}),
  };
}

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

function texts(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries((value ?? {}) as Record<string, unknown>).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}
