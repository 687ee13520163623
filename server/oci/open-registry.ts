import { blobsOf } from './blobs';
import { digestOf, wrongDigest } from './digest';
import { acceptManifests, indexType, readManifest } from './manifests';
import { digestName, isDigest, referenceName, referrersTag, repositoryName, repositoryScope } from './names';
import {
  RegistryError,
  type Descriptor,
  type Registry,
  type RegistryAccess,
  type StoredManifest,
} from './oci';
import { openWire, type Answer, type Wire, type WireOptions } from './wire';

/** Most names that a page of a list is asked for. */
const pageSize = 1000;
/** Where a list that never ends is cut off. */
const mostPages = 1000;
/** The specification lets registries refuse larger manifests; docker-registry does. */
const manifestLimit = 4 * 2 ** 20;

/**
 * A client of one registry; nothing is sent before it is asked something.
 *
 * @param access where it is, what to trust, how to log in
 * @param options time limits in milliseconds, and how often what may pass is tried
 */
export function openRegistry(access: RegistryAccess, options?: WireOptions): Registry {
  const wire = openWire(access, options);
  const manifests = manifestsOf(wire);
  const { endUploads, ...blobs } = blobsOf(wire);
  return {
    url: access.url,
    ...blobs,
    ...manifests,
    ...listsOf(wire, manifests),
    async ping(call) {
      const answer = await wire.askWhole({
        method: 'GET',
        path: '/v2/',
        scopes: [],
        signal: call?.signal,
        ok: [200],
      });
      // Distribution specification, "Determining Support"; a web server that answers everything with 200 is none.
      const known = answer.headers['docker-distribution-api-version']?.startsWith('registry/2') ?? false;
      const json = answer.headers['content-type']?.includes('json') ?? false;
      if (known || json) return;
      const words = answer.bytes.subarray(0, 120).toString('utf8');
      throw new RegistryError('notARegistry', `${answer.url}: no registry answers here`, {
        url: answer.url,
        words,
      });
    },
    async close() {
      await endUploads();
      await wire.close();
    },
  };
}

type Manifests = Pick<Registry, 'head' | 'manifest' | 'putManifest' | 'deleteManifest'>;

function manifestsOf(wire: Wire): Manifests {
  const path = (repository: string, reference: string) =>
    `/v2/${repositoryName(repository)}/manifests/${referenceName(reference)}`;
  const accept = { accept: acceptManifests };

  const manifest: Manifests['manifest'] = async (repository, reference, call) => {
    const answer = await wire.askWhole(
      {
        method: 'GET',
        path: path(repository, reference),
        scopes: [repositoryScope(repository, 'pull')],
        headers: accept,
        signal: call?.signal,
        ok: [200, 404],
      },
      manifestLimit,
    );
    return answer.status === 404 ? undefined : storedManifest(answer, reference);
  };

  return {
    manifest,
    async head(repository, reference, call) {
      const answer = await wire.ask({
        method: 'HEAD',
        path: path(repository, reference),
        scopes: [repositoryScope(repository, 'pull')],
        headers: accept,
        signal: call?.signal,
        ok: [200, 404],
      });
      if (answer.status === 404) return undefined;
      const digest = answer.headers['docker-content-digest'];
      // The header is a MAY of the specification: without it, only the bytes tell.
      if (digest === undefined || !isDigest(digest))
        return (await manifest(repository, reference, call))?.descriptor;
      if (isDigest(reference) && digest !== reference)
        throw wrongDigest('the manifest', reference, digest, answer.url);
      const mediaType = answer.headers['content-type'] ?? '';
      return { mediaType, digest, size: Number(answer.headers['content-length'] ?? 0) };
    },
    async putManifest(repository, reference, mediaType, bytes, call) {
      if (bytes.length > manifestLimit) {
        throw new RegistryError(
          'tooLarge',
          `a manifest of ${bytes.length} bytes; registries take ${manifestLimit}`,
        );
      }
      const digest = digestOf(bytes);
      if (isDigest(reference) && reference !== digest) throw wrongDigest('the manifest', reference, digest);
      const answer = await wire.askWhole({
        method: 'PUT',
        path: path(repository, reference),
        scopes: [repositoryScope(repository, 'pull', 'push')],
        headers: { 'content-type': mediaType },
        body: bytes,
        signal: call?.signal,
        ok: [201, 200, 202],
      });
      const stored = answer.headers['docker-content-digest'];
      if (stored !== undefined && stored !== digest)
        throw wrongDigest('the manifest', digest, stored, answer.url);
      return { mediaType, digest, size: bytes.length };
    },
    async deleteManifest(repository, digest, call) {
      await wire.askWhole({
        method: 'DELETE',
        path: path(repository, digestName(digest)),
        scopes: [repositoryScope(repository, 'pull', 'push', 'delete')],
        signal: call?.signal,
        ok: [202, 200, 204, 404],
      });
    },
  };
}

/** The manifest of an answer, its bytes proved against every digest that was said. */
function storedManifest(answer: Answer & { bytes: Buffer }, reference: string): StoredManifest {
  const digest = digestOf(answer.bytes);
  const said = answer.headers['docker-content-digest'];
  if (isDigest(reference) && reference !== digest)
    throw wrongDigest('the manifest', reference, digest, answer.url);
  if (said !== undefined && isDigest(said) && said !== digest) {
    throw wrongDigest('the manifest', said, digest, answer.url);
  }
  const manifest = readManifest(answer.bytes, answer.headers['content-type'] ?? '', answer.url);
  const { mediaType } = manifest;
  return { descriptor: { mediaType, digest, size: answer.bytes.length }, bytes: answer.bytes, manifest };
}

function listsOf(
  wire: Wire,
  { manifest }: Pick<Manifests, 'manifest'>,
): Pick<Registry, 'tags' | 'repositories' | 'referrers'> {
  /** All pages of a list; none where there is no such thing. */
  const pages = async (
    path: string,
    scopes: string[],
    key: 'tags' | 'repositories',
    signal?: AbortSignal,
  ) => {
    const found: string[] = [];
    let next: string | undefined = path;
    for (let page = 0; next !== undefined && page < mostPages; page += 1) {
      const answer = await wire.askWhole(
        { method: 'GET', path: next, scopes, signal, ok: [200, 404] },
        64 * 2 ** 20,
      );
      if (answer.status === 404) break;
      const list = jsonOf(answer)[key];
      // docker-registry says null for a repository whose tags are all gone.
      if (Array.isArray(list)) found.push(...list.filter((each) => typeof each === 'string'));
      next = nextOf(answer);
    }
    return found;
  };

  return {
    tags: (repository, call) => {
      const path = `/v2/${repositoryName(repository)}/tags/list?n=${pageSize}`;
      return pages(path, [repositoryScope(repository, 'pull')], 'tags', call?.signal);
    },
    repositories: async (prefix, call) => {
      const all = await pages(
        `/v2/_catalog?n=${pageSize}`,
        ['registry:catalog:*'],
        'repositories',
        call?.signal,
      );
      return all.filter((name) => name.startsWith(prefix));
    },
    async referrers(repository, digest, call) {
      const answer = await wire.askWhole({
        method: 'GET',
        path: `/v2/${repositoryName(repository)}/referrers/${digestName(digest)}`,
        scopes: [repositoryScope(repository, 'pull')],
        headers: { accept: indexType },
        signal: call?.signal,
        ok: [200, 404],
      });
      if (answer.status === 200 && answer.headers['content-type']?.includes(indexType)) {
        return listed(readManifest(answer.bytes, indexType, answer.url));
      }
      const fallback = await manifest(repository, referrersTag(digest), call);
      return fallback ? listed(fallback.manifest) : [];
    },
  };
}

const listed = (index: StoredManifest['manifest']): Descriptor[] =>
  index.kind === 'index' ? index.manifests : [];

function jsonOf(answer: Answer & { bytes: Buffer }): Record<string, unknown> {
  try {
    return { ...(JSON.parse(answer.bytes.toString('utf8')) as Record<string, unknown>) };
  } catch (error) {
    const words = answer.bytes.subarray(0, 120).toString('utf8');
    throw new RegistryError('notARegistry', `${answer.url}: no JSON`, { url: answer.url, words }, error);
  }
}

/** The next page's address (RFC 8288, `Link: <…>; rel="next"`). */
function nextOf(answer: Answer): string | undefined {
  const address = /<([^>]+)>\s*;\s*rel="?next"?/i.exec(answer.headers['link'] ?? '')?.[1];
  return address === undefined ? undefined : new URL(address, answer.url).href;
}
