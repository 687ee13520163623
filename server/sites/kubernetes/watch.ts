/** Follows the pods of our workloads in a cluster. */
import type { KubernetesListObject, V1Pod } from '@kubernetes/client-node';
import { followSite, type Follow, type FollowListener } from '../follow';
import { labels } from './labels';
import type { Cluster } from './wire';

/** Seconds after which the server ends a watch by itself, so that a dead connection is found. */
const watchSeconds = 240;

/** A watch of our pods, opened anew whenever it ends or breaks. */
export function watchPods(cluster: Cluster, listener: FollowListener): Follow {
  return followSite(
    listener,
    (signal, opened) => watchOnce(cluster, signal, listener, opened),
    // A login that may not list pods of all namespaces can still deploy.
    ({ key }) => key === 'workloads.errors.clusterForbids',
  );
}

async function watchOnce(
  cluster: Cluster,
  signal: AbortSignal,
  listener: FollowListener,
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
