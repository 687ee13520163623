/** What stands in the descriptions of pods, wherever an object keeps them. */
import { amountOf } from './quantity';
import type { KubeObject } from './workloads';

const template = 'spec.template.spec';

/** Where the description of its pods lies in an object, by kind; empty for none of its own. */
export const podPaths: Readonly<Record<string, string>> = {
  Deployment: template,
  StatefulSet: template,
  DaemonSet: template,
  ReplicaSet: template,
  Job: template,
  CronJob: 'spec.jobTemplate.spec.template.spec',
  Pod: 'spec',
};

/** Lists of containers in the description of a pod. */
export const containerLists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/** Tells whether a value has named members. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value behind a path with dots; undefined where something is missing. */
export function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), value);
}

function podOf(object: KubeObject): Record<string, unknown> | undefined {
  const path = podPaths[object.kind];
  const spec = path === undefined ? undefined : valueAt(object, path);
  return isObject(spec) ? spec : undefined;
}

function containersIn(
  pod: Record<string, unknown>,
  lists: readonly string[] = containerLists,
): Record<string, unknown>[] {
  return lists.flatMap((list) => {
    const containers = pod[list];
    return Array.isArray(containers) ? (containers as unknown[]).filter(isObject) : [];
  });
}

/** Every image that objects name, each once, in their order. */
export function imagesNamed(objects: readonly KubeObject[]): string[] {
  const named = objects.flatMap((object) => {
    const pod = podOf(object);
    return pod ? containersIn(pod).map(({ image }) => image) : [];
  });
  return [...new Set(named.filter((image): image is string => typeof image === 'string' && image !== ''))];
}

/**
 * The objects with every image written anew.
 *
 * @param rewrite what stands for an image as it is written
 */
export function withImages(objects: readonly KubeObject[], rewrite: (image: string) => string): KubeObject[] {
  return objects.map((object) => {
    const copy = structuredClone(object);
    const pod = podOf(copy);
    for (const container of pod ? containersIn(pod) : []) {
      if (typeof container.image === 'string') container.image = rewrite(container.image);
    }
    return copy;
  });
}

/** What all pods of the objects ask for together; a DaemonSet counts once, for nobody knows here on how many nodes. */
export function requestsOf(objects: readonly KubeObject[]): { cpus: number; memoryMiB: number } {
  let cpus = 0;
  let bytes = 0;
  for (const object of objects) {
    const pod = podOf(object);
    if (!pod) continue;
    const replicas = valueAt(object, 'spec.replicas');
    const pods = typeof replicas === 'number' ? replicas : 1;
    for (const container of containersIn(pod, ['containers'])) {
      cpus += pods * askedOf(container, 'cpu');
      bytes += pods * askedOf(container, 'memory');
    }
  }
  return { cpus: Math.round(cpus * 1000) / 1000, memoryMiB: Math.ceil(bytes / 2 ** 20) };
}

/** A limit without a request is the request (Kubernetes, "Resource Management for Pods and Containers"). */
function askedOf(container: Record<string, unknown>, resource: 'cpu' | 'memory'): number {
  const asked =
    valueAt(container, `resources.requests.${resource}`) ??
    valueAt(container, `resources.limits.${resource}`);
  return typeof asked === 'string' || typeof asked === 'number' ? amountOf(asked) : 0;
}
