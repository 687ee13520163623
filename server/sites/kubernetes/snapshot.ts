/** Everything of a workload's namespace that tells how it stands, as it is now. */
import type {
  KubernetesListObject,
  KubernetesObject,
  V1DaemonSet,
  V1Deployment,
  V1Ingress,
  V1Job,
  V1Node,
  V1Pod,
  V1ReplicaSet,
  V1Service,
  V1StatefulSet,
} from '@kubernetes/client-node';
import type { Cluster } from './wire';

export interface Snapshot {
  deployments: V1Deployment[];
  replicaSets: V1ReplicaSet[];
  statefulSets: V1StatefulSet[];
  daemonSets: V1DaemonSet[];
  jobs: V1Job[];
  pods: V1Pod[];
  services: V1Service[];
  ingresses: V1Ingress[];
}

/** Lists what is in a namespace. */
export async function readSnapshot(
  cluster: Cluster,
  namespace: string,
  signal: AbortSignal | undefined,
): Promise<Snapshot> {
  const list = async <T extends KubernetesObject>(root: string, plural: string): Promise<T[]> => {
    const path = `${root}/namespaces/${namespace}/${plural}`;
    return (await cluster.find<KubernetesListObject<T>>({ path, signal }))?.items ?? [];
  };
  const apps = '/apis/apps/v1';
  const [deployments, replicaSets, statefulSets, daemonSets, jobs, pods, services, ingresses] =
    await Promise.all([
      list<V1Deployment>(apps, 'deployments'),
      list<V1ReplicaSet>(apps, 'replicasets'),
      list<V1StatefulSet>(apps, 'statefulsets'),
      list<V1DaemonSet>(apps, 'daemonsets'),
      list<V1Job>('/apis/batch/v1', 'jobs'),
      list<V1Pod>('/api/v1', 'pods'),
      list<V1Service>('/api/v1', 'services'),
      list<V1Ingress>('/apis/networking.k8s.io/v1', 'ingresses'),
    ]);
  return { deployments, replicaSets, statefulSets, daemonSets, jobs, pods, services, ingresses };
}

/** An address at which NodePorts are reached: an external one of a node that is ready, else an internal one. */
export async function nodeAddress(
  cluster: Cluster,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const nodes = await cluster.ask<KubernetesListObject<V1Node>>({ path: '/api/v1/nodes', signal });
  const addresses = nodes.items.filter(isReady).flatMap(({ status }) => status?.addresses ?? []);
  const of = (type: string) => addresses.find((each) => each.type === type)?.address;
  return of('ExternalIP') ?? of('InternalIP');
}

export function isReady({ status }: V1Node): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;
}
