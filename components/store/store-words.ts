'use client';

import { useMemo } from 'react';
import { useTextOf } from '../i18n/use-text-of';

/** EdgeGallery's words for types and industries in the reader's language; a foreign package's own words as they are. */
export function useStoreWords() {
  const textOf = useTextOf('workbench');
  return useMemo(() => {
    const orSame = (group: 'appTypes' | 'industries', value: string) => textOf(`${group}.${value}`) ?? value;
    return {
      type: (value: string) => orSame('appTypes', value),
      industry: (value: string) => orSame('industries', value),
    };
  }, [textOf]);
}
