import { appKey } from '../app-key';
import type { ReleaseRow } from './catalogue-rows';
import { isNewer } from './rules';
import type { ReleaseFilter, StoreView, SyncedRelease } from './schemas';
import type { StoreRow } from './store-rows';

/**
 * Rows as people see them, newest first; what is new about each is told from all of them in one pass.
 *
 * @param rows every row of every store
 */
export function viewsOf(rows: readonly ReleaseRow[]): SyncedRelease[] {
  const newestHeld = new Map<string, ReleaseRow>();
  for (const row of rows) {
    if (row.heldDigest === null) continue;
    const before = newestHeld.get(appKey(row));
    if (before === undefined || isNewer(row, before)) newestHeld.set(appKey(row), row);
  }
  return rows
    .toSorted((a, b) => (isNewer(a, b) ? -1 : 1))
    .map((row) => viewOf(row, changeOf(row, newestHeld.get(appKey(row)))));
}

function changeOf(row: ReleaseRow, newestHeld: ReleaseRow | undefined): SyncedRelease['change'] {
  if (row.withdrawnAt !== null) return 'withdrawn';
  if (row.heldDigest !== null) return row.heldDigest === row.digest ? 'inStep' : 'changed';
  if (newestHeld === undefined) return 'new';
  return isNewer(row, newestHeld) ? 'changed' : 'inStep';
}

function viewOf(
  { heldDigest: _held, pendingImages: _pending, ...row }: ReleaseRow,
  change: SyncedRelease['change'],
): SyncedRelease {
  return { ...row, change };
}

/** Whether a release is asked for. */
export function passes(filter: ReleaseFilter, release: SyncedRelease): boolean {
  const word = filter.q?.toLowerCase() ?? '';
  const texts = [release.name, release.provider, release.version, release.description];
  return (
    (filter.storeId === undefined || filter.storeId === release.storeId) &&
    (filter.state === undefined || filter.state === release.state) &&
    (filter.change === undefined || filter.change === release.change) &&
    (filter.kind === undefined || filter.kind === release.kind) &&
    (word === '' || texts.some((text) => text.toLowerCase().includes(word)))
  );
}

/**
 * Stores as people see them.
 *
 * @param releases all of all stores
 */
export function storeViewsOf(
  stores: readonly StoreRow[],
  releases: readonly SyncedRelease[],
  has: (id: string) => { token: boolean; registryPassword: boolean },
): StoreView[] {
  const counts = new Map(stores.map(({ id }) => [id, { ...none }]));
  for (const { storeId, change } of releases) {
    const count = counts.get(storeId);
    if (count) count[change] += 1;
  }
  return stores.map(({ ca, signers, registry, registryUser, producer: _producer, ...store }) => {
    const { token, registryPassword } = has(store.id);
    return {
      ...store,
      ca: ca ?? undefined,
      signers: signers ?? undefined,
      registry: registry ?? undefined,
      registryUser: registryUser ?? undefined,
      hasToken: token,
      hasRegistryPassword: registryPassword,
      counts: counts.get(store.id) ?? none,
    };
  });
}

const none: StoreView['counts'] = { new: 0, changed: 0, inStep: 0, withdrawn: 0 };
