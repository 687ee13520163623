import { createHash, randomBytes } from 'node:crypto';
import { pipeline, Readable, Transform } from 'node:stream';
import type { Descriptor, Registry } from './oci';

/** A blob of a test, with its bytes. */
export interface TestBlob {
  bytes: Buffer;
  digest: string;
  size: number;
}

/** SHA-256 of bytes, as registries write it. */
export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** @param content bytes, or how many of them, random */
export function testBlob(content: number | string | Buffer): TestBlob {
  const bytes = typeof content === 'number' ? randomBytes(content) : Buffer.from(content);
  return { bytes, digest: sha256(bytes), size: bytes.length };
}

/** Sends a blob out of memory. */
export async function putBytes(registry: Registry, repository: string, blob: TestBlob): Promise<void> {
  await registry.putBlob(repository, blob, (offset) => Readable.from([blob.bytes.subarray(offset)]));
}

/** An image with these layers, pushed under a tag. */
export async function pushImage(
  registry: Registry,
  name: { repository: string; tag: string },
  layers: readonly TestBlob[],
  more: { architecture?: string; subject?: Descriptor; artifactType?: string } = {},
): Promise<Descriptor> {
  const { repository, tag } = name;
  const oci = 'application/vnd.oci.image';
  const config = testBlob(
    JSON.stringify({
      os: 'linux',
      architecture: more.architecture ?? 'amd64',
      rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.digest) },
    }),
  );
  for (const blob of [config, ...layers]) await putBytes(registry, repository, blob);
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: `${oci}.manifest.v1+json`,
      ...(more.artifactType && { artifactType: more.artifactType }),
      config: { mediaType: `${oci}.config.v1+json`, digest: config.digest, size: config.size },
      layers: layers.map(({ digest, size }) => ({ mediaType: `${oci}.layer.v1.tar+gzip`, digest, size })),
      ...(more.subject && { subject: more.subject }),
    }),
  );
  const reference = tag === '' ? sha256(manifest) : tag;
  return await registry.putManifest(repository, reference, `${oci}.manifest.v1+json`, manifest);
}

/** An index of images that are there, pushed under a tag. */
export async function pushIndex(
  registry: Registry,
  name: { repository: string; tag: string },
  images: readonly { image: Descriptor; architecture: string }[],
): Promise<Descriptor> {
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const manifests = images.map(({ image, architecture }) => ({
    ...image,
    platform: { os: 'linux', architecture },
  }));
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
  return await registry.putManifest(name.repository, name.tag, mediaType, bytes);
}

/** All bytes of a stream. */
export async function bytesOf(stream: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

/**
 * A registry that gives so many bytes of its blobs and no more until it is let go: what happens in the middle of a
 * transfer then happens there, however slow or fast the machine is.
 *
 * @param bytes of all blobs together
 * @param digest only this one's are counted and held back
 */
export function heldBack(
  registry: Registry,
  bytes: number,
  digest?: string,
): { registry: Registry; letGo: () => void } {
  let given = 0;
  let free = false;
  const waiting: (() => void)[] = [];
  const held = () =>
    new Transform({
      transform(chunk: Buffer, _encoding, done) {
        given += chunk.length;
        if (free || given <= bytes) done(null, chunk);
        else waiting.push(() => done(null, chunk));
      },
    });
  return {
    letGo() {
      free = true;
      for (const goOn of waiting.splice(0)) goOn();
    },
    registry: {
      ...registry,
      async blob(repository, of, call) {
        const stream = await registry.blob(repository, of, call);
        if (digest !== undefined && of !== digest) return stream;
        return pipeline(stream, held(), () => undefined);
      },
    },
  };
}
