/** Why a workload will not come up: told as soon as it is certain, in the cluster's own words. */
import type { KeyBelow } from '@/messages/messages';
import type { V1Pod } from '@kubernetes/client-node';
import { Problem } from '../../problem';
import type { WorkloadPart } from '../workloads';
import type { Snapshot } from './snapshot';

/** How long a pod may find no node; on some clusters one is added meanwhile. Milliseconds. */
const unscheduledMs = 20_000;

/** @returns what a controller says that keeps the workload from coming up; undefined while it may */
export function failedController({ deployments, jobs }: Snapshot): Problem | undefined {
  for (const { metadata, status } of deployments) {
    const failing = status?.conditions?.find(
      ({ type, status: is, reason }) =>
        (type === 'ReplicaFailure' && is === 'True') ||
        (type === 'Progressing' && is === 'False' && reason === 'ProgressDeadlineExceeded'),
    );
    if (failing) {
      const params = { part: `Deployment/${metadata?.name ?? ''}`, reason: failing.reason ?? failing.type };
      return new Problem('failed', 'workloads.errors.partFailed', params, { detail: failing.message });
    }
  }
  for (const { metadata, status } of jobs) {
    const failing = status?.conditions?.find(({ type, status: is }) => type === 'Failed' && is === 'True');
    if (failing) {
      const params = { part: `Job/${metadata?.name ?? ''}`, reason: failing.reason ?? 'Failed' };
      return new Problem('failed', 'workloads.errors.partFailed', params, { detail: failing.message });
    }
  }
  return undefined;
}

/**
 * @param parts of the snapshot
 * @param now milliseconds since 1970
 * @returns the first part that cannot come up; undefined while all may
 */
export function failedPart(
  seen: Snapshot,
  parts: readonly WorkloadPart[],
  now: number,
): WorkloadPart | undefined {
  for (const part of parts) {
    const pod = seen.pods.find(({ metadata }) => metadata?.name === part.name);
    // Of a job's pods some may fail: the job says when they were too many. Old ones go as the new ones come.
    if (!pod || part.owner.startsWith('Job/') || isOld(pod, seen)) continue;
    if (part.state === 'failed' && part.reason !== 'ImagePullBackOff') return part;
    const since = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')?.lastTransitionTime;
    if (
      part.reason === 'Unschedulable' &&
      since !== undefined &&
      now - Date.parse(String(since)) > unscheduledMs
    ) {
      return part;
    }
  }
  return undefined;
}

/** Whether a pod is of a version of its deployment that is being replaced. */
export function isOld({ metadata }: V1Pod, { replicaSets, deployments }: Snapshot): boolean {
  const key = 'deployment.kubernetes.io/revision';
  const set = replicaSets.find(({ metadata: of }) =>
    metadata?.ownerReferences?.some(({ uid }) => uid === of?.uid),
  );
  const deployment = deployments.find(({ metadata: of }) =>
    set?.metadata?.ownerReferences?.some(({ uid }) => uid === of?.uid),
  );
  return (
    deployment !== undefined && set?.metadata?.annotations?.[key] !== deployment.metadata?.annotations?.[key]
  );
}

/** A part that failed, as a Problem. */
export function problemOf({ name, reason = '', detail = '', containers }: WorkloadPart): Problem {
  const image = containers.find(({ ready }) => !ready)?.image ?? '';
  if (/Image/.test(reason)) return imageProblem(name, image, detail);
  const word =
    reason === 'CrashLoopBackOff' ? 'crashLoop' : reason === 'Unschedulable' ? 'unschedulable' : 'partFailed';
  return new Problem('failed', `workloads.errors.${word}`, { part: name, reason }, { detail });
}

/** A node's words for why an image could not be fetched, sorted by who can mend it. */
export function imageProblem(part: string, image: string, words: string): Problem {
  const rules: [RegExp, KeyBelow<'workloads.errors'>][] = [
    [/HTTP response to HTTPS/i, 'imagePlainHttp'],
    [/x509|certificate/i, 'imageUntrusted'],
    [/unauthorized|denied|authorization failed|no basic auth|forbidden/i, 'imageForbidden'],
    [/not found|manifest unknown/i, 'imageMissing'],
    [/connection refused|no route|timeout|no such host|network is unreachable/i, 'imageRegistryAway'],
  ];
  const key = rules.find(([rule]) => rule.test(words))?.[1] ?? 'imagePull';
  const params = { part, image, registry: image.split('/')[0] ?? '' };
  return new Problem('failed', `workloads.errors.${key}`, params, { detail: words });
}
