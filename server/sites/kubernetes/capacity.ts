/** What a cluster's nodes have, and what the pods on them have asked for. */
import { setMaxListeners } from 'node:events';
import type { KubernetesListObject, V1Container, V1Node, V1Pod } from '@kubernetes/client-node';
import type { WorkloadCapacity, WorkloadNode } from '../workloads';
import { amountOf } from '../quantity';
import { isReady } from './snapshot';
import type { Cluster } from './wire';

const mib = 1024 ** 2;
const gib = 1024 ** 3;
/** How long a node's kubelet may take to tell of its disk; of one that does not, the rest is told without. */
const summaryLimitMs = 5_000;
/** Kubelets asked at once. */
const summariesAtOnce = 8;

/** Of the kubelet's `stats/v1alpha1` summary, what is of the disk that images are on. */
interface Summary {
  node?: { fs?: Disk; runtime?: { imageFs?: Disk } };
}
interface Disk {
  availableBytes?: number;
  capacityBytes?: number;
}

/**
 * Reads nodes and pods in one list each, and of every ready node its disk from its kubelet, where the login may ask it.
 *
 * @returns totals are what pods may have (`allocatable`), not what the machine has
 * @throws Problem of the cluster, `forbidden` where the login may not list nodes or pods
 */
export async function readCapacity(
  cluster: Cluster,
  signal: AbortSignal | undefined,
): Promise<WorkloadCapacity> {
  const [nodes, pods] = await Promise.all([
    cluster.ask<KubernetesListObject<V1Node>>({ path: '/api/v1/nodes', signal }),
    cluster.ask<KubernetesListObject<V1Pod>>({
      path: '/api/v1/pods',
      // What has ended holds nothing any more.
      query: { fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed,spec.nodeName!=' },
      signal,
    }),
  ]);
  const names = nodes.items.filter(isReady).flatMap(({ metadata }) => metadata?.name ?? []);
  const disks = await readDisks(cluster, names, signal);
  return {
    nodes: nodes.items.map((node) => {
      const name = node.metadata?.name ?? '';
      const here = pods.items.filter(({ spec }) => spec?.nodeName === name);
      return nodeOf(name, node, here, disks.get(name));
    }),
  };
}

function nodeOf(name: string, node: V1Node, pods: readonly V1Pod[], disk: Disk | undefined): WorkloadNode {
  const { allocatable, conditions } = node.status ?? {};
  const asked = pods.map(requestsOf);
  const sum = (of: 'cpu' | 'memory') => asked.reduce((total, each) => total + each[of], 0);
  const ready = isReady(node);
  const why = conditions?.find(({ type }) => type === 'Ready');
  return {
    name,
    ready,
    reason: ready ? '' : [why?.reason, why?.message].filter(Boolean).join(': '),
    cpus: rounded(amountOf(allocatable?.cpu)),
    memoryMiB: Math.floor(amountOf(allocatable?.memory) / mib),
    usedCpus: rounded(sum('cpu')),
    usedMemoryMiB: Math.ceil(sum('memory') / mib),
    diskGiB: disk?.capacityBytes === undefined ? undefined : rounded(disk.capacityBytes / gib),
    freeDiskGiB: disk?.availableBytes === undefined ? undefined : rounded(disk.availableBytes / gib),
  };
}

/** As the scheduler counts: all containers together, or the greediest of those that run before them. */
function requestsOf({ spec }: V1Pod): { cpu: number; memory: number } {
  const of = (what: 'cpu' | 'memory') => {
    const requests = ({ resources }: V1Container) => amountOf(resources?.requests?.[what]);
    const together = (spec?.containers ?? []).reduce((total, each) => total + requests(each), 0);
    const before = Math.max(0, ...(spec?.initContainers ?? []).map(requests));
    return Math.max(together, before) + amountOf(spec?.overhead?.[what]);
  };
  return { cpu: of('cpu'), memory: of('memory') };
}

async function readDisks(
  cluster: Cluster,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Map<string, Disk>> {
  const disks = new Map<string, Disk>();
  const left = [...names];
  const limit = AbortSignal.timeout(summaryLimitMs);
  const either = signal ? AbortSignal.any([signal, limit]) : limit;
  setMaxListeners(summariesAtOnce + 1, either);
  const work = async () => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      const path = `/api/v1/nodes/${encodeURIComponent(name)}/proxy/stats/summary`;
      try {
        const { node } = await cluster.ask<Summary>({ path, signal: either });
        const disk = node?.runtime?.imageFs ?? node?.fs;
        if (disk) disks.set(name, disk);
      } catch {
        // Kubelets are asked through the API server, which few logins may: the disk is then unknown.
        signal?.throwIfAborted();
      }
    }
  };
  await Promise.all(Array.from({ length: summariesAtOnce }, work));
  return disks;
}

function rounded(number: number): number {
  return Math.round(number * 100) / 100;
}
