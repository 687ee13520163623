'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { TestDeployment } from '@/server/containers/schemas';
import { useTRPC } from '../api/trpc-provider';
import { useTextOf } from '../i18n/use-text-of';
import { JobProgress } from '../jobs/job-progress';
import { Card } from '../ui/card';
import { Digest } from '../ui/digest';
import { ErrorState } from '../ui/error-state';
import { KeyValueList } from '../ui/key-value';
import { PageHeader } from '../ui/page-header';
import { RelativeTime } from '../ui/relative-time';
import { SkeletonPage } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { Endpoints } from '../workloads/endpoints';
import type { LogSource } from '../workloads/workload-logs';
import { WorkloadParts } from '../workloads/workload-parts';
import { RunActions } from './run-actions';
import { RunEvents } from './run-events';
import { RunLogs } from './run-logs';
import { RunStateDot } from './run-state';

/** A test deployment as its site tells of it: parts, addresses, events and logs. */
export function RunPage({
  projectId,
  projectName,
  runId,
}: {
  projectId: string;
  projectName: string;
  runId: string;
}) {
  const t = useTranslations('containerPages.run');
  const trpc = useTRPC();
  const query = useQuery(trpc.containers.deployments.get.queryOptions({ deploymentId: runId }));
  const project = `/projects/${projectId}`;
  return (
    <QueryView query={query} pending={<SkeletonPage label={t('loading')} />}>
      {(run) => (
        <>
          <PageHeader
            title={run.name}
            crumbs={[
              { label: projectName, href: project },
              { label: t('crumb'), href: `${project}/runs` },
            ]}
            status={<RunStateDot state={run.state} />}
            description={t('at', { site: run.siteName })}
            actions={<RunActions run={run} />}
          />
          <Run run={run} />
        </>
      )}
    </QueryView>
  );
}

function Run({ run }: { run: TestDeployment }) {
  const t = useTranslations('containerPages.run');
  const textOf = useTextOf();
  const [source, setSource] = useState<LogSource>();
  const parts = run.status?.parts ?? [];
  const refusal = run.refusals.logs;
  const busy = run.state === 'deploying' || run.state === 'removing';
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="flex min-w-0 flex-col gap-6">
        {run.jobId !== null && busy && <JobProgress jobId={run.jobId} />}
        {run.error !== null && !busy && <ErrorState problem={run.error} compact />}
        <Card title={t('parts')}>
          {parts.length === 0 ? (
            <p className="text-text-muted">{t(busy ? 'noPartsYet' : 'noParts')}</p>
          ) : (
            <WorkloadParts
              parts={parts}
              chosen={source}
              onLogs={setSource}
              logsRefusal={refusal === null ? undefined : (textOf(refusal) ?? refusal)}
            />
          )}
        </Card>
        <RunLogs run={run} parts={parts} source={source} onSource={setSource} />
        <RunEvents runId={run.id} />
      </div>
      <div className="flex min-w-0 flex-col gap-6">
        <Card title={t('endpoints')}>
          {(run.status?.endpoints.length ?? 0) === 0 ? (
            <p className="text-text-muted">{t('noEndpoints')}</p>
          ) : (
            <Endpoints endpoints={run.status?.endpoints ?? []} />
          )}
        </Card>
        <Card title={t('images')} description={t('imagesText')}>
          <ul className="divide-border -my-2 divide-y">
            {run.images.map(({ name, digest }) => (
              <li key={`${name} ${digest}`} className="flex flex-col gap-0.5 py-2">
                <span className="font-mono text-[0.8125rem] break-all">{name}</span>
                <Digest value={digest} />
              </li>
            ))}
          </ul>
        </Card>
        <Card title={t('facts')}>
          <KeyValueList
            items={[
              { label: t('site'), value: run.siteName },
              { label: t('started'), value: <RelativeTime at={run.createdAt} /> },
              { label: t('changed'), value: <RelativeTime at={run.updatedAt} /> },
            ]}
          />
        </Card>
      </div>
    </div>
  );
}
