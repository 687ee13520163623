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

/**
 * The parts of the repository that holds an image in our registry. Every name has its own: a colon before a port
 * becomes `_`, which no host has.
 *
 * @param name familiar name of the image
 */
export function repositoryParts(projectId: string, name: string): string[] {
  return ['projects', projectId, ...name.replace(/[[\]]/g, '').replaceAll(':', '_').split('/')];
}

/**
 * Name of the repository that holds an image now: the prefix of the registry's role may change.
 *
 * @param home the workbench's registry
 */
export function repositoryOf(
  home: { repository(...path: string[]): string },
  { projectId, name }: { projectId: string; name: string },
): string {
  return home.repository(...repositoryParts(projectId, name));
}

/** Where blobs of a project's archives wait until their image's name is known. */
export function incomingParts(projectId: string): string[] {
  // No image is called so: a name's part begins with a letter or digit and projects hold names only.
  return ['incoming', projectId];
}

/** Address of a registry's API, by the host in an image's name. */
export function registryUrl(host: string, plainHttp: boolean): string {
  // Docker Hub's images are called docker.io, where no registry answers.
  return `${plainHttp ? 'http' : 'https'}://${host === 'docker.io' ? 'registry-1.docker.io' : host}`;
}

/** A name for the image of an archive that has none: `My Web App_1.0.tar.gz` gives `my-web-app-1.0`. */
export function nameOfFile(fileName: string): string {
  const plain = fileName
    .toLowerCase()
    .replace(/\.(tar|tgz|tzst|gz|zst|zstd|oci)\b/g, '')
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[-.]+|[-.]+$/g, '')
    .replace(/[-.]{2,}/g, '-');
  return plain === '' ? 'image' : plain;
}
