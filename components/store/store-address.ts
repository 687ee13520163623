import { storeSearch, type StoreSearch } from '@/server/store/schemas';

/** Apps on one page of the store. */
export const pageSize = 24;

/** What the store's address says: the filters of a search, and the page. */
export type StoreAddress = Omit<StoreSearch, 'limit' | 'offset'> & { page?: number | undefined };

const names = ['q', 'kind', 'type', 'industry', 'architecture', 'sort'] as const;

/** Filters that can be cleared. */
export const filterNames = ['kind', 'type', 'industry', 'architecture'] as const;

/**
 * Reads the address. What it should not say is left out: an address that somebody typed must show something.
 *
 * @param valueOf value of a parameter by its name
 */
export function readAddress(valueOf: (name: string) => string | null | undefined): StoreAddress {
  const address: Record<string, string> = {};
  for (const name of names) {
    const value = valueOf(name);
    if (value && storeSearch.shape[name].safeParse(value).success) address[name] = value;
  }
  const page = Number(valueOf('page'));
  return { ...address, page: Number.isInteger(page) && page > 1 && page <= 40_000 ? page : undefined };
}

/** Writes an address, the empty parts left out. */
export function writeAddress(address: StoreAddress): string {
  const params = new URLSearchParams();
  for (const name of names) {
    const value = address[name];
    if (value) params.set(name, value);
  }
  if (address.page !== undefined && address.page > 1) params.set('page', String(address.page));
  const query = params.toString();
  return query === '' ? '/store' : `/store?${query}`;
}

/** The search that an address means. */
export function searchOf({ page = 1, q, ...rest }: StoreAddress): StoreSearch {
  const words = q?.trim();
  return { ...rest, ...(words ? { q: words } : {}), limit: pageSize, offset: (page - 1) * pageSize };
}
