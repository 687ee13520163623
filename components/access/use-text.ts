'use client';

import { useTextOf } from '../i18n/use-text-of';

/** Turns the message keys of this room's schemas (`access.errors.…`) into words; undefined stays undefined. */
export function useErrorText(): (key: string | undefined) => string | undefined {
  const textOf = useTextOf();
  return (key) => (key === undefined ? undefined : (textOf(key) ?? key));
}
