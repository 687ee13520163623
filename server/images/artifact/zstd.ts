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

/**
 * Unpacks a piece's blob. The library unpacks whatever a frame holds, so each is looked at first: it must end where the
 * config says, and have no more blocks than a cluster can take, or a few hundred bytes could fill the memory.
 *
 * @throws Error for what is no zstd, or not such frames
 */
export async function unpackPiece(blob: Buffer, frames: readonly number[]): Promise<Buffer> {
  let at = 0;
  for (const frame of frames) {
    const end = at + Math.abs(frame);
    if (frameEnd(blob, at, end) !== end) throw new Error(`no frame of a cluster at ${at}`);
    at = end;
  }
  return decompress(blob);
}

/** Blocks of one frame; each unpacks to 128 KiB at most (RFC 8878, 3.1.1.2.4). */
const mostBlocks = 4;

/** Where the zstd frame ends that begins at a byte (RFC 8878, 3.1.1); undefined when it does not before the limit. */
function frameEnd(blob: Buffer, start: number, limit: number): number | undefined {
  if (start + 6 > limit || limit > blob.length || blob.readUInt32LE(start) !== 0xfd2fb528) return undefined;
  const descriptor = blob.readUInt8(start + 4);
  const singleSegment = (descriptor & 0x20) !== 0;
  const contentSize = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const checksum = (descriptor & 4) === 0 ? 0 : 4;
  let at = start + 5 + (singleSegment ? 0 : 1) + dictionary + contentSize;
  for (let block = 0; block < mostBlocks && at + 3 <= limit; block += 1) {
    const head = blob.readUIntLE(at, 3);
    // Type 1 repeats one byte; its size is what it unpacks to.
    at += 3 + (((head >> 1) & 3) === 1 ? 1 : head >> 3);
    if ((head & 1) === 1) return at + checksum;
  }
  return undefined;
}

/** Whether a buffer holds nothing but zeros. */
export function isZero(bytes: Buffer | undefined): boolean {
  if (bytes === undefined || bytes.length === 0) return true;
  // Equal to itself moved by one byte, and the first is zero: one pass of memcmp over memory that is there already.
  return bytes[0] === 0 && bytes.compare(bytes, 1, bytes.length, 0, bytes.length - 1) === 0;
}
