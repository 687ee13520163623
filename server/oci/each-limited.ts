import { setMaxListeners } from 'node:events';

/**
 * Works on all items, a few at a time. The first failure aborts the others, and is thrown when all have ended.
 *
 * @param limit how many at once
 */
export async function eachLimited<T>(
  items: readonly T[],
  limit: number,
  outer: AbortSignal | undefined,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const signal = outer ? AbortSignal.any([outer, failed.signal]) : failed.signal;
  // Every request of every item listens to it.
  setMaxListeners(0, signal);
  let next = 0;
  let first: { error: unknown } | undefined;
  const worker = async () => {
    while (first === undefined && next < items.length) {
      const item = items[next] as T;
      next += 1;
      try {
        await work(item, signal);
      } catch (error) {
        first ??= { error };
        failed.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (first) throw first.error;
}
