/** Why a workload will not come up: told as soon as it is certain, in the cluster's own words. */
import type { V1Pod } from '@kubernetes/client-node';
import { Problem } from '../../problem';
import type { WorkloadPart } from '../workloads';
import type { Snapshot } from './snapshot';

/** How long a pod may find no node; on some clusters one is added meanwhile. Milliseconds. */
const unscheduledMs = 20_000;

/**
 * @param parts of the snapshot
 * @returns the first thing that keeps the workload from coming up; undefined while it may
 */
export function failureIn(seen: Snapshot, parts: readonly WorkloadPart[], now: number): Problem | undefined {
  return ofControllers(seen) ?? ofPods(seen, parts, now);
}

function ofControllers({ deployments, jobs }: Snapshot): Problem | undefined {
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

function ofPods(seen: Snapshot, parts: readonly WorkloadPart[], now: number): Problem | undefined {
  for (const part of parts) {
    const pod = seen.pods.find(({ metadata }) => metadata?.name === part.name);
    // Of a job's pods some may fail: the job says when they were too many. Old ones go as the new ones come.
    if (!pod || part.owner.startsWith('Job/') || isOld(pod, seen)) continue;
    if (part.state === 'failed') return problemOf(part);
    if (part.reason === 'ErrImagePull' && isFinal(part.detail ?? '')) return problemOf(part);
    const since = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')?.lastTransitionTime;
    if (
      part.reason === 'Unschedulable' &&
      since !== undefined &&
      now - Date.parse(String(since)) > unscheduledMs
    ) {
      return new Problem(
        'failed',
        'workloads.errors.unschedulable',
        { part: part.name },
        { detail: part.detail },
      );
    }
  }
  return undefined;
}

/** Whether another try of the same pull cannot end otherwise. */
function isFinal(words: string): boolean {
  return /not found|unauthorized|denied|authorization failed|no basic auth|HTTP response to HTTPS|x509/i.test(
    words,
  );
}

/** Whether a pod is of a version of its deployment that is being replaced. */
function isOld({ metadata }: V1Pod, { replicaSets, deployments }: Snapshot): boolean {
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

/** A part that failed, as a Problem that says who can mend it. */
export function problemOf({ name, reason = '', detail = '', containers }: WorkloadPart): Problem {
  const image = containers.find(({ ready }) => !ready)?.image ?? '';
  const params = { part: name, reason, image, registry: image.split('/')[0] ?? '' };
  return new Problem('failed', `workloads.errors.${wordFor(reason, detail)}`, params, { detail });
}

function wordFor(reason: string, detail: string): string {
  if (/ImagePull|InvalidImageName|ErrImageNeverPull/.test(reason)) {
    if (/HTTP response to HTTPS/i.test(detail)) return 'imagePlainHttp';
    if (/x509|certificate/i.test(detail)) return 'imageUntrusted';
    if (/unauthorized|denied|authorization failed|no basic auth|401|403/i.test(detail))
      return 'imageForbidden';
    if (/not found/i.test(detail)) return 'imageMissing';
    if (/connection refused|no route|timeout|no such host/i.test(detail)) return 'imageRegistryAway';
    return 'imagePull';
  }
  return reason === 'CrashLoopBackOff' ? 'crashLoop' : 'partFailed';
}
