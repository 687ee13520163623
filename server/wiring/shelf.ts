/** What is shown to others: packages, and the store that publishes them. */
import { openDisk } from '../images/artifact/open-disk';
import { openPackages } from '../packages/packages';
import { openStore, type Store } from '../store/store';
import type { Packages } from '../packages/packages';
import type { Ground } from './ground';
import type { Later } from './later';
import { imagesForPackages, projectsForPackages } from './package-ports';
import type { Places } from './places';
import { imageSource, readerOf } from './workbench-images';
import type { Workshop } from './workshop';

export interface Shelf {
  packages: Packages;
  store: Store;
}

/**
 * Opens packages and store.
 *
 * @param ground what rooms stand on
 * @param places where images are
 * @param workshop whose projects packages belong to
 * @param later the containers room, which is built after these
 */
export function openShelf(
  { access, ports, dir }: Ground,
  { images, registries }: Places,
  { workbench }: Workshop,
  later: Later,
): Shelf {
  const shared = {
    ...ports,
    audit: { record: ports.audit },
    images: imagesForPackages(images),
    projects: projectsForPackages(workbench),
  };
  const packages = openPackages({
    ...shared,
    dir: dir('packages'),
    containers: { facts: (actor, projectId) => later.get('containers').packageFacts(actor, projectId) },
  });
  const store = openStore({
    ...shared,
    dir: dir('store'),
    packages,
    registries,
    openDisk: (at) => openDisk(at),
    sourceOf: imageSource(
      (userId) => readerOf(access, userId),
      () => later.get('containers'),
      images,
    ),
  });
  registries.usedBy((role, repository, digest) =>
    role === 'store' ? store.imageUses(repository, digest) : [],
  );
  return { packages, store };
}
