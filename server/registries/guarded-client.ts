import type { Descriptor, Registry, StoredManifest } from '../oci/oci';
import type { Gate } from './gate';

interface Watcher {
  /** Writes wait at it. */
  gate: Gate;
  /** A manifest was put there. */
  put: (repository: string, descriptor: Descriptor) => void;
  /** A manifest was deleted, which named these blobs. */
  removed: (repository: string, digest: string, blobs: string[]) => void;
  /** A call ended: without an error, or with this one. */
  outcome: (error: unknown) => void;
}

/**
 * A registry's client whose writes wait at the gate, and whose use is watched: what was put there, and whether it
 * answers.
 */
export function guardedClient(registry: Registry, { gate, put, removed, outcome }: Watcher): Registry {
  async function watched<T>(call: () => Promise<T>): Promise<T> {
    try {
      const result = await call();
      outcome(undefined);
      return result;
    } catch (error) {
      outcome(error);
      throw error;
    }
  }
  const write = <T>(call: () => Promise<T>, signal: AbortSignal | undefined) =>
    watched(() => gate.pass(call, signal));

  return {
    url: registry.url,
    ping: (call) => watched(() => registry.ping(call)),
    head: (repository, reference, call) => watched(() => registry.head(repository, reference, call)),
    manifest: (repository, reference, call) => watched(() => registry.manifest(repository, reference, call)),
    hasBlob: (repository, digest, call) => watched(() => registry.hasBlob(repository, digest, call)),
    blob: (repository, digest, call) => watched(() => registry.blob(repository, digest, call)),
    tags: (repository, call) => watched(() => registry.tags(repository, call)),
    repositories: (prefix, call) => watched(() => registry.repositories(prefix, call)),
    referrers: (repository, digest, call) => watched(() => registry.referrers(repository, digest, call)),
    putBlob: (repository, blob, from, call) =>
      write(() => registry.putBlob(repository, blob, from, call), call?.signal),
    streamBlob: (repository, source, call) =>
      write(() => registry.streamBlob(repository, source, call), call?.signal),
    mount: (repository, digest, from, call) =>
      write(() => registry.mount(repository, digest, from, call), call?.signal),
    async putManifest(repository, reference, mediaType, bytes, call) {
      const descriptor = await write(
        () => registry.putManifest(repository, reference, mediaType, bytes, call),
        call?.signal,
      );
      put(repository, descriptor);
      return descriptor;
    },
    async deleteManifest(repository, digest, call) {
      const stored = await watched(() => registry.manifest(repository, digest, call));
      await write(() => registry.deleteManifest(repository, digest, call), call?.signal);
      removed(repository, digest, stored ? blobsOf(stored) : []);
    },
    close: () => registry.close(),
  };
}

/** The manifest itself is a blob too, to docker-registry. */
function blobsOf({ descriptor, manifest }: StoredManifest): string[] {
  const named = manifest.kind === 'image' ? [manifest.config, ...manifest.layers] : [];
  return [descriptor.digest, ...named.map(({ digest }) => digest)];
}
