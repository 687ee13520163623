'use client';

import { useTranslations } from 'next-intl';
import { useCallback } from 'react';
import type { ProblemParams } from '@/server/problem';

/** Says a key that is data; undefined where there is no such text. */
type TextOf = (key: string, params?: ProblemParams) => string | undefined;

/**
 * The one door for keys that are data, found at run time: a Problem's or a gate's from the server, a rule's message in
 * a form, a foreign word that may have one of ours (a type of EdgeGallery's, a phase of another Edgeyard). The
 * compiler cannot prove those; every other key goes straight to `useTranslations`, which takes none that is missing.
 *
 * @param namespace where the keys are looked up; all messages when left out
 */
export function useTextOf(namespace?: Parameters<typeof useTranslations>[0]): TextOf {
  const t = useTranslations(namespace as never) as unknown as {
    (key: string, params?: ProblemParams): string;
    has: (key: string) => boolean;
  };
  return useCallback((key, params) => (t.has(key) ? t(key, params) : undefined), [t]);
}
