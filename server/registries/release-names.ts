/** What images of releases are called in the registries of the store and of operations. */
import { createHash } from 'node:crypto';

/**
 * Repository of an image, `<provider>/<app>/<image's own path>`: whole paths, so that `a/web` and `b/web` stay two.
 *
 * @param app the app's provider and name
 * @param image name of the image, with or without a tag
 */
export function releaseRepository(app: { provider: string; name: string }, image: string): string {
  return [app.provider, app.name, ...withoutTag(image).split('/')].map(component).join('/');
}

/** Without the tag: the last colon parts it off, unless a slash follows (a registry's port). */
const withoutTag = (name: string) => name.replace(/:[^:/]*$/, '');

/**
 * A component of a repository's name as the OCI distribution specification allows it. What is lost on the way there
 * comes back as a hash, so that two names never become one.
 */
function component(word: string): string {
  const plain = word
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  if (plain === word) return plain;
  const hash = createHash('sha256').update(word).digest('hex').slice(0, 8);
  return plain === '' ? `x-${hash}` : `${plain.slice(0, 60)}-${hash}`;
}

/**
 * Tag of an image. It names the content as well: another release's image of the same version must not take this one's
 * name away.
 *
 * @param version as the package says it; may be empty
 * @param digest `sha256:…` of the manifest
 */
export function releaseTag(version: string, digest: string): string {
  const said = (version === '' ? 'image' : version).replace(/[^A-Za-z0-9_.-]/g, '_').slice(0, 80);
  return `${said.replace(/^[.-]+/, '') || 'image'}-${digest.replace('sha256:', '').slice(0, 12)}`;
}
