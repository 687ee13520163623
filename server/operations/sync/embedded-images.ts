/** Container images that lie in a package as archives: they are sent into the operations registry out of it. */
import type { Readable } from 'node:stream';
import type { Said } from '../../jobs/job';
import type { Registry } from '../../oci/oci';
import type { PackageFiles } from '../../packages/package-files';
import { Problem } from '../../problem';
import { asking } from '../../registries/registry-problem';
import { releaseRepository, releaseTag } from '../../registries/release-names';
import type { RoomRegistries } from '../../registries/registries';
import type { NamedImage } from './store-source';
import type { Artifact, SyncedImages, Taken } from './synced-images';

/** An image of an archive whose layers lie in a repository; nobody sees it before it was entered. */
interface SentImage {
  /** What the archive calls it. */
  names: readonly string[];
  digest: string;
  mediaType: string;
  platforms: string[];
  /** Bytes of all its parts. */
  size: number;
  enter(tag: string): Promise<void>;
}

/** Sends the images of an archive into a repository. @throws Problem of the archive; RegistryError */
export type SendArchive = (
  content: Readable,
  target: { registry: Registry; repository: string },
  signal: AbortSignal,
) => Promise<{ images: SentImage[]; sent: number }>;

interface EmbeddedParts {
  registries: Pick<RoomRegistries, 'of'>;
  packages: Pick<PackageFiles, 'file'>;
  sendArchive: SendArchive;
  images: Pick<SyncedImages, 'enter'>;
}

interface EmbeddedCall {
  signal: AbortSignal;
  log: (line: Said) => void;
  /** Told before its manifest is put, so that nobody frees it. */
  expect: (artifact: Artifact) => void;
}

/** Whether the image is an archive in its package. Stores do not always tell VMs from containers; a disk lies in a zip. */
export const isArchived = (image: NamedImage): image is NamedImage & { location: string } =>
  image.mode === 'embedded' && /\.(tar|tgz|tar\.gz|tar\.zst)$/i.test(image.location ?? '');

/**
 * Brings one image out of a package; what the registry has of it is not sent again.
 *
 * @param from the package's path, and whose it is
 * @throws Problem `invalid` for what is no archive of images; `failed` when it is another image than the package names;
 *   `registries.errors.*`
 */
export async function takeEmbedded(
  parts: EmbeddedParts,
  from: { path: string; app: { provider: string; name: string } },
  image: NamedImage & { location: string },
  call: EmbeddedCall,
): Promise<Taken> {
  const started = performance.now();
  const { registry, repository, address } = await parts.registries.of('operations');
  const name = releaseRepository(from.app, image.name);
  const target = { registry, repository: repository(name) };
  const artifactOf = ({
    digest,
    mediaType,
    platforms,
    size,
  }: Omit<SentImage, 'names' | 'enter'>): Artifact => ({
    repository: name,
    tag: releaseTag(image.version, digest),
    digest,
    mediaType,
    platforms,
    size,
  });
  // Registry's errors are told apart here: to the package's reader all errors are damage.
  const { images, sent } = await parts.packages.file(from.path, image.location, (content) =>
    asking(address, () => parts.sendArchive(content, target, call.signal)),
  );
  const found = images.find(({ names }) => names.some((each) => isCalled(each, image))) ?? images[0];
  if (found === undefined || (images.length > 1 && !found.names.some((each) => isCalled(each, image))))
    throw new Problem('invalid', 'sync.errors.notInArchive', { image: image.name, file: image.location });
  if (image.digest !== null && image.digest !== found.digest) {
    const params = { image: image.name, file: image.location, expected: image.digest, found: found.digest };
    throw new Problem('failed', 'sync.errors.embeddedDiffers', params);
  }
  const artifact = artifactOf(found);
  call.expect(artifact);
  await parts.images.enter(artifact, () => asking(address, () => found.enter(artifact.tag)), call.signal);
  const kept = Math.max(0, found.size - sent);
  const params = { image: image.name, digest: artifact.digest, repository: name, sent, kept };
  call.log({ key: 'sync.log.embedded', params: { ...params, ms: Math.round(performance.now() - started) } });
  return { artifact, moved: sent, kept };
}

/** `registry.example/team/web:1` is called `team/web:1`, `web:1`, and `web` in version 1. */
function isCalled(name: string, { name: said, version }: NamedImage): boolean {
  const wanted = /:[^/]*$/.test(said) ? said : `${said}:${version === '' ? 'latest' : version}`;
  return name === wanted || name.endsWith(`/${wanted}`);
}
