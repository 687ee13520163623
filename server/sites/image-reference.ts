import { Problem } from '../problem';

/** An image's name taken apart, with what people leave out filled in as Docker does. */
export interface Reference {
  /** Host and port; `docker.io` where none was named. */
  host: string;
  /** Repository at that host, `library/nginx` for example. */
  path: string;
  /** Empty with a digest and no tag. */
  tag: string;
  digest: string | undefined;
}

// The grammar of distribution/reference: a first part is a host when it has a dot or a port, or is localhost.
const component = String.raw`[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*`;
const pathPattern = new RegExp(`^${component}(?:/${component})*$`);
const hostPattern =
  /^(?:(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?$/;
const tagPattern = /^\w[\w.-]{0,127}$/;
const digestPattern = /^sha256:[0-9a-f]{64}$/;

/**
 * Reads an image's name as `docker pull` takes it.
 *
 * @param text `nginx`, `a/web:1`, `quay.io/a/b@sha256:…`
 * @returns with `docker.io`, `library/` and `latest` filled in
 * @throws Problem `invalid` for what is no image name
 */
export function parseReference(text: string): Reference {
  const refuse = (): never => {
    throw new Problem('invalid', 'containers.errors.badReference', { reference: text.slice(0, 300) });
  };
  const [named = '', digest, ...more] = text.trim().split('@');
  if (more.length > 0 || (digest !== undefined && !digestPattern.test(digest))) refuse();
  const slash = named.indexOf('/');
  const first = named.slice(0, Math.max(0, slash));
  const hasHost = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  const host = hasHost ? first.toLowerCase() : 'docker.io';
  const rest = hasHost ? named.slice(slash + 1) : named;
  const colon = rest.lastIndexOf(':');
  const path = colon === -1 ? rest : rest.slice(0, colon);
  const tag = colon === -1 ? (digest === undefined ? 'latest' : '') : rest.slice(colon + 1);
  if (!hostPattern.test(host) || !pathPattern.test(path) || path.length > 255) refuse();
  if ((tag !== '' || colon !== -1) && !tagPattern.test(tag)) refuse();
  const known = host === 'index.docker.io' ? 'docker.io' : host;
  const whole = known === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  return { host: known, path: whole, tag, digest };
}

/** The name without tag and digest, as Docker shows it: `nginx`, `a/web`, `quay.io/a/b`. */
export function familiarName({ host, path }: Pick<Reference, 'host' | 'path'>): string {
  if (host !== 'docker.io') return `${host}/${path}`;
  return path.startsWith('library/') && path.split('/').length === 2 ? path.slice('library/'.length) : path;
}

/** Name and tag, or name and digest, as a person reads it. */
export function familiarReference(reference: Reference): string {
  const name = familiarName(reference);
  return reference.tag === '' ? `${name}@${reference.digest ?? ''}` : `${name}:${reference.tag}`;
}
