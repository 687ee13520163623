/** Makes of a deployment's objects what a Docker host runs: pods as groups of containers. Asks nobody. */
import { createHash } from 'node:crypto';
import { Problem } from '../../problem';
import type { KubeObject } from '../workloads';
import { filesIn, valuesOf, type FilePlan, type Values } from './plan-values';
import { planContainer, type ContainerPlan } from './plan-container';
import { publishedPorts, type Published, type ServicePlan, serviceOf } from './plan-ports';
import { controllerSpec, nameOf, podSpec, read, type PodSpec } from './pod-spec';

/** Containers that share one network, as a pod does; one of them holds it. */
export interface PodPlan {
  name: string;
  /** `Deployment/web` */
  owner: string;
  /** Whether it is there to end, with success. */
  ends: boolean;
  /** How often a job's container may be started anew. */
  retries: number;
  /** Names under which other pods find it. */
  aliases: string[];
  published: Published[];
  init: ContainerPlan[];
  containers: ContainerPlan[];
  /** Named volumes, by their names within the deployment. */
  volumes: string[];
  files: FilePlan[];
  hostname: string;
  stopSeconds: number;
  /** Of all that decides how its containers are made. */
  hash: string;
}

export interface DockerPlan {
  pods: PodPlan[];
  services: ServicePlan[];
}

const runnable = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'] as const;
/** Read where others name them; a claim is a volume of the engine's. */
const held: ReadonlySet<string> = new Set([
  'ConfigMap',
  'Secret',
  'Service',
  'PersistentVolumeClaim',
  'Namespace',
]);

/**
 * Reads a deployment.
 *
 * @throws Problem `invalid` that names the object and what a Docker host cannot do about it
 */
export function planFor(objects: readonly KubeObject[]): DockerPlan {
  const values = valuesOf(objects);
  const services = objects.filter(({ kind }) => kind === 'Service').map(serviceOf);
  const pods = objects.flatMap((object) => {
    if (object.kind === 'Pod')
      return [podOf(object, { spec: object.spec, labels: labelsOf(object) }, 0, services, values)];
    if ((runnable as readonly string[]).includes(object.kind)) return controlled(object, services, values);
    if (!held.has(object.kind))
      throw new Problem('invalid', 'workloads.errors.kindNotRun', { object: nameOf(object) });
    return [];
  });
  if (pods.length === 0) throw new Problem('invalid', 'workloads.errors.nothingRuns');
  return { pods, services };
}

function controlled(object: KubeObject, services: readonly ServicePlan[], values: Values): PodPlan[] {
  const spec = read(controllerSpec, object.spec, object);
  // A daemon set has a pod on each node, and this is one.
  const count = object.kind === 'Deployment' || object.kind === 'StatefulSet' ? (spec.replicas ?? 1) : 1;
  const labels = spec.template.metadata?.labels ?? {};
  const claims = (spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name);
  const template = { spec: spec.template.spec, labels, claims, retries: spec.backoffLimit };
  return Array.from({ length: count }, (_, index) => podOf(object, template, index, services, values));
}

interface Template {
  spec: unknown;
  labels: Record<string, string>;
  claims?: string[];
  retries?: number | undefined;
}

function podOf(
  object: KubeObject,
  template: Template,
  index: number,
  services: readonly ServicePlan[],
  values: Values,
): PodPlan {
  const spec = read(podSpec, template.spec, object);
  refuseHostsOwn(object, spec);
  const name = object.kind === 'Pod' ? object.metadata.name : `${object.metadata.name}-${index}`;
  const ofPod = services.filter(({ selects }) => selects(template.labels));
  const claims = new Map((template.claims ?? []).map((claim) => [claim, `${claim}-${name}`]));
  const context = { object, spec, podName: name, values, claims };
  const init = (spec.initContainers ?? []).map((each) => planContainer(each, context));
  const containers = spec.containers.map((each) => planContainer(each, context));
  const plan = {
    name,
    owner: nameOf(object),
    ends: object.kind === 'Job' || (object.kind === 'Pod' && spec.restartPolicy === 'Never'),
    retries: template.retries ?? 6,
    aliases: [...new Set([name, ...ofPod.map((service) => service.name)])],
    published: publishedPorts(object, spec, ofPod, index),
    init,
    containers,
    volumes: [
      ...new Set([...init, ...containers].flatMap((each) => each.mounts.map(({ volume }) => volume))),
    ],
    files: filesIn(object, spec, values),
    hostname: spec.hostname ?? name,
    stopSeconds: spec.terminationGracePeriodSeconds ?? 30,
  };
  return { ...plan, hash: createHash('sha256').update(JSON.stringify(plan)).digest('hex').slice(0, 16) };
}

/** What would give a container the host itself. */
function refuseHostsOwn(object: KubeObject, spec: PodSpec): void {
  const refuse = (field: string) => {
    throw new Problem('invalid', 'workloads.errors.fieldNotRun', { object: nameOf(object), field });
  };
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC'] as const) if (spec[field] === true) refuse(field);
  if (spec.serviceAccountName !== undefined && spec.serviceAccountName !== 'default')
    refuse('serviceAccountName');
  for (const { name, securityContext } of [...spec.containers, ...(spec.initContainers ?? [])]) {
    if (securityContext?.privileged === true) refuse(`${name}: securityContext.privileged`);
    if (securityContext?.capabilities?.add?.length) refuse(`${name}: securityContext.capabilities.add`);
  }
}

function labelsOf(object: KubeObject): Record<string, string> {
  const labels = object.metadata.labels;
  return typeof labels === 'object' && labels !== null ? (labels as Record<string, string>) : {};
}
