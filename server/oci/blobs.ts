/** Blobs: asked for, read, sent, mounted. */
import { wrongDigest } from './digest';
import { digestName, isDigest, repositoryName, repositoryScope } from './names';
import type { Registry } from './oci';
import { readBlob } from './read-blob';
import { sendBlob } from './send-blob';
import { streamBlob } from './stream-blob';
import { uploadsOf } from './uploads';
import type { Wire } from './wire';

type Blobs = Pick<Registry, 'hasBlob' | 'blob' | 'putBlob' | 'streamBlob' | 'mount'> & {
  /** Cancels uploads that were begun and never used. */
  endUploads: () => Promise<void>;
};

/** The blob half of a registry's client. */
export function blobsOf(wire: Wire): Blobs {
  const blobPath = (repository: string, digest: string) =>
    `/v2/${repositoryName(repository)}/blobs/${digestName(digest)}`;

  const hasBlob: Blobs['hasBlob'] = async (repository, digest, call) => {
    const answer = await wire.ask({
      method: 'HEAD',
      path: blobPath(repository, digest),
      scopes: [repositoryScope(repository, 'pull')],
      signal: call?.signal,
      ok: [200, 404],
    });
    if (answer.status === 404) return undefined;
    const said = answer.headers['docker-content-digest'];
    if (said !== undefined && isDigest(said) && said !== digest)
      throw wrongDigest('the blob', digest, said, answer.url);
    return Number(answer.headers['content-length'] ?? 0);
  };
  const uploads = uploadsOf(wire);

  return {
    hasBlob,
    blob: (repository, digest, call) =>
      readBlob(wire, {
        path: blobPath(repository, digest),
        scopes: [repositoryScope(repository, 'pull')],
        digest,
        ...call,
      }),
    async putBlob(repository, blob, from, call) {
      const isThere = async () => (await hasBlob(repository, blob.digest, call)) !== undefined;
      if (call?.absent !== true && (await isThere())) return { sent: 0 };
      return await sendBlob(uploads, { repository, ...blob, ...call, isThere }, from);
    },
    streamBlob: (repository, source, call) => streamBlob(uploads, { repository, source, ...call }),
    mount: (repository, digest, fromRepository, call) =>
      uploads.mount(repository, digest, fromRepository, call?.signal),
    endUploads: () => uploads.cancelKept(),
  };
}
