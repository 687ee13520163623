import type { Registry } from '../../oci/oci';
import { refuse } from './limits';
import type { BlobSink } from './take-archive';

/** Sends the large files of an archive into a repository, where they wait for the manifest that names them. */
export function blobSink(registry: Registry, repository: string, signal: AbortSignal): BlobSink {
  return {
    has: (digest) => registry.hasBlob(repository, digest, { signal }),
    async send(content, expected) {
      // What is wrong with the archive is told as that, whatever the client makes of a stream that breaks.
      let broken: Error | undefined;
      content.once('error', (error) => (broken = error));
      try {
        return await registry.streamBlob(repository, content, {
          signal,
          expected: expected === undefined ? undefined : { digest: expected },
        });
      } catch (error) {
        if (broken) throw broken;
        if (error instanceof Error && 'fault' in error && error.fault === 'wrongDigest') {
          refuse('wrongDigest', { name: expected ?? '', expected: expected ?? '', found: '' }, error);
        }
        throw error;
      }
    },
  };
}
