import { createHash } from 'node:crypto';
import { z } from 'zod';
import { configTypes, indexTypes, isForeign, layerTypes, manifestTypes } from '../media-types';
import { documentOf, filesOf, platformOf, type ArchiveFiles, type FoundImage } from './archive-files';
import { dockerImages } from './docker-archive';
import { limits, refuse } from './limits';
import type { Taken, TakenFile } from './take-archive';

const descriptor = z.object({
  mediaType: z.string().optional(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.int().min(0),
  annotations: z.record(z.string(), z.string()).nullish(),
  platform: z.object({ os: z.string(), architecture: z.string(), variant: z.string().optional() }).nullish(),
});
type Descriptor = z.infer<typeof descriptor>;
const indexSchema = z.object({
  mediaType: z.string().optional(),
  manifests: z.array(descriptor).max(limits.images),
});
const manifestSchema = z.object({
  mediaType: z.string().optional(),
  schemaVersion: z.number(),
  config: descriptor,
  layers: z.array(descriptor).max(limits.layers),
});
/**
 * Puts together the images of an archive that was read to its end.
 *
 * @returns in the archive's order; at least one
 * @throws Problem `invalid` of `containers.archive.*`: no image, parts that are missing, unknown kinds
 */
export function assemble(taken: Taken): FoundImage[] {
  const files = filesOf(taken);
  const images = files.has('index.json') ? ociImages(files) : [];
  const found = images.length > 0 ? images : files.has('manifest.json') ? dockerImages(files) : [];
  if (found.length === 0) refuse('noImage');
  return found;
}

/** An OCI image layout: `index.json` names manifests below `blobs/`. */
function ociImages(files: ArchiveFiles): FoundImage[] {
  const root = documentOf(files.file('index.json'), 'index.json', indexSchema);
  const dockerNames = files.has('manifest.json') ? namesByConfig(files) : new Map<string, string[]>();
  const found = new Map<string, FoundImage>();
  for (const entry of root.manifests) {
    const image = found.get(entry.digest) ?? oneOf(files, entry);
    if (image === undefined) refuse('missing', { name: entry.digest });
    const annotated = entry.annotations ?? {};
    const ref = annotated['org.opencontainers.image.ref.name'];
    const whole = annotated['io.containerd.image.name'] ?? (ref && /[/:]/.test(ref) ? ref : undefined);
    if (whole !== undefined && !image.names.includes(whole)) image.names.push(whole);
    if (whole === undefined && ref !== undefined) image.tag = ref;
    found.set(entry.digest, image);
  }
  for (const image of found.values()) {
    if (image.names.length > 0) continue;
    image.names.push(...image.configDigests.flatMap((digest) => dockerNames.get(digest) ?? []));
  }
  return [...found.values()];
}

const savedSchema = z.array(z.object({ Config: z.string(), RepoTags: z.array(z.string()).nullish() }));

function namesByConfig(files: ArchiveFiles): Map<string, string[]> {
  const saved = documentOf(files.file('manifest.json'), 'manifest.json', savedSchema);
  return new Map(saved.map(({ Config, RepoTags }) => [files.file(Config).digest, RepoTags ?? []]));
}

/** The image behind a descriptor; undefined when the archive leaves it out. */
function oneOf(files: ArchiveFiles, entry: Descriptor): FoundImage | undefined {
  const file = files.byDigest(entry.digest);
  if (file === undefined) return undefined;
  const named = documentOf(file, entry.digest, z.object({ mediaType: z.string().optional() }));
  const mediaType = entry.mediaType ?? named.mediaType ?? '';
  if (named.mediaType !== undefined && named.mediaType !== mediaType) {
    refuse('mediaTypeDiffers', { digest: entry.digest, one: mediaType, other: named.mediaType });
  }
  if (indexTypes.includes(mediaType)) return indexOf(files, file, mediaType);
  if (!manifestTypes.includes(mediaType)) refuse('mediaType', { mediaType, name: entry.digest });
  return manifestOf(files, file, mediaType);
}

function manifestOf(files: ArchiveFiles, file: TakenFile, mediaType: string): FoundImage {
  const { config, layers } = documentOf(file, file.digest, manifestSchema);
  if (!configTypes.includes(config.mediaType ?? '')) {
    refuse('mediaType', { mediaType: config.mediaType ?? '', name: config.digest });
  }
  for (const layer of layers) {
    if (!layerTypes.includes(layer.mediaType ?? '')) {
      refuse('mediaType', { mediaType: layer.mediaType ?? '', name: layer.digest });
    }
  }
  const blobs = [config, ...layers.filter((layer) => !isForeign(layer.mediaType ?? ''))].map((part) => {
    const there = files.byDigest(part.digest) ?? refuse('missing', { name: part.digest });
    if (there.size !== part.size) refuse('wrongSize', { name: part.digest, size: part.size });
    return { digest: part.digest, size: part.size, text: there.document };
  });
  const configFile = files.byDigest(config.digest) ?? refuse('missing', { name: config.digest });
  return {
    names: [],
    tag: undefined,
    digest: file.digest,
    mediaType,
    manifests: [{ digest: file.digest, mediaType, text: file.document ?? '' }],
    blobs: once(blobs),
    configDigests: [config.digest],
    platforms: [platformOf(configFile, config.digest)],
    size: file.size + once(blobs).reduce((sum, { size }) => sum + size, 0),
    layers: new Set(layers.map(({ digest }) => digest)).size,
  };
}

function indexOf(files: ArchiveFiles, file: TakenFile, mediaType: string): FoundImage {
  const index = documentOf(file, file.digest, indexSchema);
  const parts = index.manifests.map((entry) => ({ entry, image: oneOf(files, entry) }));
  const images = parts.flatMap(({ image }) => image ?? []);
  const [first] = images;
  if (first === undefined) refuse('missing', { name: index.manifests[0]?.digest ?? file.digest });
  // `docker save` of one platform keeps the list of all: what is not there cannot be promised to others.
  if (images.length < parts.length && images.length === 1) return first;
  const text =
    images.length === parts.length
      ? (file.document ?? '')
      : fewer(file, new Set(images.map((i) => i.digest)));
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  const blobs = once(images.flatMap((image) => image.blobs));
  const manifests = [
    ...new Map(images.flatMap((image) => image.manifests).map((each) => [each.digest, each])).values(),
    { digest, mediaType, text },
  ];
  const real = parts.filter(({ entry }) => entry.platform?.os !== 'unknown').flatMap((p) => p.image ?? []);
  return {
    names: [],
    tag: undefined,
    digest,
    mediaType,
    manifests,
    blobs,
    configDigests: real.flatMap((image) => image.configDigests),
    platforms: real.flatMap((image) => image.platforms),
    size: [...manifests.map((each) => each.text.length), ...blobs.map(({ size }) => size)].reduce(
      (sum, size) => sum + size,
      0,
    ),
    layers: real.reduce((sum, image) => sum + image.layers, 0),
  };
}

function fewer(file: TakenFile, there: ReadonlySet<string>): string {
  const loose = z.looseObject({ manifests: z.array(z.looseObject({ digest: z.string() })) });
  const index = documentOf(file, file.digest, loose);
  return JSON.stringify({ ...index, manifests: index.manifests.filter(({ digest }) => there.has(digest)) });
}

function once<T extends { digest: string }>(list: T[]): T[] {
  return [...new Map(list.map((each) => [each.digest, each])).values()];
}
