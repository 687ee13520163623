/** Work that several callers want at once and that is done once for all of them. */

/** What one caller of shared work brings. */
export interface Caller {
  signal?: AbortSignal | undefined;
  progress?: ((done: number, total: number) => void) | undefined;
}

interface Flight<T> {
  result: Promise<T>;
  stop: AbortController;
  callers: Set<Caller>;
}

/**
 * Keeps what is going on by key. The work goes on while at least one of its callers still waits; it is stopped when the
 * last of them has aborted.
 */
export function sharedWork<T>(): (
  key: string,
  caller: Caller,
  work: (shared: { signal: AbortSignal; progress: (done: number, total: number) => void }) => Promise<T>,
) => Promise<T> {
  const flights = new Map<string, Flight<T>>();
  return async (key, caller, work) => {
    // One that was stopped is still clearing up; what comes after it starts anew.
    for (let ending = flights.get(key); ending?.stop.signal.aborted; ending = flights.get(key)) {
      await ending.result.catch(() => undefined);
    }
    caller.signal?.throwIfAborted();
    const flight = flights.get(key) ?? start(key, flights, work);
    return join(flight, caller);
  };
}

function start<T>(
  key: string,
  flights: Map<string, Flight<T>>,
  work: Parameters<ReturnType<typeof sharedWork<T>>>[2],
): Flight<T> {
  const stop = new AbortController();
  const callers = new Set<Caller>();
  const progress = (done: number, total: number) => {
    for (const caller of callers) caller.progress?.(done, total);
  };
  const result = work({ signal: stop.signal, progress }).finally(() => flights.delete(key));
  const flight = { result, stop, callers };
  flights.set(key, flight);
  return flight;
}

function join<T>(flight: Flight<T>, caller: Caller): Promise<T> {
  flight.callers.add(caller);
  return new Promise<T>((resolve, reject) => {
    const leave = () => {
      flight.callers.delete(caller);
      if (flight.callers.size > 0) reject(caller.signal?.reason as Error);
      // The last caller gets its answer when all is cleared up.
      else flight.stop.abort(caller.signal?.reason);
    };
    caller.signal?.addEventListener('abort', leave, { once: true });
    const left = () => {
      caller.signal?.removeEventListener('abort', leave);
      flight.callers.delete(caller);
    };
    flight.result.finally(left).then(resolve, reject);
  });
}
