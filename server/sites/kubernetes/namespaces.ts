/** The namespace of a workload: made for it, found by its label, removed with all that is in it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { V1Namespace, V1NamespaceList, V1PodList } from '@kubernetes/client-node';
import { Problem } from '../../problem';
import { labels, ofWorkload } from './labels';
import { lostAfterMs as usualLostAfterMs, whyAway } from './lost-nodes';
import type { Cluster } from './wire';

const path = '/api/v1/namespaces';
const lookMs = 500;
/** Every so many looks at a namespace that goes its pods are looked at, too. */
const looksOfPods = 4;

/** @returns the workload's namespace; undefined when there is none, or it is going */
export async function findNamespace(
  cluster: Cluster,
  workloadId: string,
  signal: AbortSignal | undefined,
): Promise<V1Namespace | undefined> {
  const { items } = await cluster.ask<V1NamespaceList>({
    path,
    query: { labelSelector: ofWorkload(workloadId) },
    signal,
  });
  return items.find(({ metadata }) => metadata?.deletionTimestamp === undefined);
}

/** Name of a workload's namespace. @throws Problem `not_found` */
export async function requireNamespace(
  cluster: Cluster,
  workloadId: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const name = (await findNamespace(cluster, workloadId, signal))?.metadata?.name;
  if (name === undefined) throw new Problem('not_found', 'workloads.errors.noWorkload');
  return name;
}

/**
 * Makes the namespace that is not there, and waits until pods can be made in it.
 *
 * @throws Problem `conflict` for a namespace of this name that is somebody else's
 */
export async function ensureNamespace(
  cluster: Cluster,
  name: string,
  mark: Record<string, string>,
  signal: AbortSignal | undefined,
): Promise<V1Namespace> {
  const found = await withoutLeaving(cluster, name, signal);
  for (const [label, value] of Object.entries(mark)) {
    if (found && found.metadata?.labels?.[label] !== value) {
      throw new Problem('conflict', 'workloads.errors.namespaceTaken', { name });
    }
  }
  const namespace =
    found ??
    (await cluster.ask<V1Namespace>({
      method: 'POST',
      path,
      body: {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name, labels: { ...mark, [labels.managedBy]: 'edgeyard' } },
      },
      signal,
    }));
  // Pods of a namespace without its service account are refused; a controller makes it a moment later.
  const account = `${path}/${name}/serviceaccounts/default`;
  const deadline = Date.now() + 30_000;
  while (!(await cluster.find({ path: account, signal })) && Date.now() < deadline) await wait(signal);
  return namespace;
}

/** The namespace as it is once an earlier one of its name is gone. */
async function withoutLeaving(
  cluster: Cluster,
  name: string,
  signal: AbortSignal | undefined,
): Promise<V1Namespace | undefined> {
  for (;;) {
    const found = await cluster.find<V1Namespace>({ path: `${path}/${name}`, signal });
    if (found?.metadata?.deletionTimestamp === undefined) return found;
    await wait(signal);
  }
}

/**
 * Removes every namespace with these labels, and waits until they are gone.
 *
 * @param how.lostAfterMs how long a node may be away before its pods are let go of
 * @param how.everyMs between two looks
 * @param how.clock milliseconds since 1970
 */
export async function removeNamespaces(
  cluster: Cluster,
  labelSelector: string,
  signal: AbortSignal | undefined,
  how: { lostAfterMs?: number; everyMs?: number; clock?: () => number } = {},
): Promise<void> {
  const { lostAfterMs = usualLostAfterMs, everyMs = lookMs, clock = Date.now } = how;
  const away: AwayNodes['away'] = new Map();
  for (let looks = 1; ; looks += 1) {
    const { items } = await cluster.ask<V1NamespaceList>({ path, query: { labelSelector }, signal });
    if (items.length === 0) return;
    const going: string[] = [];
    for (const { metadata } of items) {
      const at = `${path}/${metadata?.name ?? ''}`;
      if (metadata?.deletionTimestamp === undefined)
        await cluster.find({ method: 'DELETE', path: at, signal });
      else going.push(at);
    }
    if (looks % looksOfPods === 0) {
      const now = clock();
      await letGoOfLost(cluster, going, { away, now, since: now - lostAfterMs }, signal);
    }
    await wait(signal, everyMs);
  }
}

/** What is known of nodes that do not answer. Times are milliseconds since 1970. */
interface AwayNodes {
  /** Since when each is seen so, by its name. */
  away: Map<string, number>;
  now: number;
  /** One that is away since then, or longer, is not waited for. */
  since: number;
}

/**
 * Takes pods out of the list whose node cannot say that they ended: a namespace would wait for that until the node is
 * back. Its kubelet then ends what the list does not have. A node that restarts is waited for: until its kubelet knows
 * of the end, what it runs goes on.
 */
async function letGoOfLost(
  cluster: Cluster,
  namespaces: readonly string[],
  { away, now, since }: AwayNodes,
  signal: AbortSignal | undefined,
): Promise<void> {
  const pods: { at: string; node: string }[] = [];
  for (const namespace of namespaces) {
    const found = await cluster.find<V1PodList>({ path: `${namespace}/pods`, signal });
    for (const { metadata, spec } of found?.items ?? []) {
      if (metadata?.deletionTimestamp === undefined || spec?.nodeName === undefined) continue;
      pods.push({ at: `${namespace}/pods/${metadata.name ?? ''}`, node: spec.nodeName });
    }
  }
  for (const node of new Set(pods.map((pod) => pod.node))) {
    if ((await whyAway(cluster, node, signal)) === undefined) away.delete(node);
    else if (!away.has(node)) away.set(node, now);
  }
  const query = { gracePeriodSeconds: 0 };
  for (const { at, node } of pods) {
    if ((away.get(node) ?? Number.POSITIVE_INFINITY) > since) continue;
    await cluster.find({ method: 'DELETE', path: at, query, signal });
  }
}

async function wait(signal: AbortSignal | undefined, ms = lookMs): Promise<void> {
  await pause(ms, undefined, signal ? { signal } : {});
}
