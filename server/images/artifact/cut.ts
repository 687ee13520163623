import { createHash } from 'node:crypto';
import type { DiskPiece } from './disk-config';
import { digestOf } from './disk-manifest';
import { clusterSize, isZero, packPiece } from './zstd';

/** A piece that was read from a disk and holds something, with its name before it is packed. */
export interface RawPiece {
  at: number;
  /** Whole clusters: what the disk's last piece lacks is filled with zeros. */
  bytes: Buffer;
  /** SHA-256 in hex of the bytes. */
  raw: string;
}

/**
 * Names a piece of a disk.
 *
 * @param at byte of the disk it begins at
 * @param read its bytes
 * @returns undefined when it holds nothing but zeros
 */
export function namePiece(at: number, read: Buffer): RawPiece | undefined {
  if (isZero(read)) return undefined;
  const over = read.length % clusterSize;
  const bytes = over === 0 ? read : Buffer.concat([read, Buffer.alloc(clusterSize - over)]);
  return { at, bytes, raw: createHash('sha256').update(bytes).digest('hex') };
}

/** Packs a named piece into its blob. */
export async function cutPiece(piece: RawPiece): Promise<{ piece: DiskPiece; blob: Buffer }> {
  const { blob, frames } = await packPiece(piece.bytes);
  return { piece: { at: piece.at, raw: piece.raw, blob: digestOf(blob), frames }, blob };
}
