'use client';

import { useQuery } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useTRPC } from '../api/trpc-provider';
import { Card } from '../ui/card';
import { RelativeTime } from '../ui/relative-time';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';

/** What happened around a test deployment at its site, newest first, in the site's own words. */
export function RunEvents({ runId }: { runId: string }) {
  const t = useTranslations('containerPages.run');
  const trpc = useTRPC();
  const query = useQuery(trpc.containers.deployments.events.queryOptions({ deploymentId: runId }));
  return (
    <Card title={t('events')}>
      <QueryView query={query} pending={<SkeletonRows rows={3} />}>
        {(events) =>
          events.length === 0 ? (
            <p className="text-text-muted">{t('noEvents')}</p>
          ) : (
            <ul
              aria-label={t('events')}
              // A box that scrolls must be reachable by keyboard (WCAG 2.1.1).
              // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
              tabIndex={0}
              className="divide-border -my-2 max-h-96 divide-y overflow-auto text-sm"
            >
              {events.toReversed().map((event, index) => (
                // The same thing happens again and again.
                <li
                  key={`${index} ${event.at}`}
                  className="grid gap-x-4 gap-y-0.5 py-2 sm:grid-cols-[7rem_1fr]"
                >
                  <span className="text-text-muted">
                    <RelativeTime at={event.at} />
                  </span>
                  <span className="min-w-0">
                    <span className="font-medium">
                      {event.warning && (
                        <TriangleAlert
                          aria-label={t('warning')}
                          className="text-warning mr-1.5 inline size-4 align-text-bottom"
                        />
                      )}
                      {event.reason}
                    </span>{' '}
                    <span className="text-text-muted">{event.about}</span>
                    <span className="text-text-muted block text-[0.8125rem] break-words">
                      {event.message}
                    </span>
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </QueryView>
    </Card>
  );
}
