import type { KubeObject } from '../../sites/workloads';
import { knownKinds } from './kinds';
import { isObject, valueAt, type ParsedObject } from './parse-manifests';

/** A container of a text. */
interface NamedContainer {
  /** As it is written. */
  image: string;
  /** `Deployment/web: nginx`. */
  where: string;
  line: number | null;
}

const lists = ['initContainers', 'containers', 'ephemeralContainers'];

/** Every image that objects name, in their order. */
export function namedContainers(objects: readonly ParsedObject[]): NamedContainer[] {
  return objects.flatMap(({ value, known, lineOf }) => {
    const pod = known?.pod;
    if (pod === undefined) return [];
    return lists.flatMap((list) => {
      const containers = valueAt(value, `${pod}.${list}`);
      if (!Array.isArray(containers)) return [];
      return (containers as unknown[]).flatMap((container, i) => {
        if (!isObject(container) || typeof container.image !== 'string' || container.image === '') return [];
        const where = `${value.kind}/${value.metadata.name}: ${String(container.name)}`;
        return [{ image: container.image, where, line: lineOf([...pod.split('.'), list, i, 'image']) }];
      });
    });
  });
}

/**
 * The objects with every image written anew.
 *
 * @param rewrite what stands for an image as it is written
 */
export function withImages(objects: readonly KubeObject[], rewrite: (image: string) => string): KubeObject[] {
  return objects.map((object) => {
    const copy = structuredClone(object);
    const pod = knownKinds[copy.kind]?.pod;
    const spec = pod === undefined ? undefined : valueAt(copy, pod);
    if (!isObject(spec)) return copy;
    for (const list of lists) {
      const containers = spec[list];
      if (!Array.isArray(containers)) continue;
      for (const container of containers as unknown[]) {
        if (isObject(container) && typeof container.image === 'string')
          container.image = rewrite(container.image);
      }
    }
    return copy;
  });
}
