/** Makes of a deployment's objects what is sent: ours by label, in our namespace, with our pull secret. */
import { Problem } from '../../problem';
import { pullSecretName, type KubeObject, type PullAccess, type WorkloadSpec } from '../workloads';
import { labels } from './labels';
import { requireResource, type Resource, type Resources } from './resources';

export interface Prepared {
  object: KubeObject;
  resource: Resource;
}

/** Where the description of a pod lies in an object. */
const podPaths: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  ReplicationController: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
};

/** What others need comes first. */
const order = [
  'ServiceAccount',
  'Secret',
  'ConfigMap',
  'PersistentVolumeClaim',
  'Role',
  'RoleBinding',
  'Service',
];

/**
 * @param namespace the workload's; a namespace the object names itself is not used
 * @throws Problem `invalid` for a kind that the cluster does not know, or one that is not of a namespace
 */
export async function prepare(
  spec: WorkloadSpec,
  namespace: string,
  resources: Resources,
  signal: AbortSignal | undefined,
): Promise<Prepared[]> {
  const prepared: Prepared[] = [];
  for (const object of [...pullSecretOf(spec.pull), ...spec.objects]) {
    // The namespace is ours to make: one workload, one namespace.
    if (object.kind === 'Namespace') continue;
    const resource = await requireResource(resources, object, signal);
    if (!resource.namespaced) {
      const params = { object: `${object.kind}/${object.metadata.name}` };
      throw new Problem('invalid', 'workloads.errors.clusterScoped', params);
    }
    prepared.push({ object: ours(object, spec, namespace), resource });
  }
  if (!prepared.some(({ object }) => object.kind in podPaths)) {
    throw new Problem('invalid', 'workloads.errors.nothingRuns');
  }
  return prepared.toSorted((a, b) => rank(a) - rank(b));
}

function rank({ object }: Prepared): number {
  const at = order.indexOf(object.kind);
  return at === -1 ? order.length : at;
}

type Fields = Record<string, unknown>;

function ours(given: KubeObject, spec: WorkloadSpec, namespace: string): KubeObject {
  const object = structuredClone(given);
  const mark = { [labels.workload]: spec.workloadId, [labels.managedBy]: 'edgeyard' };
  object.metadata = {
    ...object.metadata,
    namespace,
    labels: { ...fields(object.metadata.labels), ...mark, [labels.job]: spec.jobId },
  };
  // What a cluster wrote into it belongs to the object it was read from.
  for (const key of [
    'uid',
    'resourceVersion',
    'creationTimestamp',
    'generation',
    'managedFields',
    'selfLink',
  ]) {
    delete (object.metadata as Fields)[key];
  }
  delete object.status;
  if (object.kind === 'Service') sayProtocols(fields(object.spec).ports);
  const path = podPaths[object.kind];
  if (!path) return object;
  let holder: Fields = object;
  for (const key of path) holder = fields((holder[key] ??= {}));
  if (path.length > 0) {
    const metadata = fields((holder.metadata ??= {}));
    metadata.labels = { ...fields(metadata.labels), ...mark };
  }
  const pod = fields((holder.spec ??= {}));
  for (const list of [pod.containers, pod.initContainers]) {
    for (const container of Array.isArray(list) ? list : []) sayProtocols(fields(container).ports);
  }
  if (spec.pull?.login) {
    const named = Array.isArray(pod.imagePullSecrets) ? (pod.imagePullSecrets as unknown[]) : [];
    pod.imagePullSecrets = [...named, { name: pullSecretName }];
  }
  return object;
}

/**
 * Writes out the protocol that ports have anyway: server-side apply knows them by port and protocol, and before
 * Kubernetes 1.23 it knows no default.
 */
function sayProtocols(ports: unknown): void {
  for (const port of Array.isArray(ports) ? ports : []) fields(port).protocol ??= 'TCP';
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** The secret of a login, as `kubectl create secret docker-registry` makes it; none without a login. */
export function pullSecretOf(pull: PullAccess | undefined): KubeObject[] {
  if (!pull?.login) return [];
  const { user, password } = pull.login;
  const auth = Buffer.from(`${user}:${password}`).toString('base64');
  const config = { auths: { [pull.address]: { username: user, password, auth } } };
  return [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: pullSecretName },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': Buffer.from(JSON.stringify(config)).toString('base64') },
    },
  ];
}
