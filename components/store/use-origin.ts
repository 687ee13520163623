'use client';

import { useSyncExternalStore } from 'react';

const never = () => () => undefined;

/** Where this page comes from; empty on the server, which may be reached by several names. */
export function useOrigin(): string {
  return useSyncExternalStore(
    never,
    () => window.location.origin,
    () => '',
  );
}
