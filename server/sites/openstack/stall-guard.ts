/** Ends a transfer that no longer moves. */
import { Problem } from '../../problem';

export interface StallGuard {
  /** Aborts with the outer signal, and when nothing moved for too long. */
  signal: AbortSignal;
  /** Something moved. @param ms how long the next move may take */
  moved(ms: number): void;
  /** Why the transfer was ended, when the guard did it. */
  reason(): Problem | undefined;
  /** To be called when the transfer is over. */
  end(): void;
}

/**
 * Watches a transfer whose length is unknown, so that no time limit for all of it makes sense.
 *
 * @param outer ends the transfer as well
 * @param ms how long the first move may take
 */
export function stallGuard(outer: AbortSignal | undefined, ms: number): StallGuard {
  const stop = new AbortController();
  let found: Problem | undefined;
  const watch = (limit: number) =>
    setTimeout(() => {
      found = new Problem('unavailable', 'openstack.errors.stalled', { seconds: Math.round(limit / 1000) });
      stop.abort(found);
    }, limit);
  let timer = watch(ms);
  let last = ms;
  return {
    signal: outer ? AbortSignal.any([outer, stop.signal]) : stop.signal,
    moved(limit) {
      // A timer that only starts again costs nothing; this is called for every block.
      if (limit === last) {
        timer.refresh();
        return;
      }
      clearTimeout(timer);
      last = limit;
      timer = watch(limit);
    },
    reason: () => found,
    end() {
      clearTimeout(timer);
    },
  };
}
