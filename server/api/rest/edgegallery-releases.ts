import type { House } from '../../house';
import type { SyncedRelease } from '../../operations/sync/schemas';
import { Problem } from '../../problem';

/**
 * A release by the store's own id, as EdgeGallery's clients know it, or by ours.
 *
 * @param appId the store's id of its app, where the client names it
 * @throws Problem `not_found`
 */
export function releaseOf({ operations }: House, packageId: string, appId?: string): SyncedRelease {
  const found = operations.sync
    .releases({})
    .filter((release) => release.id === packageId || release.releaseId === packageId)
    .filter((release) => appId === undefined || release.appId === appId);
  // Two stores may use one id: the one that is held is meant.
  const release = found.find(({ syncedAt }) => syncedAt !== null) ?? found[0];
  if (!release) throw new Problem('not_found', 'sync.errors.noRelease');
  return release;
}
