/** What a page is opened with: `releases=a,b` or `release=a`. */
export type SearchParams = Record<string, string | string[] | undefined>;

/**
 * Ids out of an address.
 *
 * @param names parameters that may hold them, each once or repeated, several in one with commas
 */
export function idsOf(params: SearchParams, ...names: string[]): string[] {
  const texts = names.flatMap((name) => params[name] ?? []);
  return [...new Set(texts.flatMap((text) => text.split(',')).filter((id) => id !== ''))];
}

/** The longest address that every browser and proxy takes. */
const longestAddress = 2000;

/**
 * The address of a page with a choice in it; without, where the choice is too long for an address.
 *
 * @param path of the page
 */
export function addressOf(path: string, chosen: Record<string, readonly string[]>): string {
  const parts = Object.entries(chosen).filter(([, ids]) => ids.length > 0);
  const query = parts.map(([name, ids]) => `${name}=${ids.map(encodeURIComponent).join(',')}`).join('&');
  return query === '' || query.length > longestAddress ? path : `${path}?${query}`;
}

/** Puts a choice into the address of the page one is on, so that it can be passed on and survives a reload. */
export function keepInAddress(path: string, chosen: Record<string, readonly string[]>): void {
  window.history.replaceState(null, '', addressOf(path, chosen));
}
