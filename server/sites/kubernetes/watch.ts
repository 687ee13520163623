/** Follows the pods of our workloads in a cluster, and notices when it stops answering. */
import { setTimeout as pause } from 'node:timers/promises';
import type { KubernetesListObject, V1Pod } from '@kubernetes/client-node';
import { asProblem, type Problem } from '../../problem';
import { labels } from './labels';
import type { Cluster } from './wire';

interface Listener {
  changed(workloadId: string): void;
  /** With the reason when it stops answering, with undefined when it answers again. */
  trouble(problem: Problem | undefined): void;
}

/** Milliseconds before a watch that broke is opened anew; doubled for each further time. */
const firstRetryMs = 1_000;
const maxRetryMs = 30_000;
/** Seconds after which the server ends a watch by itself, so that a dead connection is found. */
const watchSeconds = 240;

export function watchPods(cluster: Cluster, listener: Listener): { start(): void; stop(): Promise<void> } {
  const ending = new AbortController();
  let running: Promise<void> | undefined;
  const run = async () => {
    let tries = 0;
    let inTrouble = false;
    while (!ending.signal.aborted) {
      try {
        await watchOnce(cluster, ending.signal, listener, () => {
          tries = 0;
          if (inTrouble) listener.trouble(undefined);
          inTrouble = false;
        });
        continue;
      } catch (error) {
        if (ending.signal.aborted) return;
        const problem = asProblem(error);
        // A login that may not list pods of all namespaces can still deploy; and one break may be a restart.
        if (tries > 0 && !inTrouble && problem.key !== 'workloads.errors.clusterForbids') {
          inTrouble = true;
          listener.trouble(problem);
        }
      }
      const waitMs = Math.min(maxRetryMs, firstRetryMs * 2 ** tries++);
      await pause(waitMs, undefined, { signal: ending.signal, ref: false }).catch(() => undefined);
    }
  };
  return {
    start: () => {
      running ??= run();
    },
    stop: async () => {
      ending.abort();
      await running;
    },
  };
}

async function watchOnce(
  cluster: Cluster,
  signal: AbortSignal,
  listener: Listener,
  opened: () => void,
): Promise<void> {
  const path = '/api/v1/pods';
  const labelSelector = labels.workload;
  const list = await cluster.ask<KubernetesListObject<V1Pod>>({
    path,
    query: { labelSelector, limit: 1 },
    signal,
  });
  opened();
  const query = {
    labelSelector,
    watch: true,
    timeoutSeconds: watchSeconds,
    resourceVersion: list.metadata?.resourceVersion,
  };
  for await (const line of cluster.lines({ path, query, signal })) {
    const event = JSON.parse(line) as { type: string; object: V1Pod };
    // The version is too old to go on from: the next list has a new one.
    if (event.type === 'ERROR') return;
    const id = event.object.metadata?.labels?.[labels.workload];
    if (id !== undefined) listener.changed(id);
  }
}
