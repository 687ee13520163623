/** Manifests: asked for, read, stored, removed. */
import { digestOf, wrongDigest } from './digest';
import { acceptManifests, readManifest } from './manifests';
import { digestName, isDigest, referenceName, repositoryName, repositoryScope } from './names';
import { RegistryError, type Registry, type StoredManifest } from './oci';
import { referrersOf } from './referrers';
import type { Answer, Wire } from './wire';

/** The specification lets registries refuse larger manifests; docker-registry does. */
const manifestLimit = 4 * 2 ** 20;

type Manifests = Pick<Registry, 'head' | 'manifest' | 'putManifest' | 'deleteManifest' | 'referrers'>;

/** The manifest half of a registry's client. */
export function manifestsOf(wire: Wire): Manifests {
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

  /** @returns whether the registry has listed it with its subject by itself */
  const put = async (
    { repository, reference, mediaType, bytes }: Parcel,
    signal: AbortSignal | undefined,
  ): Promise<boolean> => {
    const digest = digestOf(bytes);
    if (isDigest(reference) && reference !== digest) throw wrongDigest('the manifest', reference, digest);
    const answer = await wire.askWhole({
      method: 'PUT',
      path: path(repository, reference),
      scopes: [repositoryScope(repository, 'pull', 'push')],
      headers: { 'content-type': mediaType },
      body: bytes,
      signal,
      ok: [201, 200, 202],
    });
    const stored = answer.headers['docker-content-digest'];
    if (stored !== undefined && stored !== digest)
      throw wrongDigest('the manifest as it was stored', digest, stored, answer.url);
    return answer.headers['oci-subject'] !== undefined;
  };
  const putPlain: Registry['putManifest'] = async (repository, reference, mediaType, bytes, call) => {
    await put({ repository, reference, mediaType, bytes }, call?.signal);
    return { mediaType, digest: digestOf(bytes), size: bytes.length };
  };
  const lists = referrersOf(wire, { manifest, putPlain });

  return {
    manifest,
    referrers: (repository, digest, call) => lists.referrers(repository, digest, call),
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
      const mediaType = answer.headers['content-type'] ?? '';
      const length = answer.headers['content-length'];
      // The header is a MAY of the specification: without it, only the bytes tell.
      if (digest === undefined || !isDigest(digest) || length === undefined)
        return (await manifest(repository, reference, call))?.descriptor;
      if (isDigest(reference) && digest !== reference)
        throw wrongDigest('the manifest', reference, digest, answer.url);
      return { mediaType, digest, size: Number(length) };
    },
    async putManifest(repository, reference, mediaType, bytes, call) {
      if (bytes.length > manifestLimit) {
        const message = `a manifest of ${bytes.length} bytes; registries take ${manifestLimit}`;
        throw new RegistryError('tooLarge', message);
      }
      const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
      const told = readManifest(bytes, mediaType, `${repository}@${descriptor.digest}`);
      const listed = await put({ repository, reference, mediaType, bytes }, call?.signal);
      if (!listed) await lists.enlist(repository, { descriptor, bytes, manifest: told }, call);
      return descriptor;
    },
    async deleteManifest(repository, digest, call) {
      await wire.askWhole({
        method: 'DELETE',
        path: path(repository, digestName(digest)),
        scopes: [repositoryScope(repository, 'delete')],
        signal: call?.signal,
        ok: [202, 200, 204, 404],
      });
    },
  };
}

interface Parcel {
  repository: string;
  reference: string;
  mediaType: string;
  bytes: Buffer;
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
