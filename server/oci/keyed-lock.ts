import { RegistryError } from './oci';

/** Holds work on one thing apart: who comes second waits until the first has ended, however it ended. */
export interface KeyedLock {
  /** @throws RegistryError `cancelled` when the signal aborts before its turn; whatever the work throws */
  hold<T>(key: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/** Opens a lock of its own; it holds within this process only. */
export function keyedLock(): KeyedLock {
  const last = new Map<string, Promise<void>>();
  const forget = async (key: string, tail: Promise<void>) => {
    await tail;
    if (last.get(key) === tail) last.delete(key);
  };
  return {
    async hold(key, work, signal) {
      const before = last.get(key);
      let release = () => {};
      const own = new Promise<void>((resolve) => {
        release = resolve;
      });
      // The next one waits for us as well as for those we still wait for.
      const tail = before ? before.then(() => own) : own;
      last.set(key, tail);
      try {
        if (before) await turn(before, signal);
        return await work();
      } finally {
        release();
        // One that gave up while waiting is not the end of the row: those before it still work.
        void forget(key, tail);
      }
    },
  };
}

async function turn(before: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return await before;
  await new Promise<void>((resolve, reject) => {
    const stop = () => {
      reject(new RegistryError('cancelled', 'cancelled', {}, signal.reason));
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    const go = () => {
      signal.removeEventListener('abort', stop);
      resolve();
    };
    before.then(go, reject);
  });
}
