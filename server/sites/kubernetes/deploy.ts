/** Brings a cluster to what a workload says, and waits until it is up. */
import { setTimeout as pause } from 'node:timers/promises';
import type { KubernetesListObject, KubernetesObject, V1Namespace } from '@kubernetes/client-node';
import { isProblem, Problem } from '../../problem';
import type { Call, SiteEvent } from '../site';
import type { WorkloadSpec, WorkloadStatus } from '../workloads';
import { throughAbsence } from './absence';
import { pullFault } from './events';
import { failedController, failedPart, imageProblem, isOld, problemOf } from './failures';
import { kindsAnnotation, labels, ofWorkload } from './labels';
import { standOf, watchNodes } from './lost-nodes';
import { ensureNamespace } from './namespaces';
import { prepare, type Prepared } from './prepare';
import { pathOf, type Resource, type Resources } from './resources';
import { nodeAddress, readSnapshot } from './snapshot';
import type { Cluster } from './wire';

export type DeployCall = Call & {
  report?: (event: SiteEvent) => void;
  status?: (status: WorkloadStatus) => void;
};

const lookMs = 1_000;
/** Longest that a workload may take to come up where nothing says that it cannot; milliseconds. */
const patienceMs = 15 * 60_000;

/** How a site deploys: where it is reached, and how long it is waited for. */
export interface DeployWays {
  resources: Resources;
  /** At which NodePorts are reached; a node's address when empty. */
  publicHost: string;
  /** How long its API may be away once something is there; milliseconds. */
  absenceMs: number;
}

/** @throws Problem of the cluster; one that does not answer at the start is not waited for */
export async function deployTo(
  asked: Cluster,
  { resources, publicHost, absenceMs }: DeployWays,
  spec: WorkloadSpec,
  call: DeployCall,
): Promise<WorkloadStatus> {
  const { signal } = call;
  const prepared = await prepare(spec, spec.name, resources, signal);
  const namespace = await ensureNamespace(asked, spec.name, { [labels.workload]: spec.workloadId }, signal);
  // From here on something is there, and every request may be sent twice.
  const cluster = throughAbsence(asked, absenceMs, call.report);
  call.report?.({ event: 'namespaceReady', params: { name: spec.name } });
  const before = kindsOf(namespace);
  await noteKinds(cluster, spec.name, [...before, ...prepared.map(({ resource }) => resource)], signal);
  for (const each of prepared) await apply(cluster, each, call);
  await prune(cluster, spec, before, call);
  return untilReady(cluster, spec.name, publicHost, call);
}

/** Server-side apply: only what we say is ours, so that a repeat changes nothing. */
async function apply(cluster: Cluster, { object, resource }: Prepared, call: DeployCall): Promise<void> {
  const { signal } = call;
  const path = pathOf(resource, object.metadata.namespace ?? '', object.metadata.name);
  const name = `${object.kind}/${object.metadata.name}`;
  const send = () =>
    cluster.ask({
      method: 'PATCH',
      path,
      query: { fieldManager: 'edgeyard', force: true },
      type: 'application/apply-patch+yaml',
      body: object,
      signal,
    });
  try {
    await send();
  } catch (error) {
    if (!isProblem(error) || error.code !== 'invalid') throw error;
    // A finished job cannot be changed, and neither can most of a pod: those are made anew.
    const anew = object.kind === 'Job' || object.kind === 'Pod';
    if (!anew || !(await cluster.find({ path, signal }))) {
      throw new Problem(
        'invalid',
        'workloads.errors.objectRefused',
        { object: name },
        { detail: error.detail, cause: error },
      );
    }
    await remove(cluster, path, signal);
    await send();
  }
  call.report?.({ event: 'objectApplied', params: { object: name } });
}

async function remove(cluster: Cluster, path: string, signal: AbortSignal | undefined): Promise<void> {
  await cluster.find({ method: 'DELETE', path, query: { propagationPolicy: 'Foreground' }, signal });
  while (await cluster.find({ path, signal })) await pause(lookMs, undefined, signal ? { signal } : {});
}

type Kind = Pick<Resource, 'apiVersion' | 'plural'>;

function kindsOf({ metadata }: V1Namespace): Kind[] {
  try {
    return JSON.parse(metadata?.annotations?.[kindsAnnotation] ?? '[]') as Kind[];
  } catch {
    // Somebody else's words: what is there is found by the kinds of this time.
    return [];
  }
}

/** Keeps which kinds were written, before they are: what is made of them is then found whatever happens. */
async function noteKinds(
  cluster: Cluster,
  namespace: string,
  kinds: readonly Kind[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const unique = new Map(
    kinds.map(({ apiVersion, plural }) => [`${apiVersion} ${plural}`, { apiVersion, plural }]),
  );
  await cluster.ask({
    method: 'PATCH',
    path: `/api/v1/namespaces/${namespace}`,
    type: 'application/merge-patch+json',
    body: { metadata: { annotations: { [kindsAnnotation]: JSON.stringify([...unique.values()]) } } },
    signal,
  });
}

/** Removes what an earlier deployment of this workload wrote and this one did not. */
async function prune(
  cluster: Cluster,
  spec: WorkloadSpec,
  kinds: readonly Kind[],
  call: DeployCall,
): Promise<void> {
  const { signal } = call;
  const labelSelector = `${ofWorkload(spec.workloadId)},${labels.job},${labels.job}!=${spec.jobId}`;
  for (const kind of kinds) {
    const path = pathOf(kind, spec.name);
    const list = await cluster.find<KubernetesListObject<KubernetesObject>>({
      path,
      query: { labelSelector },
      signal,
    });
    for (const { metadata } of list?.items ?? []) {
      const name = metadata?.name ?? '';
      await cluster.find({
        method: 'DELETE',
        path: pathOf(kind, spec.name, name),
        query: { propagationPolicy: 'Background' },
        signal,
      });
      call.report?.({ event: 'objectRemoved', params: { object: `${kind.plural}/${name}` } });
    }
  }
}

async function untilReady(
  cluster: Cluster,
  namespace: string,
  publicHost: string,
  call: DeployCall,
): Promise<WorkloadStatus> {
  const { signal } = call;
  const host = publicHost || (await nodeAddress(cluster, signal));
  const nodes = watchNodes(cluster, call.report);
  const deadline = Date.now() + patienceMs;
  let told = '';
  for (;;) {
    const seen = await readSnapshot(cluster, namespace, signal);
    const status = await standOf(cluster, seen, host, signal);
    if (JSON.stringify(status) !== told) {
      told = JSON.stringify(status);
      call.status?.(status);
    }
    if (status.ready) {
      call.report?.({ event: 'workloadReady', params: { parts: status.parts.length } });
      return status;
    }
    const failure = failedController(seen);
    if (failure) throw failure;
    const failed = failedPart(seen, status.parts, Date.now());
    if (failed) throw problemOf(failed);
    await nodes.look(seen, status.parts, signal);
    for (const pod of seen.pods.filter((each) => !isOld(each, seen))) {
      const fault = await pullFault(cluster, namespace, pod, signal);
      if (fault) throw imageProblem(pod.metadata?.name ?? '', fault.image, fault.words);
    }
    if (Date.now() > deadline) {
      const waiting = status.parts.filter(({ state }) => state !== 'ready' && state !== 'done');
      const detail = waiting.map(({ name, reason = '', detail: words = '' }) =>
        `${name} ${reason} ${words}`.trim(),
      );
      throw new Problem(
        'failed',
        'workloads.errors.notInTime',
        { minutes: patienceMs / 60_000 },
        { detail: detail.join('\n') },
      );
    }
    await pause(lookMs, undefined, signal ? { signal } : {});
  }
}
