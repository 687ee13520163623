import { Readable } from 'node:stream';
import type { Registry } from '../../oci/oci';
import type { FoundImage } from './archive-files';
import { assemble } from './assemble';
import { blobSink } from './blob-sink';
import { takeArchive } from './take-archive';
import { packed, unpacked } from './unpack';

/** An image of an archive whose layers lie in a repository; nobody sees it before it was entered. */
export interface SentImage extends Pick<FoundImage, 'names' | 'digest' | 'mediaType' | 'platforms' | 'size'> {
  /** Puts what is left, and its manifests last. @throws RegistryError */
  enter(tag: string): Promise<void>;
}

/**
 * Sends the images of an archive (`docker save`, or an OCI image layout; plain, gzip or zstd) into a repository while
 * it is read once; nothing of it is kept elsewhere.
 *
 * @returns its images, at least one, and the bytes that had to be sent for them
 * @throws Problem `invalid` of `containers.archive.*`; RegistryError
 */
export async function sendArchive(
  content: Readable,
  { registry, repository }: { registry: Registry; repository: string },
  signal: AbortSignal,
): Promise<{ images: SentImage[]; sent: number }> {
  const sink = blobSink(registry, repository, signal);
  let sent = 0;
  const counting: typeof sink = {
    ...sink,
    async send(blob, expected) {
      const done = await sink.send(blob, expected);
      sent += done.size;
      return done;
    },
  };
  const { packing, content: whole } = await packed(content[Symbol.asyncIterator]());
  const plain = unpacked(whole, packing, signal);
  const taken = await takeArchive(plain, counting, { taken: () => undefined, signal });
  // Behind the end of a tar there is padding, and in a packed one its check sum.
  for await (const rest of plain) void rest;
  const images = assemble(taken).map((image) => ({
    ...image,
    async enter(tag: string) {
      for (const { digest, size, text } of image.blobs) {
        if (text === undefined) continue;
        const bytes = Buffer.from(text);
        const from = (offset: number) => Readable.from([bytes.subarray(offset)]);
        await registry.putBlob(repository, { digest, size }, from, { signal });
      }
      for (const { digest, mediaType, text } of image.manifests) {
        const reference = digest === image.digest ? tag : digest;
        await registry.putManifest(repository, reference, mediaType, Buffer.from(text), { signal });
      }
    },
  }));
  return { images, sent };
}
