import { system } from './access/actor';
import type { Containers } from './containers/containers';
import type { Images } from './images/images';
import type { ImageSource } from './store/release-images';

/**
 * Where the workbench's registry has an image that a package names: a container image by its manifest's digest, a disk
 * image, which packages name by the digest of its file, as the artifact it is pushed as.
 */
export function imageSource(
  containers: () => Pick<Containers, 'locate'>,
  images: Pick<Images, 'usable' | 'artifactOf'>,
): ImageSource {
  return async ({ digest, format }, { signal }) => {
    if (digest === null) return undefined;
    const container = await containers().locate(digest);
    if (container) return container;
    // The right to publish was checked when it was asked for. A CD image is no disk that could be cut into pieces.
    const id = format === 'iso' ? undefined : images.usable(system, digest);
    return id === undefined ? undefined : await images.artifactOf(id, signal);
  };
}
