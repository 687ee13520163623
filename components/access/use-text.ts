'use client';

import { useTranslations } from 'next-intl';

/** Turns the message keys of this room's schemas (`access.errors.…`) into words; undefined stays undefined. */
export function useErrorText(): (key: string | undefined) => string | undefined {
  const t = useTranslations();
  return (key) => (key === undefined ? undefined : t.has(key as never) ? t(key as never) : key);
}
