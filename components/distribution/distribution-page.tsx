'use client';

import { useTranslations } from 'next-intl';
import { useState, type ReactNode } from 'react';
import { cellStates } from '@/server/operations/distribution/schemas';
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
import type { Run } from './run-model';
import { useRun } from './use-run';
import { useTitle } from './use-title';

/** A distribution while it runs and after: each release at each edge, what failed and why, and trying again. */
export function DistributionPage({ distributionId }: { distributionId: string }) {
  const t = useTranslations('distributionPages');
  const query = useRun(distributionId);
  return (
    <QueryView query={query} pending={<SkeletonPage label={t('run.loading')} />}>
      {(run) => <Loaded run={run} />}
    </QueryView>
  );
}

/** The cell whose log is open. */
interface OpenLog {
  jobId: string;
  title: string;
}

function Loaded({ run }: { run: Run }) {
  const t = useTranslations('distributionPages');
  const title = useTitle();
  const [log, setLog] = useState<OpenLog>();
  return (
    <>
      <PageHeader
        title={title(run)}
        crumbs={[{ label: t('list.title'), href: '/operations/distributions' }]}
        status={<DistributionStateDot state={run.state} />}
        actions={<RunActions run={run} />}
      />
      <div className="flex flex-col gap-6">
        <Overall run={run} />
        <RunFailures run={run} />
        <RunMatrix run={run} onLog={(jobId, of) => setLog({ jobId, title: of })} />
      </div>
      <CellJob jobId={log?.jobId} title={log?.title ?? ''} onClose={() => setLog(undefined)} />
    </>
  );
}

function Overall({
  run: { counts, bytesMoved, bytesKept, state, createdAt, createdBy, endedAt },
}: {
  run: Run;
}) {
  const t = useTranslations('distributionPages.run');
  const all = cellStates.reduce((sum, each) => sum + (counts[each] ?? 0), 0);
  const over = all - (counts.waiting ?? 0) - (counts.running ?? 0);
  return (
    <div className="flex flex-col gap-4">
      {state === 'running' && (
        <Progress
          label={t('progress', { done: over, all })}
          value={over}
          max={all}
          tone={(counts.failed ?? 0) > 0 ? 'warning' : 'accent'}
        />
      )}
      <dl className="flex flex-wrap gap-x-10 gap-y-3">
        <Figure label={t('moved')} value={<ByteSize bytes={bytesMoved} />} />
        <Figure label={t('kept')} value={<ByteSize bytes={bytesKept} />} />
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
