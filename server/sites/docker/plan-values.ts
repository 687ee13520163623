/** Config maps and secrets of a deployment: what containers get of them as variables and as files. */
import { Problem } from '../../problem';
import type { KubeObject } from '../workloads';
import { nameOf, type PodSpec, type PodVolume } from './pod-spec';

/** Bytes by key, of each config map and secret by name. */
export interface Values {
  configMaps: ReadonlyMap<string, ReadonlyMap<string, Buffer>>;
  secrets: ReadonlyMap<string, ReadonlyMap<string, Buffer>>;
}

/** Files that are put into each container of a pod that mounts their volume. */
export interface FilePlan {
  volume: string;
  /** Relative to where the volume is mounted. */
  path: string;
  contentBase64: string;
  mode: number;
}

/** @returns what all config maps and secrets hold */
export function valuesOf(objects: readonly KubeObject[]): Values {
  const of = (kind: string, read: (object: KubeObject) => Map<string, Buffer>) =>
    new Map(objects.filter((each) => each.kind === kind).map((each) => [each.metadata.name, read(each)]));
  return {
    configMaps: of(
      'ConfigMap',
      (object) => new Map([...entries(object.data, 'utf8'), ...entries(object.binaryData, 'base64')]),
    ),
    secrets: of(
      'Secret',
      (object) => new Map([...entries(object.data, 'base64'), ...entries(object.stringData, 'utf8')]),
    ),
  };
}

function entries(of: unknown, encoding: 'utf8' | 'base64'): [string, Buffer][] {
  if (typeof of !== 'object' || of === null) return [];
  return Object.entries(of).map(([key, value]) => [key, Buffer.from(String(value), encoding)]);
}

/** @throws Problem `invalid` for one that the deployment does not have */
export function valueSet(
  values: Values,
  kind: 'configMaps' | 'secrets',
  ref: { name: string; optional?: boolean | undefined },
  object: KubeObject,
): ReadonlyMap<string, Buffer> {
  const found = values[kind].get(ref.name);
  if (found) return found;
  if (ref.optional === true) return new Map();
  const missing = `${kind === 'secrets' ? 'Secret' : 'ConfigMap'}/${ref.name}`;
  throw new Problem('invalid', 'workloads.errors.missingObject', { object: nameOf(object), missing });
}

/** The files of a pod's volumes. @throws Problem `invalid` */
export function filesIn(object: KubeObject, spec: PodSpec, values: Values): FilePlan[] {
  return (spec.volumes ?? []).flatMap((volume) => {
    const source = sourceOf(volume, values, object);
    if (!source) return [];
    const chosen = source.items ?? [...source.set.keys()].map((key) => ({ key, path: key, mode: undefined }));
    return chosen.flatMap(({ key, path, mode }) => {
      const content = source.set.get(key);
      if (!content) {
        if (source.optional) return [];
        const params = { object: nameOf(object), missing: `${volume.name}: ${key}` };
        throw new Problem('invalid', 'workloads.errors.missingObject', params);
      }
      return [
        {
          volume: volume.name,
          path: inside(path, object),
          contentBase64: content.toString('base64'),
          mode: mode ?? 0o644,
        },
      ];
    });
  });
}

function sourceOf({ configMap, secret }: PodVolume, values: Values, object: KubeObject) {
  if (configMap) {
    const set = valueSet(values, 'configMaps', configMap, object);
    return { set, items: configMap.items, optional: configMap.optional === true };
  }
  if (!secret) return undefined;
  const ref = { name: secret.secretName, optional: secret.optional };
  return {
    set: valueSet(values, 'secrets', ref, object),
    items: secret.items,
    optional: secret.optional === true,
  };
}

/** Kubernetes takes no path that leads out of the volume, either. */
function inside(path: string, object: KubeObject): string {
  if (path.startsWith('/') || path.split('/').includes('..') || path === '') {
    throw new Problem('invalid', 'workloads.errors.badField', {
      object: nameOf(object),
      field: `items.path ${path}`,
    });
  }
  return path;
}
