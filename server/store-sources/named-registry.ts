import type { Registry } from '../oci/oci';

/**
 * A registry with the prefix of a store's place in it.
 *
 * @param prefix comes before every repository's name; empty, or without a slash at its end
 */
export function namedRegistry({
  registry,
  prefix,
  address,
}: {
  registry: Registry;
  prefix: string;
  address: string;
}): { registry: Registry; repository: (...path: string[]) => string; address: string } {
  const repository = (...path: string[]) => [...(prefix === '' ? [] : [prefix]), ...path].join('/');
  return { registry, repository, address };
}
