'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useEffect, useRef, useState } from 'react';
import { useTRPC, useTRPCClient } from '../api/trpc-provider';
import { problemOf } from '../api/problem-of';
import { Checkbox } from '../ui/checkbox';
import { CopyButton } from '../ui/copy-button';
import { ErrorState } from '../ui/error-state';
import { SkeletonRows } from '../ui/skeleton';
import { useSaid } from './job-words';

/** The server keeps no more lines of a job either. */
const mostLines = 5_000;

/** The lines of a log; each refresh asks only for those that came since. */
function useJobLog(jobId: string) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queryClient = useQueryClient();
  const options = trpc.jobs.log.queryOptions({ id: jobId });
  return useQuery({
    queryKey: options.queryKey,
    queryFn: async ({ signal }) => {
      const had = queryClient.getQueryData(options.queryKey) ?? [];
      const more = await client.jobs.log.query({ id: jobId, after: had.at(-1)?.seq }, { signal });
      return [...had, ...more].slice(-mostLines);
    },
  });
}

/** A job's log, live, following its end unless the reader scrolls up. */
export function JobLog({ jobId, over }: { jobId: string; over: boolean }) {
  const t = useTranslations('jobs.job');
  const said = useSaid();
  const { data: lines, error, refetch } = useJobLog(jobId);
  const [follow, setFollow] = useState(true);
  const box = useRef<HTMLDivElement>(null);
  const last = lines?.at(-1)?.seq;
  useEffect(() => {
    if (follow && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [follow, last]);

  if (error) return <ErrorState compact problem={problemOf(error)} onRetry={() => void refetch()} />;
  if (!lines) return <SkeletonRows rows={3} />;
  if (lines.length === 0)
    return <p className="text-text-muted text-sm">{t(over ? 'logDone' : 'logEmpty')}</p>;
  const text = lines.map(({ line }) => said(line)).join('\n');
  return (
    <div className="border-border bg-surface-sunken rounded-md border">
      <div className="border-border flex items-center justify-between border-b px-3 py-1">
        <Checkbox
          label={t('follow')}
          checked={follow}
          onChange={(event) => setFollow(event.currentTarget.checked)}
        />
        <CopyButton text={text} label={t('copyLog')} size="sm" />
      </div>
      <div
        ref={box}
        role="log"
        aria-label={t('log')}
        tabIndex={0}
        className="max-h-72 overflow-auto p-3 font-mono text-xs"
        onWheel={(event) => {
          if (event.deltaY < 0) setFollow(false);
        }}
      >
        {lines.map(({ seq, at, line }) => (
          <div key={seq} className="flex gap-3">
            <time
              dateTime={new Date(at).toISOString()}
              className="text-text-subtle tabular shrink-0 select-none"
            >
              {new Date(at).toTimeString().slice(0, 8)}
            </time>
            <span className="break-all whitespace-pre-wrap">{said(line)}</span>
          </div>
        ))}
      </div>
    </div>
  );
}
