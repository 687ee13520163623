/** Images on a cluster's nodes: which they say they hold, and having them fetch more. */
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { KubernetesListObject, V1DaemonSet, V1Node, V1Pod } from '@kubernetes/client-node';
import { Problem } from '../../problem';
import type { Call, SiteEvent } from '../site';
import { pullSecretName, type ImageCache, type PullAccess } from '../workloads';
import { isAway, throughAbsence } from './absence';
import { pullFault } from './events';
import { imageProblem } from './failures';
import { ensureNamespace, removeNamespaces } from './namespaces';
import { pullSecretOf } from './prepare';
import { isReady } from './snapshot';
import type { Cluster } from './wire';

/** A kubelet names only so many of its images unless told otherwise (`nodeStatusMaxImages`), the biggest first. */
const listedAtMost = 50;
/** A kubelet looks at its images every half minute and tells of them some seconds later; more on a busy machine. */
const listedAfterMs = 120_000;
const pullLabel = 'edgeyard.io/pull';
const lookMs = 1_000;
/** How long the removal of what a pull made may take. */
const cleanUpMs = 60_000;

type PullCall = Call & {
  report?: (event: SiteEvent) => void;
  progress?: (done: number, total: number) => void;
};

/**
 * The images of a cluster's nodes as the port has them.
 *
 * @param absenceMs how long its API may be away in the middle of a pull; milliseconds
 */
export function imageCache(cluster: Cluster, absenceMs: number): ImageCache {
  return {
    async held({ signal }) {
      const { items } = await cluster.ask<KubernetesListObject<V1Node>>({ path: '/api/v1/nodes', signal });
      const nodes = items.filter(isReady);
      const counts = new Map<string, number>();
      for (const { status } of nodes) {
        const names = (status?.images ?? []).flatMap((image) => image.names ?? []);
        const digests = new Set(names.flatMap((name) => name.split('@')[1] ?? []));
        for (const digest of digests) counts.set(digest, (counts.get(digest) ?? 0) + 1);
      }
      return {
        digests: [...counts].map(([digest, count]) => ({ digest, nodes: count })),
        complete: nodes.every(({ status }) => (status?.images ?? []).length !== listedAtMost),
        nodes: nodes.length,
        lateMs: listedAfterMs,
      };
    },
    pull: (images, pull, call) => pullEverywhere(cluster, absenceMs, images, pull, call),
  };
}

/**
 * Has every node fetch images, by a daemon set in a namespace of its own. Its containers are of the images themselves,
 * with a command that none of them has: a kubelet fetches an image before it finds out, so that this needs no shell in
 * the image and no image of ours, and nothing of the image runs.
 */
async function pullEverywhere(
  asked: Cluster,
  absenceMs: number,
  images: readonly string[],
  pull: PullAccess | undefined,
  call: PullCall,
): Promise<void> {
  if (images.length === 0) return;
  const { signal } = call;
  const key = createHash('sha256').update(images.join('\n')).digest('hex').slice(0, 12);
  const namespace = `edgeyard-pull-${key}`;
  const mark = { [pullLabel]: key };
  await ensureNamespace(asked, namespace, mark, signal);
  // From here on something is there, and every request may be sent twice.
  const cluster = throughAbsence(asked, absenceMs, call.report);
  // Also when it was cancelled; the signal that ended it must not end this.
  const cleanUp = () =>
    // Nothing of a pull does anything on a node that is away, so none is waited for.
    removeNamespaces(cluster, `${pullLabel}=${key}`, AbortSignal.timeout(absenceMs + cleanUpMs), {
      lostAfterMs: 0,
    });
  try {
    const root = `/api/v1/namespaces/${namespace}/secrets`;
    for (const secret of pullSecretOf(pull)) {
      const path = `${root}/${secret.metadata.name}`;
      await write(cluster, path, secret, signal);
    }
    const path = `/apis/apps/v1/namespaces/${namespace}/daemonsets/pull`;
    await write(cluster, path, daemonSetOf(images, pull), signal);
    await untilPulled(cluster, namespace, images, call);
  } catch (error) {
    // Why it failed is what matters. What stays of it is found by the next pull of the same images.
    await cleanUp().catch((left: unknown) => {
      if (isAway(left)) call.report?.({ event: 'pullLeft', params: { namespace }, detail: left.detail });
    });
    throw error;
  }
  await cleanUp();
}

async function write(
  cluster: Cluster,
  path: string,
  body: unknown,
  signal: AbortSignal | undefined,
): Promise<void> {
  const query = { fieldManager: 'edgeyard', force: true };
  await cluster.ask({ method: 'PATCH', path, query, type: 'application/apply-patch+yaml', body, signal });
}

function daemonSetOf(images: readonly string[], pull: PullAccess | undefined): V1DaemonSet {
  const labels = { app: 'edgeyard-pull' };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'pull' },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          tolerations: [{ operator: 'Exists' }],
          terminationGracePeriodSeconds: 0,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          ...(pull?.login && { imagePullSecrets: [{ name: pullSecretName }] }),
          // What the strictest pod security standard asks for, which a cluster may enforce.
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65_534,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: images.map((image, index) => ({
            name: `image-${index}`,
            image,
            imagePullPolicy: 'IfNotPresent',
            command: ['/.edgeyard/only-pulled'],
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          })),
        },
      },
    },
  };
}

async function untilPulled(
  cluster: Cluster,
  namespace: string,
  images: readonly string[],
  call: PullCall,
): Promise<void> {
  const { signal } = call;
  let done = -1;
  let told = '';
  for (;;) {
    const set = await cluster.ask<V1DaemonSet>({
      path: `/apis/apps/v1/namespaces/${namespace}/daemonsets/pull`,
      signal,
    });
    const pods = await cluster.ask<KubernetesListObject<V1Pod>>({
      path: `/api/v1/namespaces/${namespace}/pods`,
      signal,
    });
    const nodes = await cluster.ask<KubernetesListObject<V1Node>>({ path: '/api/v1/nodes', signal });
    const ready = new Set(nodes.items.filter(isReady).flatMap(({ metadata }) => metadata?.name ?? []));
    if (nodes.items.length > 0 && ready.size === 0)
      throw new Problem('unavailable', 'workloads.errors.noNodes', { at: cluster.at });
    // A node that died would be waited for until somebody mends it; it is not asked what it holds, either.
    const leftOut = pods.items.flatMap(({ spec }) =>
      spec?.nodeName !== undefined && !ready.has(spec.nodeName) ? [spec.nodeName] : [],
    );
    if (leftOut.length > 0 && leftOut.join() !== told) {
      told = leftOut.join();
      call.report?.({ event: 'nodesLeftOut', params: { count: leftOut.length, nodes: leftOut.join(', ') } });
    }
    const scheduled =
      set.status?.observedGeneration === undefined ? undefined : set.status.desiredNumberScheduled;
    const wanted = scheduled === undefined ? undefined : scheduled - leftOut.length;
    const atWork = pods.items.filter(({ spec }) => ready.has(spec?.nodeName ?? ''));
    const pulled = atWork.map((pod) => pulledOf(pod, images).length);
    const now = pulled.reduce((sum, count) => sum + count, 0);
    if (now !== done && wanted !== undefined && wanted > 0) {
      done = now;
      call.progress?.(done, wanted * images.length);
    }
    for (const pod of atWork) {
      const fault = await pullFault(cluster, namespace, pod, signal);
      if (fault) throw imageProblem(pod.spec?.nodeName ?? '', fault.image, fault.words);
    }
    if (
      wanted !== undefined &&
      wanted > 0 &&
      pulled.filter((count) => count === images.length).length >= wanted
    ) {
      call.report?.({ event: 'imagesOnNodes', params: { images: images.length, nodes: wanted } });
      return;
    }
    await pause(lookMs, undefined, signal ? { signal } : {});
  }
}

/** The images a pod's node holds by now, proved by their digests. */
function pulledOf({ status, spec }: V1Pod, images: readonly string[]): string[] {
  return images.filter((image) => {
    const name = spec?.containers.find((each) => each.image === image)?.name;
    const seen = status?.containerStatuses?.find((each) => each.name === name);
    const reason = seen?.state?.waiting?.reason ?? '';
    // It got as far as starting what is not in it: the kubelet has the image.
    const tried =
      seen?.state?.terminated ??
      seen?.lastState?.terminated ??
      /^(RunContainerError|CreateContainerError|CrashLoopBackOff)$/.test(reason);
    const digest = image.split('@')[1];
    return (
      seen !== undefined &&
      Boolean(tried) &&
      (digest === undefined || seen.imageID === '' || seen.imageID.endsWith(digest))
    );
  });
}
