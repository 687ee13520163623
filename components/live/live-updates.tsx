'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useEffect, useState } from 'react';
import { useTRPC } from '../api/trpc-provider';
import { Spinner } from '../ui/spinner';
import { refresh } from './refresh';
import { openSharedNotices } from './shared-notices';
import { affectedBy } from './topics';

/** A cut shorter than this is nobody's business. */
const sayAfter = 5_000;

/**
 * Keeps what is on screen fresh: one stream of notices for all tabs. Put it once into the frame of the pages. Shows
 * something only when the server has been out of reach for 5 seconds.
 */
export function LiveUpdates() {
  const t = useTranslations('jobs.live');
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [connected, setConnected] = useState(true);
  const [cut, setCut] = useState(false);

  useEffect(
    () =>
      openSharedNotices('/api/v1/events', {
        onChanges: (changes) => {
          for (const change of changes) {
            for (const filter of affectedBy(trpc, change)) refresh(queryClient, filter);
          }
        },
        onMissed: () => void queryClient.invalidateQueries(),
        onConnected: setConnected,
      }),
    [trpc, queryClient],
  );

  useEffect(() => {
    if (connected) return undefined;
    const timer = setTimeout(() => setCut(true), sayAfter);
    return () => {
      clearTimeout(timer);
      setCut(false);
    };
  }, [connected]);

  return (
    <div role="status" aria-live="polite">
      {cut && (
        <div className="border-warning-line bg-warning-soft text-warning shadow-raised fixed bottom-20 left-1/2 z-40 flex -translate-x-1/2 items-center gap-2 rounded-lg border px-4 py-2 text-sm md:bottom-6">
          <Spinner className="size-4" />
          {t('reconnecting')}
        </div>
      )}
    </div>
  );
}
