import { Readable } from 'node:stream';
import { firstThat } from './bisect';
import type { Qcow2Layout } from './qcow2-layout';
import { clusterSize } from './zstd';

/** Gives bytes of a piece's blob: all of it, or those between two offsets, the last one not included. */
export type BlobSource = (piece: number, from: number, to: number) => Promise<Buffer>;

/** Pieces that are fetched ahead of the reader. */
const ahead = 4;

/**
 * The bytes of a laid out qcow2 file between two offsets. Only the pieces between them are asked for, a few ahead of the
 * reader, in order; what is held in memory does not grow with the file.
 *
 * @param range first byte, and behind the last
 */
export function streamQcow2(
  layout: Qcow2Layout,
  range: { from: number; to: number },
  source: BlobSource,
): Readable {
  return Readable.from(bytesOf(layout, range, source), { objectMode: false, highWaterMark: 2 ** 20 });
}

async function* bytesOf(
  layout: Qcow2Layout,
  { from, to }: { from: number; to: number },
  source: BlobSource,
): AsyncGenerator<Buffer> {
  for (let at = from; at < Math.min(to, layout.dataAt);) {
    const index = Math.floor(at / clusterSize);
    const end = Math.min(to, (index + 1) * clusterSize);
    yield layout.head(index).subarray(at - index * clusterSize, end - index * clusterSize);
    at = end;
  }
  const dataEnd = layout.places.at(-1) ?? layout.dataAt;
  yield* dataBytes(layout, Math.max(from, layout.dataAt), Math.min(to, dataEnd), source);
  // The file ends with a whole cluster.
  const rest = to - Math.max(from, dataEnd);
  if (rest > 0) yield Buffer.alloc(rest);
}

async function* dataBytes(
  { places }: Qcow2Layout,
  from: number,
  to: number,
  source: BlobSource,
): AsyncGenerator<Buffer> {
  if (from >= to) return;
  let next = firstThat(places.length, (index) => (places[index + 1] ?? Infinity) > from);
  const coming: Promise<Buffer>[] = [];
  const order = () => {
    const start = places[next];
    const end = places[next + 1];
    if (start === undefined || end === undefined || start >= to) return;
    const bytes = source(next, Math.max(from, start) - start, Math.min(to, end) - start);
    // Whoever waits for it gets the error; nobody may, when the reader leaves.
    bytes.catch(() => undefined);
    coming.push(bytes);
    next += 1;
  };
  for (let count = 0; count < ahead; count += 1) order();
  for (let first = coming.shift(); first; first = coming.shift()) {
    const bytes = await first;
    order();
    yield bytes;
  }
}
