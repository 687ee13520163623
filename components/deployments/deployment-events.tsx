'use client';

import { useQuery } from '@tanstack/react-query';
import { useFormatter, useTranslations } from 'next-intl';
import { useEffect, useRef, type ReactNode } from 'react';
import type { Deployment } from '@/server/operations/deployments/schemas';
import type { StackEvent } from '@/server/sites/stacks';
import { useTRPC } from '../api/trpc-provider';
import { JobLog } from '../jobs/job-log';
import { isActive, useJob } from '../jobs/use-job';
import { Badge } from '../ui/badge';
import { Card } from '../ui/card';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { statusTone } from './deployment-made';

/** What happened to the stack: live out of the job that works on it, afterwards as the site keeps it. */
export function DeploymentEvents({ deployment: { id, state, jobId } }: { deployment: Deployment }) {
  const t = useTranslations('deployments.view');
  if (state === 'gone') return null;
  return (
    <Card title={t('events')} description={t('eventsText')}>
      {jobId === undefined ? <Kept id={id} /> : <Live jobId={jobId} />}
    </Card>
  );
}

function Live({ jobId }: { jobId: string }) {
  const { data: job } = useJob(jobId);
  return <JobLog jobId={jobId} over={job !== undefined && !isActive(job)} />;
}

function Kept({ id }: { id: string }) {
  const t = useTranslations('deployments.view');
  const trpc = useTRPC();
  const query = useQuery(trpc.deployments.events.queryOptions({ id }));
  return (
    <QueryView query={query} pending={<SkeletonRows rows={3} label={t('eventsLoading')} />}>
      {(events): ReactNode =>
        events.length === 0 ? (
          <p className="text-text-muted text-sm">{t('noEvents')}</p>
        ) : (
          <EventList events={events} />
        )
      }
    </QueryView>
  );
}

/** The newest stands last and is in sight, as in a log. */
function EventList({ events }: { events: readonly StackEvent[] }) {
  const t = useTranslations('deployments.view');
  const list = useRef<HTMLOListElement>(null);
  const last = events.at(-1)?.id;
  useEffect(() => {
    if (list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [last]);
  return (
    <ol
      ref={list}
      aria-label={t('events')}
      // A box that scrolls must be reachable by keyboard (WCAG 2.1.1).
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      className="divide-border max-h-96 divide-y overflow-auto text-sm"
    >
      {events.map((event) => (
        <Event key={event.id} event={event} />
      ))}
    </ol>
  );
}

function Event({ event: { at, resource, status, reason } }: { event: StackEvent }) {
  const format = useFormatter();
  const when = new Date(at);
  return (
    <li className="flex flex-wrap items-baseline gap-x-3 gap-y-1 py-2 text-[0.8125rem]">
      <time
        dateTime={when.toISOString()}
        title={format.dateTime(when, { dateStyle: 'medium', timeStyle: 'medium' })}
        className="text-text-muted tabular"
      >
        {format.dateTime(when, { timeStyle: 'medium' })}
      </time>
      <span className="font-mono break-all">{resource}</span>
      <Badge tone={statusTone(status)}>{status}</Badge>
      {reason !== '' && <span className="text-text-muted min-w-0 break-words">{reason}</span>}
    </li>
  );
}
