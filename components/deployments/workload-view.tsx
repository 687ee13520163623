'use client';

import { useTranslations } from 'next-intl';
import { useCallback, useState } from 'react';
import { deploymentRefusal } from '@/server/operations/deployments/deployment-gates';
import type { Deployment } from '@/server/operations/deployments/schemas';
import { useTRPCClient } from '../api/trpc-provider';
import { Card } from '../ui/card';
import { Endpoints } from '../workloads/endpoints';
import { WorkloadLogs, type LogSource } from '../workloads/workload-logs';
import { WorkloadParts } from '../workloads/workload-parts';

/** The containers of a deployment: where they can be reached, how each stands, and what it writes. */
export function WorkloadView({ deployment }: { deployment: Deployment }) {
  const t = useTranslations('deploymentPages.view');
  const words = useTranslations();
  const client = useTRPCClient();
  const [source, setSource] = useState<LogSource>();
  const { id, name, parts, endpoints, state } = deployment;
  const read = useCallback(
    (of: LogSource, signal: AbortSignal) =>
      client.deployments.logs.query({ deploymentId: id, ...of }, { signal, context: { streamed: true } }),
    [client, id],
  );
  const gate = deploymentRefusal('logs', state);
  const refusal = gate === null ? undefined : words(gate, { name });
  const starting = state === 'creating' || state === 'changing';
  return (
    <>
      <Card title={t('endpoints')}>
        {endpoints.length === 0 ? (
          <p className="text-text-muted">{t(starting ? 'noEndpointsYet' : 'noEndpoints')}</p>
        ) : (
          <Endpoints endpoints={endpoints} />
        )}
      </Card>
      <Card title={t('parts')}>
        {parts.length === 0 ? (
          <p className="text-text-muted">{t(starting ? 'noPartsYet' : 'noParts')}</p>
        ) : (
          <WorkloadParts parts={parts} chosen={source} onLogs={setSource} logsRefusal={refusal} />
        )}
      </Card>
      <WorkloadLogs parts={parts} source={source} onSource={setSource} read={read} refusal={refusal} />
    </>
  );
}
