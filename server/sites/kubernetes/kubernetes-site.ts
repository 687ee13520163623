import type { Log } from '../../log';
import { followListeners } from '../follow';
import type { WorkloadSite } from '../site';
import { absenceMs as usualAbsenceMs, throughAbsence } from './absence';
import { readCapacity } from './capacity';
import { deployTo } from './deploy';
import { readEvents } from './events';
import { imageCache } from './images';
import { ofWorkload } from './labels';
import type { KubernetesAccess } from './login';
import { standOf } from './lost-nodes';
import { findNamespace, removeNamespaces, requireNamespace } from './namespaces';
import { resourcesOf } from './resources';
import { nodeAddress, readSnapshot } from './snapshot';
import { watchPods } from './watch';
import { openCluster } from './wire';

export interface KubernetesSiteOptions {
  id: string;
  name: string;
  access: KubernetesAccess;
  log: Pick<Log, 'warn'>;
  /** How long its API may be away in the middle of something before that fails; milliseconds. */
  absenceMs?: number | undefined;
}

/**
 * A Kubernetes cluster as a site: a workload is a namespace that carries its id, with all that is in it. Nothing of it
 * is kept here, so that another process finds the same.
 */
export function openKubernetesSite({
  id,
  name,
  access,
  log,
  absenceMs = usualAbsenceMs,
}: KubernetesSiteOptions): WorkloadSite {
  const cluster = openCluster(access);
  const resources = resourcesOf(cluster);
  const { publicHost } = access.login;
  const { told, doors } = followListeners(id, log);
  const watch = watchPods(cluster, told);
  return {
    id,
    kind: 'kubernetes',
    name,
    imageCache: imageCache(cluster, absenceMs),
    capacity: ({ signal }) => readCapacity(cluster, signal),
    workloads: {
      deploy: (spec, call) => deployTo(cluster, { resources, publicHost, absenceMs }, spec, call),
      async status(workloadId, { signal }) {
        const namespace = (await findNamespace(cluster, workloadId, signal))?.metadata?.name;
        if (namespace === undefined) return undefined;
        const seen = await readSnapshot(cluster, namespace, signal);
        return standOf(cluster, seen, publicHost || (await nodeAddress(cluster, signal)), signal);
      },
      async events(workloadId, { signal }) {
        const namespace = (await findNamespace(cluster, workloadId, signal))?.metadata?.name;
        return namespace === undefined ? [] : readEvents(cluster, namespace, signal);
      },
      async *logs(workloadId, part, container, { tailLines, follow, signal }) {
        const namespace = await requireNamespace(cluster, workloadId, signal);
        const path = `/api/v1/namespaces/${namespace}/pods/${encodeURIComponent(part)}/log`;
        yield* cluster.lines({ path, query: { container, tailLines, follow: follow === true }, signal });
      },
      remove: (workloadId, { signal, report }) =>
        removeNamespaces(throughAbsence(cluster, absenceMs, report), ofWorkload(workloadId), signal),
    },
    async open() {
      await cluster.ask({ path: '/version' });
      watch.start();
    },
    close: async () => {
      await watch.stop();
      await cluster.close();
    },
    ...doors,
  };
}
