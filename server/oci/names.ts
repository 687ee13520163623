import { RegistryError } from './oci';

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
/** Distribution specification 1.1, "Pulling manifests": `<name>`. */
const repositoryPattern = new RegExp(`^${component}(?:/${component})*$`);
/** The same: a tag as `<reference>`. */
const tagPattern = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
/** image-spec, "Digests": the two registered algorithms. */
const digestPattern = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
const longestRepository = 255;

/** Whether the text is a digest of an algorithm we can prove. */
export function isDigest(text: string): boolean {
  return digestPattern.test(text);
}

/**
 * The name, as it may stand in an address.
 *
 * @throws RegistryError `refused` for a name no registry takes
 */
export function repositoryName(name: string): string {
  if (name.length <= longestRepository && repositoryPattern.test(name)) return name;
  throw new RegistryError('refused', `"${name.slice(0, longestRepository)}" is no name of a repository`);
}

/**
 * The tag or digest, as it may stand in an address.
 *
 * @throws RegistryError `refused` for anything else
 */
export function referenceName(reference: string): string {
  if (isDigest(reference) || tagPattern.test(reference)) return reference;
  throw new RegistryError('refused', `"${reference.slice(0, 140)}" is neither a tag nor a digest`);
}

/**
 * The digest, as it may stand in an address.
 *
 * @throws RegistryError `refused` for anything that is not one
 */
export function digestName(digest: string): string {
  if (isDigest(digest)) return digest;
  throw new RegistryError('refused', `"${digest.slice(0, 140)}" is no digest that can be proved`);
}

/** Distribution specification 1.1, "Referrers tag schema": the tag that lists referrers where the API is missing. */
export function referrersTag(digest: string): string {
  const [algorithm = '', hex = ''] = digest.split(':');
  return `${algorithm}-${hex.slice(0, 64)}`;
}

/** Scope of Docker's token specification for a repository. */
export function repositoryScope(name: string, ...actions: ('pull' | 'push' | 'delete')[]): string {
  return `repository:${name}:${actions.join(',')}`;
}
