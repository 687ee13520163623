'use client';

import { useTranslations } from 'next-intl';
import { useMemo } from 'react';

/** EdgeGallery's words for types and industries in the reader's language; a foreign package's own words as they are. */
export function useStoreWords() {
  const t = useTranslations('workbench');
  return useMemo(() => {
    const orSame = (group: 'appTypes' | 'industries', value: string) => {
      const key = `${group}.${value}`;
      return t.has(key as never) ? t(key as never) : value;
    };
    return {
      type: (value: string) => orSame('appTypes', value),
      industry: (value: string) => orSame('industries', value),
    };
  }, [t]);
}
