/** How a workload stands: its pods, whether its controllers are done, and where it is reached. */
import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import type { PartState, WorkloadPart, WorkloadStatus } from '../workloads';
import type { Snapshot } from './snapshot';

/** So many starts, and a container that waits to be started again counts as crashing. */
const crashes = 2;

/** Reasons of a waiting container that nothing but a change mends. */
const hopeless: ReadonlySet<string> = new Set([
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'CrashLoopBackOff',
]);

/** What pods of a workload are ready, and its addresses. @param host at which NodePorts are reached */
export function statusOf(seen: Snapshot, host: string | undefined): WorkloadStatus {
  const parts = seen.pods
    .filter(({ metadata }) => metadata?.deletionTimestamp === undefined)
    .map((pod) => partOf(pod, seen));
  const up = parts.every(({ state }) => state === 'ready' || state === 'done');
  return {
    parts: parts.toSorted((a, b) => a.name.localeCompare(b.name)),
    endpoints: endpointsOf(seen, host),
    ready: parts.length > 0 && up && isRolledOut(seen),
  };
}

/** Whether every controller has what it was asked for, and nothing of before is left. */
export function isRolledOut({ deployments, statefulSets, daemonSets, jobs, pods }: Snapshot): boolean {
  const current = ({
    metadata,
    status,
  }: {
    metadata?: { generation?: number };
    status?: { observedGeneration?: number };
  }) => (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
  return (
    pods.every(({ metadata }) => metadata?.deletionTimestamp === undefined) &&
    deployments.every((each) => {
      const wanted = each.spec?.replicas ?? 1;
      const { updatedReplicas = 0, availableReplicas = 0, replicas = 0 } = each.status ?? {};
      return (
        current(each) && updatedReplicas === wanted && availableReplicas === wanted && replicas === wanted
      );
    }) &&
    statefulSets.every((each) => {
      const wanted = each.spec?.replicas ?? 1;
      const { updatedReplicas = 0, readyReplicas = 0, currentRevision, updateRevision } = each.status ?? {};
      // One that is new counts no updated replicas: its current revision is the one asked for.
      const updated = updatedReplicas === wanted || currentRevision === updateRevision;
      return current(each) && updated && readyReplicas === wanted;
    }) &&
    daemonSets.every((each) => {
      const wanted = each.status?.desiredNumberScheduled ?? 0;
      const { updatedNumberScheduled = 0, numberAvailable = 0 } = each.status ?? {};
      return current(each) && updatedNumberScheduled === wanted && numberAvailable === wanted;
    }) &&
    jobs.every(({ status }) =>
      status?.conditions?.some(({ type, status: is }) => type === 'Complete' && is === 'True'),
    )
  );
}

function partOf(pod: V1Pod, seen: Snapshot): WorkloadPart {
  const stood = standing(pod);
  const { metadata, status, spec } = pod;
  return {
    name: metadata?.name ?? '',
    owner: ownerOf(pod, seen),
    ...stood,
    ...(spec?.nodeName !== undefined && { node: spec.nodeName }),
    addresses: (status?.podIPs ?? []).flatMap(({ ip }) => ip),
    containers: (spec?.containers ?? []).map(({ name, image = '' }) => {
      const of = status?.containerStatuses?.find((each) => each.name === name);
      return {
        name,
        image,
        digest: of?.imageID.split('@')[1],
        ready: of?.ready === true || of?.state?.terminated?.exitCode === 0,
        restarts: of?.restartCount ?? 0,
      };
    }),
  };
}

interface Standing {
  state: PartState;
  reason?: string;
  detail?: string;
}

function standing({ status, spec }: V1Pod): Standing {
  if (status?.phase === 'Succeeded') return { state: 'done', reason: 'Completed' };
  if (status?.phase === 'Failed')
    return told('failed', status.reason ?? 'Failed', status.message ?? endOf(status.containerStatuses));
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  for (const each of all) {
    const { waiting } = each.state ?? {};
    if (waiting?.reason === undefined) continue;
    const last = endOf([each]);
    const words = [waiting.message, last].filter(Boolean).join('; ');
    if (waiting.reason === 'CrashLoopBackOff' && each.restartCount < crashes)
      return told('starting', waiting.reason, words);
    if (hopeless.has(waiting.reason)) return told('failed', waiting.reason, words);
    if (waiting.reason === 'ErrImagePull') return told('pulling', waiting.reason, words);
  }
  const unscheduled = status?.conditions?.find(
    ({ type, status: is }) => type === 'PodScheduled' && is === 'False',
  );
  if (unscheduled) return told('waiting', unscheduled.reason ?? 'Pending', unscheduled.message);
  const ready = status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True');
  if (ready === true) return { state: 'ready' };
  const started = all.filter(({ state }) => state?.running ?? state?.terminated).length;
  const creating = all.find(({ state }) => state?.waiting?.reason === 'ContainerCreating');
  if (creating && started === 0) return { state: 'pulling', reason: 'ContainerCreating' };
  return { state: all.length === 0 && spec?.nodeName === undefined ? 'waiting' : 'starting' };
}

function told(state: PartState, reason: string, detail: string | undefined): Standing {
  return { state, reason, ...(detail !== undefined && detail !== '' && { detail }) };
}

/** How a container ended, in a word: `exit code 3, Error`. */
function endOf(statuses: readonly V1ContainerStatus[] | undefined): string | undefined {
  const ended = statuses
    ?.map(({ state, lastState }) => state?.terminated ?? lastState?.terminated)
    .find(Boolean);
  if (!ended) return undefined;
  return [`exit code ${ended.exitCode}`, ended.reason, ended.message?.trim()].filter(Boolean).join(', ');
}

/** `Deployment/web`: a replica set is only a deployment's way to its pods. */
function ownerOf({ metadata }: V1Pod, { replicaSets }: Snapshot): string {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true);
  if (!owner) return `Pod/${metadata?.name ?? ''}`;
  const set = replicaSets.find((each) => each.metadata?.uid === owner.uid);
  const above = set?.metadata?.ownerReferences?.find(({ controller }) => controller === true) ?? owner;
  return `${above.kind}/${above.name}`;
}

function endpointsOf(
  { services, ingresses }: Snapshot,
  host: string | undefined,
): { name: string; url: string }[] {
  const ofServices = services.flatMap(({ metadata, spec, status }) =>
    (spec?.ports ?? []).flatMap(({ name, port, nodePort, protocol }) => {
      const balancer = status?.loadBalancer?.ingress?.[0];
      const [at, number] = balancer ? [balancer.hostname ?? balancer.ip, port] : [host, nodePort];
      if (at === undefined || number === undefined) return [];
      const scheme =
        protocol === 'UDP' ? 'udp' : name?.startsWith('https') === true || port === 443 ? 'https' : 'http';
      const label = [metadata?.name, name].filter(Boolean).join('/');
      return [{ name: label, url: `${scheme}://${at.includes(':') ? `[${at}]` : at}:${number}` }];
    }),
  );
  const ofIngresses = ingresses.flatMap(({ metadata, spec, status }) =>
    (spec?.rules ?? []).flatMap((rule) => {
      const at =
        rule.host ?? status?.loadBalancer?.ingress?.[0]?.hostname ?? status?.loadBalancer?.ingress?.[0]?.ip;
      if (at === undefined) return [];
      const secure = spec?.tls?.some(({ hosts }) => hosts === undefined || hosts.includes(at)) === true;
      const paths = rule.http?.paths.map(({ path }) => path ?? '/') ?? ['/'];
      return paths.map((path) => ({
        name: metadata?.name ?? '',
        url: `${secure ? 'https' : 'http'}://${at}${path}`,
      }));
    }),
  );
  return [...ofServices, ...ofIngresses];
}
