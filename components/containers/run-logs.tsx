'use client';

import { useCallback } from 'react';
import type { TestDeployment } from '@/server/containers/schemas';
import { useTRPCClient } from '../api/trpc-provider';
import { useTextOf } from '../i18n/use-text-of';
import { WorkloadLogs, type LogSource } from '../workloads/workload-logs';
import type { WorkloadPart } from '../workloads/workload-parts';

/** The output of one container of a test deployment. */
export function RunLogs({
  run,
  parts,
  source,
  onSource,
}: {
  run: TestDeployment;
  parts: readonly WorkloadPart[];
  source: LogSource | undefined;
  onSource: (source: LogSource) => void;
}) {
  const textOf = useTextOf();
  const client = useTRPCClient();
  const deploymentId = run.id;
  const read = useCallback(
    (of: LogSource, signal: AbortSignal) =>
      client.containers.deployments.logs.query(
        { deploymentId, ...of },
        { signal, context: { streamed: true } },
      ),
    [client, deploymentId],
  );
  const refusal = run.refusals.logs;
  return (
    <WorkloadLogs
      parts={parts}
      source={source}
      onSource={onSource}
      read={read}
      refusal={refusal === null ? undefined : (textOf(refusal) ?? refusal)}
    />
  );
}
