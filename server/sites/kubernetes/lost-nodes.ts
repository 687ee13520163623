/** Nodes that died under the pods of a workload. Who may not look at nodes is told nothing of them. */
import type { V1Node } from '@kubernetes/client-node';
import { isProblem, Problem } from '../../problem';
import type { SiteEvent } from '../site';
import type { WorkloadPart, WorkloadStatus } from '../workloads';
import { isOld } from './failures';
import { isReady, type Snapshot } from './snapshot';
import { statusOf } from './status';
import type { Cluster } from './wire';

/** How long a pod's node may be away; one that restarts is back by then. Milliseconds. */
export const lostAfterMs = 60_000;
const lookMs = 5_000;

/** A node that does not answer. */
interface LostNode {
  /** When it was first seen so, by our own clock: a cluster's may differ. */
  since: number;
  /** The cluster's words. */
  detail: string | undefined;
}

/** Those whose pods another node gets, once the cluster has given the node up. */
const movable = /^(Deployment|ReplicaSet|ReplicationController)\//;

/**
 * The part that a dead node keeps from coming up. Kubernetes moves a pod only after five minutes (the tolerations that
 * `DefaultTolerationSeconds` gives it), and one of a stateful or daemon set never. So much is waited for where the
 * others of its deployment serve meanwhile; where nothing does, whoever deploys is told, and may choose another edge.
 *
 * @param lost by the node's name
 * @param now milliseconds since 1970
 * @returns undefined while all may come up
 */
function lostPart(
  seen: Snapshot,
  parts: readonly WorkloadPart[],
  lost: ReadonlyMap<string, LostNode>,
  now: number,
): Problem | undefined {
  for (const { name, node, owner, state } of parts) {
    const away = node === undefined || state === 'ready' || state === 'done' ? undefined : lost.get(node);
    if (!away || node === undefined || now - away.since < lostAfterMs) continue;
    const pod = seen.pods.find(({ metadata }) => metadata?.name === name);
    if (!pod || isOld(pod, seen)) continue;
    if (movable.test(owner) && parts.some((each) => each.owner === owner && each.state === 'ready')) continue;
    const params = { part: name, node };
    return new Problem('failed', 'workloads.errors.nodeLost', params, { detail: away.detail });
  }
  return undefined;
}

/** Follows the nodes of pods that are waited for. */
interface NodeWatch {
  /** Looks, now and then. @throws Problem `failed` with the node that keeps a part from coming up */
  look(seen: Snapshot, parts: readonly WorkloadPart[], signal: AbortSignal | undefined): Promise<void>;
}

/**
 * Opens the watch.
 *
 * @param report hears of each node that is away (`nodeAway`) and back (`nodeBack`)
 * @param clock milliseconds since 1970
 */
export function watchNodes(
  cluster: Pick<Cluster, 'find'>,
  report: (event: SiteEvent) => void = () => undefined,
  clock: () => number = Date.now,
): NodeWatch {
  const lost = new Map<string, LostNode>();
  let lookedAt = 0;
  return {
    async look(seen, parts, signal) {
      const now = clock();
      if (now - lookedAt < lookMs) return;
      lookedAt = now;
      const waiting = parts.filter(({ state }) => state !== 'ready' && state !== 'done');
      const names = new Set(waiting.flatMap(({ node }) => node ?? []));
      for (const node of lost.keys()) if (!names.has(node)) lost.delete(node);
      for (const node of names) {
        const away = await whyAway(cluster, node, signal);
        if (away === undefined) {
          if (lost.delete(node)) report({ event: 'nodeBack', params: { node } });
        } else if (!lost.has(node)) {
          lost.set(node, { since: now, detail: away });
          report({ event: 'nodeAway', params: { node }, detail: away });
        }
      }
      const problem = lostPart(seen, parts, lost, now);
      if (problem) throw problem;
    },
  };
}

/**
 * How a workload stands, where a pod that goes counts as gone when its node cannot say so any more: it stays listed
 * until the node is back.
 *
 * @param host at which NodePorts are reached
 */
export async function standOf(
  cluster: Pick<Cluster, 'find'>,
  seen: Snapshot,
  host: string | undefined,
  signal: AbortSignal | undefined,
): Promise<WorkloadStatus> {
  const status = statusOf(seen, host);
  const going = seen.pods.filter(({ metadata }) => metadata?.deletionTimestamp !== undefined);
  if (status.ready || going.length === 0) return status;
  const without = statusOf({ ...seen, pods: seen.pods.filter((pod) => !going.includes(pod)) }, host);
  if (!without.ready) return status;
  for (const node of new Set(going.map(({ spec }) => spec?.nodeName ?? ''))) {
    if (node === '' || (await whyAway(cluster, node, signal)) === undefined) return status;
  }
  return without;
}

/**
 * Why a node does not answer, in the cluster's words.
 *
 * @returns undefined while it does, and where nodes may not be looked at
 */
export async function whyAway(
  cluster: Pick<Cluster, 'find'>,
  name: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    const path = `/api/v1/nodes/${encodeURIComponent(name)}`;
    const node = await cluster.find<V1Node>({ path, signal });
    // Its pods are taken away by the cluster.
    if (!node) return `${name} is no node of the cluster any more`;
    if (isReady(node)) return undefined;
    const said = node.status?.conditions?.find(({ type }) => type === 'Ready');
    return [said?.reason, said?.message].filter(Boolean).join(': ') || 'NotReady';
  } catch (error) {
    if (isProblem(error) && error.key === 'workloads.errors.clusterForbids') return undefined;
    throw error;
  }
}
