'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useState, type ReactNode } from 'react';
import type { Distribution } from '@/server/operations/distribution/schemas';
import { useTRPC } from '../api/trpc-provider';
import { ByteSize } from '../ui/byte-size';
import { Elapsed } from '../ui/duration';
import { PageHeader } from '../ui/page-header';
import { Progress } from '../ui/progress';
import { DateTime } from '../ui/relative-time';
import { SkeletonPage } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { CellJob } from './cell-job';
import { DistributionStateDot } from './distribution-state';
import { RunActions } from './run-actions';
import { RunFailures } from './run-failures';
import { RunMatrix } from './run-matrix';
import { useTitle } from './use-title';

/** A distribution while it runs and after: each release at each edge, what failed and why, and trying again. */
export function DistributionPage({ distributionId }: { distributionId: string }) {
  const t = useTranslations('distributionPages');
  const trpc = useTRPC();
  const query = useQuery(trpc.distributions.get.queryOptions({ id: distributionId }));
  return (
    <QueryView query={query} pending={<SkeletonPage label={t('run.loading')} />}>
      {(distribution) => <Loaded distribution={distribution} />}
    </QueryView>
  );
}

/** The cell whose log is open. */
interface OpenLog {
  jobId: string;
  title: string;
}

function Loaded({ distribution }: { distribution: Distribution }) {
  const t = useTranslations('distributionPages');
  const title = useTitle();
  const [log, setLog] = useState<OpenLog>();
  return (
    <>
      <PageHeader
        title={title(distribution)}
        crumbs={[{ label: t('list.title'), href: '/operations/distributions' }]}
        status={<DistributionStateDot state={distribution.state} />}
        actions={<RunActions distribution={distribution} />}
      />
      <div className="flex flex-col gap-6">
        <Overall distribution={distribution} />
        <RunFailures distribution={distribution} />
        <RunMatrix distribution={distribution} onLog={(jobId, of) => setLog({ jobId, title: of })} />
      </div>
      <CellJob jobId={log?.jobId} title={log?.title ?? ''} onClose={() => setLog(undefined)} />
    </>
  );
}

function Overall({
  distribution: { cells, state, createdAt, createdBy, endedAt },
}: {
  distribution: Distribution;
}) {
  const t = useTranslations('distributionPages.run');
  const sum = (of: 'bytesMoved' | 'bytesKept') => cells.reduce((all, cell) => all + cell[of], 0);
  const over = cells.filter((cell) => cell.state !== 'waiting' && cell.state !== 'running').length;
  const failed = cells.some((cell) => cell.state === 'failed');
  return (
    <div className="flex flex-col gap-4">
      {state === 'running' && (
        <Progress
          label={t('progress', { done: over, all: cells.length })}
          value={over}
          max={cells.length}
          tone={failed ? 'warning' : 'accent'}
        />
      )}
      <dl className="flex flex-wrap gap-x-10 gap-y-3">
        <Figure label={t('moved')} value={<ByteSize bytes={sum('bytesMoved')} />} />
        <Figure label={t('kept')} value={<ByteSize bytes={sum('bytesKept')} />} />
        <Figure label={t('took')} value={<Elapsed since={createdAt} until={endedAt} />} />
        <Figure label={t('started')} value={<DateTime at={createdAt} />} />
        <Figure label={t('by')} value={createdBy} />
      </dl>
    </div>
  );
}

function Figure({ label, value }: { label: string; value: ReactNode }) {
  return (
    <div>
      <dt className="text-text-muted text-[0.8125rem]">{label}</dt>
      <dd className="font-medium">{value}</dd>
    </div>
  );
}
