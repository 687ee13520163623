import type { DiskPiece } from './disk-config';
import type { DiskRange } from './read-disk';
import { clusterSize } from './zstd';

/** A disk that is in the registry already, and where the new one differs from it. */
export interface Since {
  pieceSize: number;
  pieces: readonly DiskPiece[];
  /** Ranges of the new disk that may differ; whatever lies outside them is taken to be the same. */
  changed: readonly DiskRange[];
}

/** What a push does with each piece of a disk that may hold something. */
export interface PushPlan {
  /** Offsets of the pieces to read, in order. */
  read: number[];
  /** Pieces that are as they were: not even read. */
  keep: DiskPiece[];
}

/**
 * Says which pieces of a disk are to be read.
 *
 * @param used ranges that may hold something
 * @param since absent: everything used is read
 */
export function planPush(
  virtualSize: number,
  pieceSize: number,
  used: readonly DiskRange[],
  since: Since | undefined,
): PushPlan {
  const inUse = offsetsOf(used, pieceSize, virtualSize);
  // Pieces of another size have other names, whatever they hold.
  if (since?.pieceSize !== pieceSize) return { read: [...inUse], keep: [] };
  const changed = offsetsOf(since.changed, pieceSize, virtualSize);
  const keep = since.pieces.filter(
    ({ at, frames }) =>
      !changed.has(at) &&
      // A disk that has grown ends its old last piece with bytes that nobody marked as changed.
      frames.length === Math.ceil(Math.min(pieceSize, virtualSize - at) / clusterSize),
  );
  const before = new Map(since.pieces.map((piece) => [piece.at, piece]));
  const kept = new Set(keep.map(({ at }) => at));
  // Outside the changes a piece that was all zeros still is.
  const read = [...inUse].filter((at) => changed.has(at) || (before.has(at) && !kept.has(at)));
  return { read, keep };
}

/** Offsets of the pieces that ranges touch, in order. */
function offsetsOf(ranges: readonly DiskRange[], pieceSize: number, virtualSize: number): Set<number> {
  const offsets = new Set<number>();
  for (const { at, length } of ranges) {
    const end = Math.min(virtualSize, at + length);
    for (let piece = at - (at % pieceSize); piece < end; piece += pieceSize) offsets.add(piece);
  }
  return new Set([...offsets].sort((a, b) => a - b));
}
