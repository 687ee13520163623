import type { StoreRow } from './store-rows';

/** Node's timers hold 31 bits of milliseconds. */
const longestMs = 2 ** 31 - 1;

/** Reads stores when their time has come. */
export interface Schedule {
  /** Looks again when the next one is due; call it when a store was changed. */
  arm(): void;
  close(): void;
}

/**
 * Opens the schedule; nothing happens before `arm`.
 *
 * @param lastTriedAt when a store was last read, well or not; milliseconds since 1970. It is asked for each time, so
 *   that a schedule goes on where an earlier process left it
 */
export function openSchedule(ports: {
  stores: () => readonly StoreRow[];
  lastTriedAt: (store: StoreRow) => number;
  read: (store: StoreRow) => void;
  now: () => number;
}): Schedule {
  let timer: NodeJS.Timeout | undefined;

  const dueAt = (store: StoreRow) =>
    store.everyMinutes === null ? undefined : ports.lastTriedAt(store) + store.everyMinutes * 60_000;

  const schedule: Schedule = {
    arm() {
      clearTimeout(timer);
      const now = ports.now();
      const times = ports.stores().flatMap((store) => dueAt(store) ?? []);
      if (times.length === 0) return;
      const wait = Math.min(Math.max(0, Math.min(...times) - now), longestMs);
      timer = setTimeout(run, wait);
      timer.unref();
    },
    close() {
      clearTimeout(timer);
    },
  };

  function run(): void {
    const now = ports.now();
    for (const store of ports.stores()) {
      const due = dueAt(store);
      if (due !== undefined && due <= now) ports.read(store);
    }
    schedule.arm();
  }
  return schedule;
}
