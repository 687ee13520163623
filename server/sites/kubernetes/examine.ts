/** The test of a connection to a cluster, light by light. */
import type {
  KubernetesListObject,
  V1Node,
  V1SelfSubjectAccessReview,
  VersionInfo,
} from '@kubernetes/client-node';
import { setMaxListeners } from 'node:events';
import { lookAtCertificate, lookAtName, lookAtPort, targetOf, timed, type Seen } from '../examine-way';
import { kubernetesLights, type Light } from '../schemas';
import { wireProblem } from '../wire-faults';
import type { KubernetesAccess } from './login';
import { isReady } from './snapshot';
import { openCluster, type Cluster } from './wire';

/** Minor versions of Kubernetes 1 that this is tried on, and written for. */
const oldest = 20;
const newest = 34;

/** What deploying asks of a cluster; each as `kubectl auth can-i` names it. */
const needed = [
  { verb: 'create', resource: 'namespaces' },
  { verb: 'delete', resource: 'namespaces' },
  { verb: 'list', resource: 'namespaces' },
  { verb: 'list', resource: 'nodes' },
  { verb: 'watch', resource: 'pods' },
  { verb: 'get', resource: 'pods', subresource: 'log' },
  { verb: 'list', resource: 'events' },
  { verb: 'patch', resource: 'secrets' },
  { verb: 'patch', resource: 'configmaps' },
  { verb: 'patch', resource: 'services' },
  { verb: 'patch', resource: 'deployments', group: 'apps' },
  { verb: 'patch', resource: 'statefulsets', group: 'apps' },
  { verb: 'patch', resource: 'daemonsets', group: 'apps' },
  { verb: 'patch', resource: 'jobs', group: 'batch' },
];

/**
 * Looks at everything between here and the use of a cluster, and changes nothing. What depends on a light that failed is
 * skipped.
 *
 * @param access the login to try, with its secret, which no light shows
 * @param signal ends it
 * @throws only the signal's reason: what fails is a light
 */
export async function* examineCluster(access: KubernetesAccess, signal?: AbortSignal): AsyncGenerator<Light> {
  const cluster = openCluster(access);
  const ending = new AbortController();
  const either = signal ? AbortSignal.any([signal, ending.signal]) : ending.signal;
  // The questions about rights go out together.
  setMaxListeners(needed.length + 10, either);
  const target = targetOf(access.login.server, (error) => wireProblem(error, cluster.at) ?? error);
  const looks: Record<(typeof kubernetesLights)[number], () => Promise<Seen>> = {
    dns: () => lookAtName(target, either),
    tcp: () => lookAtPort(target, either),
    tls: () => lookAtCertificate(target, cluster.tls(), either),
    login: () => lookAtLogin(cluster, access, either),
    version: () => lookAtVersion(cluster, either),
    rights: () => lookAtRights(cluster, either),
    nodes: () => lookAtNodes(cluster, either),
  };
  try {
    let failed = false;
    for (const name of kubernetesLights) {
      if (failed)
        yield { light: name, state: 'skipped', ms: 0, says: 'workloads.lights.skipped', params: {} };
      else {
        const light = await timed(name, either, looks[name]);
        yield light;
        // Rights that are missing hide neither what is there.
        failed = light.state === 'failed' && name !== 'rights';
      }
    }
  } finally {
    ending.abort();
    await cluster.close();
  }
}

/** Whoever has signed in may ask for what it may do. */
async function lookAtLogin(
  cluster: Cluster,
  { login }: KubernetesAccess,
  signal: AbortSignal,
): Promise<Seen> {
  await may(cluster, { verb: 'list', resource: 'pods' }, signal);
  const params = { user: login.userName || '–', context: login.context || '–' };
  return { says: `workloads.lights.login.${login.method}`, params };
}

async function lookAtVersion(cluster: Cluster, signal: AbortSignal): Promise<Seen> {
  const { gitVersion, major, minor } = await cluster.ask<VersionInfo>({ path: '/version', signal });
  // Some distributions add a plus sign.
  const number = Number.parseInt(minor, 10);
  const params = { version: gitVersion, oldest: `1.${oldest}`, newest: `1.${newest}` };
  const known = major === '1' && number >= oldest && number <= newest;
  return known
    ? { says: 'workloads.lights.version', params }
    : { state: 'warn', says: 'workloads.lights.versionOther', params };
}

async function lookAtRights(cluster: Cluster, signal: AbortSignal): Promise<Seen> {
  const asked = await Promise.all(
    needed.map(async (each) => ({ each, ok: await may(cluster, each, signal) })),
  );
  const missing = asked.filter(({ ok }) => !ok).map(({ each }) => `${each.verb} ${each.resource}`);
  const params = { count: needed.length, missing: missing.join(', ') };
  if (missing.length === 0) return { says: 'workloads.lights.rights', params };
  return { state: 'failed', says: 'workloads.lights.rightsMissing', params };
}

async function may(
  cluster: Cluster,
  {
    verb,
    resource,
    subresource,
    group,
  }: { verb: string; resource: string; subresource?: string; group?: string },
  signal: AbortSignal,
): Promise<boolean> {
  const { status } = await cluster.ask<V1SelfSubjectAccessReview>({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb, resource, subresource, group: group ?? '' } },
    },
    signal,
  });
  return status?.allowed === true;
}

async function lookAtNodes(cluster: Cluster, signal: AbortSignal): Promise<Seen> {
  const { items } = await cluster.ask<KubernetesListObject<V1Node>>({ path: '/api/v1/nodes', signal });
  const ready = items.filter(isReady);
  const platforms = new Set(
    ready.map(({ status }) => `${status?.nodeInfo?.operatingSystem}/${status?.nodeInfo?.architecture}`),
  );
  const params = { ready: ready.length, all: items.length, platforms: [...platforms].join(', ') };
  if (ready.length === 0) return { state: 'failed', says: 'workloads.lights.noNodes', params };
  return { state: ready.length < items.length ? 'warn' : 'ok', says: 'workloads.lights.nodes', params };
}
