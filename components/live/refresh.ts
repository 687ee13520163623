import type { Query, QueryClient, QueryFilters } from '@tanstack/react-query';

/** Queries that will be asked again once their answer has come, and a pause gone by. */
const waiting = new WeakSet<Query>();

/** The longest such pause, in milliseconds. */
const longestPause = 5_000;

/**
 * Asks again what a change made old. An answer that is on its way is waited for and then asked anew: to break it off, as
 * `invalidateQueries` does, would show nothing at all while changes come faster than answers. What takes long to answer
 * is left alone for as long before it is asked again, so that a big page keeps the server half free.
 */
export function refresh(client: QueryClient, filter: QueryFilters): void {
  for (const query of client.getQueryCache().findAll(filter)) {
    const { promise, state } = query;
    if (waiting.has(query) || state.fetchStatus !== 'fetching' || promise === undefined) continue;
    waiting.add(query);
    const since = performance.now();
    const again = () => {
      const pause = Math.min(performance.now() - since, longestPause);
      setTimeout(() => {
        waiting.delete(query);
        refresh(client, { queryKey: query.queryKey, exact: true });
      }, pause);
    };
    // An error is the page's to show.
    promise.then(again, again);
  }
  const rest = (query: Query) => !waiting.has(query) && (filter.predicate?.(query) ?? true);
  void client.invalidateQueries({ ...filter, predicate: rest });
}
