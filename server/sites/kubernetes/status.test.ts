import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { failedPart, imageProblem, problemOf } from './failures';
import type { Snapshot } from './snapshot';
import { statusOf } from './status';

const at = '2026-01-01T00:00:00Z';
const nothing: Snapshot = {
  deployments: [],
  replicaSets: [],
  statefulSets: [],
  daemonSets: [],
  jobs: [],
  pods: [],
  services: [],
  ingresses: [],
};

function podOf(status: V1Pod['status'], name = 'web-1'): V1Pod {
  return {
    metadata: { name },
    spec: { containers: [{ name: 'web', image: 'registry.test/web@sha256:1' }] },
    ...(status && { status }),
  };
}

function waiting(reason: string, restartCount = 0, exitCode?: number): V1ContainerStatus {
  return {
    name: 'web',
    image: '',
    imageID: '',
    ready: false,
    restartCount,
    state: { waiting: { reason, message: `words of ${reason}` } },
    ...(exitCode !== undefined && { lastState: { terminated: { exitCode, reason: 'Error' } } }),
  };
}

const seen = (pod: V1Pod): Snapshot => ({ ...nothing, pods: [pod] });
const partOf = (pod: V1Pod) => statusOf(seen(pod), undefined).parts[0];

describe('a pod', () => {
  it.each([
    ['ImagePullBackOff', 'failed'],
    ['ErrImagePull', 'pulling'],
    ['CreateContainerConfigError', 'failed'],
  ])('that waits for %s is %s, in the words of the node', (reason, state) => {
    const pod = podOf({ containerStatuses: [waiting(reason)] });
    expect(partOf(pod)).toMatchObject({ state, reason, detail: `words of ${reason}` });
  });

  it('crashes for good only when it was started again', () => {
    const crashing = (restarts: number) =>
      podOf({ containerStatuses: [waiting('CrashLoopBackOff', restarts, 3)] });
    expect(partOf(crashing(1))).toMatchObject({ state: 'starting' });
    const part = partOf(crashing(2));
    expect(part).toMatchObject({ state: 'failed', reason: 'CrashLoopBackOff' });
    expect(part?.detail).toContain('exit code 3');
    expect(part && problemOf(part)).toMatchObject({ key: 'workloads.errors.crashLoop' });
  });

  it('that no node takes is waited for a while, and then told', () => {
    const pod = podOf({
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: '0/2 nodes are available: 2 Insufficient cpu.',
          lastTransitionTime: new Date(at),
        },
      ],
    });
    const { parts } = statusOf(seen(pod), undefined);
    expect(parts).toMatchObject([{ state: 'waiting', reason: 'Unschedulable' }]);
    const start = new Date(at).getTime();
    expect(failedPart(seen(pod), parts, start + 5_000)).toBeUndefined();
    const failed = failedPart(seen(pod), parts, start + 25_000);
    expect(failed && problemOf(failed)).toMatchObject({ key: 'workloads.errors.unschedulable' });
  });

  it('whose image is fetched again and again is not given up by its first failure', () => {
    const pod = podOf({ containerStatuses: [waiting('ImagePullBackOff')] });
    expect(failedPart(seen(pod), statusOf(seen(pod), undefined).parts, 0)).toBeUndefined();
  });

  it('that is ready makes a workload without a controller ready, and says the digest that runs', () => {
    const pod = podOf({
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [
        { name: 'web', image: '', imageID: 'registry.test/web@sha256:1', ready: true, restartCount: 0 },
      ],
    });
    const status = statusOf(seen(pod), undefined);
    expect(status.ready).toBe(true);
    expect(status.parts[0]?.containers[0]).toMatchObject({ digest: 'sha256:1', ready: true });
  });
});

it('is not ready while a deployment has pods of two versions', () => {
  const ready = podOf({ conditions: [{ type: 'Ready', status: 'True' }] });
  const deployment = {
    metadata: { generation: 2 },
    spec: { replicas: 1, selector: {}, template: {} },
    status: { observedGeneration: 2, replicas: 2, updatedReplicas: 1, availableReplicas: 1 },
  };
  expect(statusOf({ ...nothing, pods: [ready], deployments: [deployment] }, undefined).ready).toBe(false);
});

it.each([
  ['http: server gave HTTP response to HTTPS client', 'imagePlainHttp'],
  ['x509: certificate signed by unknown authority', 'imageUntrusted'],
  ['401 Unauthorized', 'imageForbidden'],
  ['manifest unknown', 'imageMissing'],
  ['dial tcp 10.0.0.1:5000: connection refused', 'imageRegistryAway'],
  ['something new', 'imagePull'],
])('sorts the words of a node: %s', (words, key) => {
  expect(imageProblem('web-1', 'registry.test/web', words)).toMatchObject({
    key: `workloads.errors.${key}`,
    params: { registry: 'registry.test' },
    detail: words,
  });
});
