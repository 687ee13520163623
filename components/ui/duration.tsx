'use client';

import { useTranslations } from 'next-intl';
import { useCallback } from 'react';
import { millisecondsOf, useNow } from './clock';
import { splitDuration } from './units';

/** @returns a function from milliseconds to words: `2 min 5 s` */
export function useDuration(): (ms: number) => string {
  const t = useTranslations('ui.duration');
  return useCallback(
    (ms) => {
      const { key, values } = splitDuration(ms);
      return t(key, values);
    },
    [t],
  );
}

/** A span of time in words. */
export function Duration({ ms }: { ms: number | null | undefined }) {
  const inWords = useDuration();
  if (ms === null || ms === undefined) return <span className="text-text-subtle">–</span>;
  return <span className="tabular whitespace-nowrap">{inWords(ms)}</span>;
}

/** How long something has gone on; it counts while `until` is absent. */
export function Elapsed({
  since,
  until,
}: {
  since: Date | number | string;
  until?: Date | number | string | null | undefined;
}) {
  const now = useNow(1000);
  const start = millisecondsOf(since);
  const end = millisecondsOf(until) ?? now;
  const ms = start === undefined || end === undefined ? undefined : end - start;
  // Whole seconds while it counts: tenths would only flicker.
  return <Duration ms={ms === undefined || until ? ms : Math.max(0, Math.floor(ms / 1000) * 1000 || 1000)} />;
}
