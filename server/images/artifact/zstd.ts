import { compress, decompress } from '@mongodb-js/zstd';

/** Bytes of the disk in one zstd frame: QEMU's own cluster size, so that a guest's random reads stay cheap. */
export const clusterSize = 65_536;

/**
 * Packs a piece of a disk as zstd frames, one a cluster, one behind the other. Plain `zstd -d` gives the piece back, and
 * each frame is at the same time what qcow2 (version 3, compression type zstd) stores for a compressed cluster.
 *
 * The level is the library's default, which its 1.x line cannot change; the library is pinned, since another version of
 * zstd may well pack the same bytes into others.
 *
 * @param raw the piece, a multiple of {@link clusterSize} long
 * @returns the blob, and the bytes of each frame, below zero where the cluster holds nothing but zeros
 */
export async function packPiece(raw: Buffer): Promise<{ blob: Buffer; frames: number[] }> {
  const clusters = Array.from({ length: raw.length / clusterSize }, (_, index) =>
    raw.subarray(index * clusterSize, (index + 1) * clusterSize),
  );
  const packed = await Promise.all(clusters.map((cluster) => compress(cluster)));
  return {
    blob: Buffer.concat(packed),
    frames: packed.map((frame, index) => (isZero(clusters[index]) ? -frame.length : frame.length)),
  };
}

/** Unpacks frames of one piece; the clusters behind each other. Fails for what is no zstd. */
export function unpackFrames(frames: Buffer): Promise<Buffer> {
  return decompress(frames);
}

/** Whether a buffer holds nothing but zeros. */
export function isZero(bytes: Buffer | undefined): boolean {
  if (bytes === undefined || bytes.length === 0) return true;
  // Equal to itself moved by one byte, and the first is zero: one pass of memcmp over memory that is there already.
  return bytes[0] === 0 && bytes.compare(bytes, 1, bytes.length, 0, bytes.length - 1) === 0;
}
