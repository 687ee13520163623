'use client';

import { useSyncExternalStore } from 'react';

/** One timer for every clock of the page, and none while nobody looks. */
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  now = Date.now();
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/**
 * The time, renewed about every `stepMs`.
 *
 * @param stepMs milliseconds, 1000 or more; the component renders again only when a step has passed
 * @returns milliseconds since 1970, rounded down to a step; undefined on the server, whose clock is not the reader's
 */
export function useNow(stepMs: number): number | undefined {
  return useSyncExternalStore(
    subscribe,
    () => Math.floor(now / stepMs) * stepMs,
    () => undefined,
  );
}

/** Anything that names a moment, as milliseconds since 1970; undefined when there is none. */
export function millisecondsOf(at: Date | number | string | null | undefined): number | undefined {
  if (at === null || at === undefined) return undefined;
  const value = at instanceof Date ? at.getTime() : typeof at === 'number' ? at : Date.parse(at);
  return Number.isNaN(value) ? undefined : value;
}
