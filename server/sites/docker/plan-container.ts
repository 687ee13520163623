/** One container of a pod, as Docker's API makes it. */
import { Problem } from '../../problem';
import type { KubeObject } from '../workloads';
import { nameOf, type PodContainer, type PodSpec, type PodVolume } from './pod-spec';
import { valueSet, type Values } from './plan-values';

export interface ContainerPlan {
  name: string;
  image: string;
  entrypoint: string[] | undefined;
  command: string[] | undefined;
  env: string[];
  workingDir: string | undefined;
  user: string | undefined;
  readOnly: boolean;
  dropped: string[];
  exposed: string[];
  /** Bytes; 0 for none. */
  memory: number;
  /** Billionths of a CPU; 0 for none. */
  nanoCpus: number;
  tty: boolean;
  stdin: boolean;
  /** Volumes that are kept by the engine, by their names within the deployment. */
  mounts: { volume: string; path: string; readOnly: boolean }[];
  tmpfs: string[];
  /** Where files of config maps and secrets go. */
  fileMounts: { volume: string; path: string; subPath: string | undefined }[];
  /** Run in the container now and then; nanoseconds. */
  health:
    { command: string[]; interval: number; timeout: number; start: number; retries: number } | undefined;
  /** Has a probe that asks from outside the container, where Docker has nobody to ask. */
  unasked: boolean;
}

export interface PodContext {
  object: KubeObject;
  spec: PodSpec;
  podName: string;
  values: Values;
  /** Claims made for each pod of its own, by the name of their volume. */
  claims: ReadonlyMap<string, string>;
}

/** @throws Problem `invalid` for what the deployment lacks or a Docker host cannot do */
export function planContainer(container: PodContainer, context: PodContext): ContainerPlan {
  const { spec } = context;
  const variables = variablesOf(container, context);
  const expand = (text: string) =>
    text.replace(/\$(\$?)\(([A-Za-z_][\w.-]*)\)/g, (whole, dollar: string, name: string) =>
      dollar === '' ? (variables.get(name) ?? whole) : `$(${name})`,
    );
  const user = container.securityContext?.runAsUser ?? spec.securityContext?.runAsUser;
  const group = container.securityContext?.runAsGroup ?? spec.securityContext?.runAsGroup;
  return {
    name: container.name,
    image: container.image,
    entrypoint: container.command?.map(expand),
    // An entry point of ours takes the image's own arguments away, as Kubernetes has it.
    command: container.args?.map(expand) ?? (container.command ? [] : undefined),
    env: [...variables].map(([name, value]) => `${name}=${value}`),
    workingDir: container.workingDir,
    user: user === undefined ? undefined : `${user}${group === undefined ? '' : `:${group}`}`,
    readOnly: container.securityContext?.readOnlyRootFilesystem === true,
    dropped: container.securityContext?.capabilities?.drop ?? [],
    exposed: (container.ports ?? []).map(
      ({ containerPort, protocol = 'TCP' }) => `${containerPort}/${protocol.toLowerCase()}`,
    ),
    memory: quantity(container.resources?.limits?.memory, context.object),
    nanoCpus: Math.round(quantity(container.resources?.limits?.cpu, context.object) * 1e9),
    tty: container.tty === true,
    stdin: container.stdin === true,
    ...mountsOf(container, context),
    health: healthOf(container),
    unasked: [container.readinessProbe, container.livenessProbe].some((probe) => probe && !probe.exec),
  };
}

function variablesOf(container: PodContainer, { object, values, podName }: PodContext): Map<string, string> {
  const all = new Map<string, string>();
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const set = configMapRef
      ? valueSet(values, 'configMaps', configMapRef, object)
      : secretRef && valueSet(values, 'secrets', secretRef, object);
    for (const [key, value] of set ?? []) all.set(prefix + key, value.toString());
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (!valueFrom) {
      const plain = value ?? '';
      all.set(
        name,
        plain.replace(/\$\(([A-Za-z_]\w*)\)/g, (whole, of: string) => all.get(of) ?? whole),
      );
      continue;
    }
    const { configMapKeyRef, secretKeyRef, fieldRef } = valueFrom;
    const ref = configMapKeyRef ?? secretKeyRef;
    if (ref) {
      const found = valueSet(values, configMapKeyRef ? 'configMaps' : 'secrets', ref, object).get(ref.key);
      if (found) all.set(name, found.toString());
      else if (ref.optional !== true) {
        const params = { object: nameOf(object), missing: `${ref.name}: ${ref.key}` };
        throw new Problem('invalid', 'workloads.errors.missingObject', params);
      }
    } else if (fieldRef?.fieldPath === 'metadata.name') all.set(name, podName);
    else if (fieldRef?.fieldPath === 'metadata.namespace') all.set(name, 'default');
    else throw notRun(object, `${container.name}: env.${name}.valueFrom`);
  }
  return all;
}

function mountsOf(container: PodContainer, context: PodContext) {
  const mounts: ContainerPlan['mounts'] = [];
  const fileMounts: ContainerPlan['fileMounts'] = [];
  const tmpfs: string[] = [];
  for (const { name, mountPath, subPath, readOnly } of container.volumeMounts ?? []) {
    const volume = context.spec.volumes?.find((each) => each.name === name);
    const claim = context.claims.get(name);
    if (claim !== undefined) mounts.push({ volume: claim, path: mountPath, readOnly: readOnly === true });
    else if (!volume) {
      const params = { object: nameOf(context.object), missing: `volume ${name}` };
      throw new Problem('invalid', 'workloads.errors.missingObject', params);
    } else if (volume.configMap || volume.secret) fileMounts.push({ volume: name, path: mountPath, subPath });
    else if (volume.emptyDir?.medium === 'Memory') tmpfs.push(mountPath);
    else mounts.push({ volume: keptVolume(volume, context), path: mountPath, readOnly: readOnly === true });
    if (subPath !== undefined && !volume?.configMap && !volume?.secret) {
      throw notRun(context.object, `${container.name}: volumeMounts.subPath`);
    }
  }
  return { mounts, fileMounts, tmpfs };
}

function keptVolume(volume: PodVolume, { object, podName }: PodContext): string {
  if (volume.persistentVolumeClaim) return volume.persistentVolumeClaim.claimName;
  if (volume.emptyDir !== undefined || Object.keys(volume).length === 1) return `${podName}-${volume.name}`;
  const kind = Object.keys(volume).find((key) => key !== 'name') ?? '';
  throw notRun(object, `volumes.${volume.name}.${kind}`);
}

function healthOf({ readinessProbe, livenessProbe }: PodContainer): ContainerPlan['health'] {
  const probe = [readinessProbe, livenessProbe].find((each) => each?.exec);
  if (!probe?.exec) return undefined;
  const seconds = (value: number | undefined, otherwise: number) => Math.round((value ?? otherwise) * 1e9);
  return {
    command: ['CMD', ...probe.exec.command],
    interval: seconds(probe.periodSeconds, 10),
    timeout: seconds(probe.timeoutSeconds, 1),
    start: seconds(probe.initialDelaySeconds, 0),
    retries: probe.failureThreshold ?? 3,
  };
}

const units: Readonly<Record<string, number>> = {
  '': 1, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40,
}; // prettier-ignore

/** A quantity in Kubernetes' notation; 0 when absent. */
function quantity(value: string | number | undefined, object: KubeObject): number {
  if (value === undefined) return 0;
  const match = /^([\d.]+(?:e\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(String(value));
  if (!match)
    throw new Problem('invalid', 'workloads.errors.badField', {
      object: nameOf(object),
      field: `limits ${value}`,
    });
  return Number(match[1]) * (units[match[2] ?? ''] ?? 1);
}

function notRun(object: KubeObject, field: string): Problem {
  return new Problem('invalid', 'workloads.errors.fieldNotRun', { object: nameOf(object), field });
}
