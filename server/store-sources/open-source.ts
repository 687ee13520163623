import type { OpenSource } from '../operations/sync/sources';
import type { Registries } from '../registries/registries';
import type { Store } from '../store/store';
import { edgeGallerySource } from './edgegallery';
import { edgeyardSource } from './edgeyard';
import { ownSource } from './own';

/**
 * Opens stores by their kind.
 *
 * @param store the store room of this process
 * @param registries whose role `store` keeps its images
 */
export function storeSources(
  store: Pick<Store, 'shelf' | 'release' | 'content'>,
  registries: Pick<Registries, 'of'>,
): OpenSource {
  const open = {
    own: () => ownSource(store, registries),
    edgeyard: edgeyardSource,
    edgegallery: edgeGallerySource,
  } as const;
  return (access) => open[access.kind](access);
}
