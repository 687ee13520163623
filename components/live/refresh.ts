import type { Query, QueryClient, QueryFilters } from '@tanstack/react-query';

/** Queries whose answer is on its way and was old before it came. */
const outdated = new WeakSet<Query>();

/**
 * Asks again what a change made old. An answer that is on its way is waited for and then asked anew: to break it off, as
 * `invalidateQueries` does, would show nothing at all while changes come faster than answers.
 */
export function refresh(client: QueryClient, filter: QueryFilters): void {
  const isOnItsWay = ({ state, promise }: Query) => state.fetchStatus === 'fetching' && promise !== undefined;
  for (const query of client.getQueryCache().findAll(filter)) {
    if (!isOnItsWay(query) || outdated.has(query)) continue;
    outdated.add(query);
    const again = () => {
      outdated.delete(query);
      refresh(client, { queryKey: query.queryKey, exact: true });
    };
    // An error is the page's to show.
    query.promise?.then(again, again);
  }
  const rest = (query: Query) => !isOnItsWay(query) && (filter.predicate?.(query) ?? true);
  void client.invalidateQueries({ ...filter, predicate: rest });
}
