/** Lets writes pass, or holds them back while nobody may write: a collection of garbage, the last part of a move. */
export interface Gate {
  /** Runs a write once it may pass. Rejects with the signal's reason while it waits. */
  pass<T>(write: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Resolves with true once writes pass; with false after the limit. */
  opened(limitMs: number): Promise<boolean>;
  /**
   * Holds new writes back and waits for those that run.
   *
   * @param report is told how many are waited for
   * @returns opens it again; to be called once, whatever happens
   */
  close(signal: AbortSignal, report?: (running: number) => void): Promise<() => void>;
  readonly closed: boolean;
}

/** Makes a gate that is open. */
export function makeGate(): Gate {
  let running = 0;
  let closers = 0;
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const each of waiting) each();
  };

  /** Waits until the condition holds; every change of the gate asks it again. */
  async function until(holds: () => boolean, signal: AbortSignal | undefined): Promise<void> {
    while (!holds()) {
      signal?.throwIfAborted();
      await new Promise<void>((resolve) => {
        const done = () => {
          waiting.delete(done);
          signal?.removeEventListener('abort', done);
          resolve();
        };
        waiting.add(done);
        signal?.addEventListener('abort', done, { once: true });
      });
    }
  }

  const isOpen = () => closers === 0;
  return {
    async pass(write, signal) {
      // Asked and counted in one turn: between two, somebody may close it.
      while (!isOpen()) await until(isOpen, signal);
      running += 1;
      try {
        return await write();
      } finally {
        running -= 1;
        wake();
      }
    },
    async opened(limitMs) {
      const limit = AbortSignal.timeout(limitMs);
      await until(isOpen, limit).catch(() => undefined);
      return isOpen();
    },
    async close(signal, report) {
      closers += 1;
      let open = false;
      const reopen = () => {
        if (open) return;
        open = true;
        closers -= 1;
        wake();
      };
      try {
        await until(() => {
          if (running > 0) report?.(running);
          return running === 0;
        }, signal);
        return reopen;
      } catch (error) {
        reopen();
        throw error;
      }
    },
    get closed() {
      return !isOpen();
    },
  };
}
