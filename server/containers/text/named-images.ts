import { containerLists, isObject, valueAt } from '../../sites/pod-templates';
import type { ParsedObject } from './parse-manifests';

/** A container of a text. */
interface NamedContainer {
  /** As it is written. */
  image: string;
  /** `Deployment/web: nginx`. */
  where: string;
  line: number | null;
}

/** Every image that objects name, in their order. */
export function namedContainers(objects: readonly ParsedObject[]): NamedContainer[] {
  return objects.flatMap(({ value, known, lineOf }) => {
    const pod = known?.pod;
    if (pod === undefined) return [];
    return containerLists.flatMap((list) => {
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
