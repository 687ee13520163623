/** Which releases of the catalogues are asked for, as it stands in the page's address. */
import { changes, syncStates, type ReleaseFilter, type SyncState } from '@/server/operations/sync/schemas';

/** The tabs: what is new about a release, or all of them. */
export const tabs = [...changes, 'all'] as const;
export type ReleaseTab = (typeof tabs)[number];

export interface ReleaseAddress {
  tab: ReleaseTab;
  q: string;
  store: string | undefined;
  kind: 'vm' | 'container' | undefined;
  state: SyncState | undefined;
  /** Whose drawer is open. */
  release: string | undefined;
}

/** Reads an address. Without a tab it is `all` for a link to one release or one state, else what is new. */
export function readReleaseAddress(params: Pick<URLSearchParams, 'get'>): ReleaseAddress {
  const one = <T extends string>(name: string, of: readonly T[]) =>
    of.find((each) => each === params.get(name));
  const release = params.get('release') ?? undefined;
  const state = one('state', syncStates);
  return {
    tab: one('tab', tabs) ?? (release === undefined && state === undefined ? 'new' : 'all'),
    q: params.get('q') ?? '',
    store: params.get('store') ?? undefined,
    kind: one('kind', ['vm', 'container'] as const),
    state,
    release,
  };
}

/** The search part of an address, with the question mark. */
export function writeReleaseAddress(address: ReleaseAddress): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(address)) if (value) params.set(name, value);
  return `?${params.toString()}`;
}

/** What is asked of the server. */
export function releaseFilterOf({ tab, q, store, kind, state }: ReleaseAddress): ReleaseFilter {
  return {
    ...(tab !== 'all' && { change: tab }),
    ...(q.trim() !== '' && { q: q.trim().slice(0, 120) }),
    ...(store !== undefined && { storeId: store }),
    ...(kind && { kind }),
    ...(state && { state }),
  };
}
