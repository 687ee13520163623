/** Which path a kind of object has in a cluster, by the cluster's own discovery. */
import { Problem } from '../../problem';
import type { KubeObject } from '../workloads';
import type { Cluster } from './wire';

export interface Resource {
  apiVersion: string;
  kind: string;
  plural: string;
  namespaced: boolean;
}

/** Finds the resource of each kind, asking a cluster once for each API group. */
export type Resources = (
  object: Pick<KubeObject, 'apiVersion' | 'kind'>,
  signal?: AbortSignal,
) => Promise<Resource | undefined>;

interface ResourceList {
  resources: { name: string; kind: string; namespaced: boolean }[];
}

export function resourcesOf(cluster: Cluster): Resources {
  const lists = new Map<string, Promise<ResourceList | undefined>>();
  return async ({ apiVersion, kind }, signal) => {
    const known = lists.get(apiVersion);
    const list = known ?? cluster.find<ResourceList>({ path: rootOf(apiVersion), signal });
    if (!known) {
      lists.set(apiVersion, list);
      // What could not be asked now may be answered later; the same for a group that is added later.
      list.then(
        (found) => found === undefined && lists.delete(apiVersion),
        () => lists.delete(apiVersion),
      );
    }
    const found = (await list)?.resources.find((each) => each.kind === kind && !each.name.includes('/'));
    return found && { apiVersion, kind, plural: found.name, namespaced: found.namespaced };
  };
}

/** @throws Problem `invalid` for a kind that the cluster does not know */
export async function requireResource(
  resources: Resources,
  object: KubeObject,
  signal: AbortSignal | undefined,
): Promise<Resource> {
  const found = await resources(object, signal);
  if (found) return found;
  const params = { object: `${object.kind}/${object.metadata.name}`, apiVersion: object.apiVersion };
  throw new Problem('invalid', 'workloads.errors.unknownKind', params);
}

/** `/api/v1` or `/apis/<group>/<version>`. */
function rootOf(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** Path of the objects of a kind in a namespace, or of one of them. */
export function pathOf(
  { apiVersion, plural }: Pick<Resource, 'apiVersion' | 'plural'>,
  namespace: string,
  name?: string,
): string {
  const list = `${rootOf(apiVersion)}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
  return name === undefined ? list : `${list}/${encodeURIComponent(name)}`;
}
