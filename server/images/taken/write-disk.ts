import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { blobBytes, type DiskPiece } from '../artifact/disk-config';
import { digestOf } from '../artifact/disk-manifest';
import type { DiskArtifact } from '../artifact/open-disk';
import { clusterSize } from '../artifact/zstd';
import type { HeldPieces } from './held-pieces';

/** Pieces that are fetched or read ahead of the one that is written. */
const ahead = 8;

/**
 * Writes a disk of a registry as a qcow2 file, with what is held here and the rest fetched. A file that an earlier call
 * left half done is gone on with, as far as its pieces are proved. What is held in memory does not grow with the disk.
 *
 * @param step `progress` gets bytes of the file that are there, and in all
 * @returns bytes of blobs that were fetched, and that were here already
 * @throws Problem `invalid` for a damaged piece, RegistryError, AbortError, errors of the file system
 */
export async function writeDiskFile(
  disk: Pick<DiskArtifact, 'layout' | 'pieces' | 'blob'>,
  file: string,
  held: Pick<HeldPieces, 'has' | 'read'>,
  step: { signal: AbortSignal; progress?: ((done: number, total: number) => void) | undefined },
): Promise<{ bytesMoved: number; bytesKept: number }> {
  const { layout, pieces } = disk;
  const { signal } = step;
  const handle = await open(file, constants.O_RDWR | constants.O_CREAT, 0o600);
  try {
    const counts = { bytesMoved: 0, bytesKept: 0 };
    const first = await provedPieces(handle, disk, signal);
    counts.bytesKept = (layout.places[first] ?? layout.dataAt) - layout.dataAt;
    await writeHead(handle, layout);
    const written = new Map(pieces.slice(0, first).map(({ blob }, number) => [blob, number]));
    const fetchPiece = async (piece: DiskPiece): Promise<Buffer> => {
      const number = written.get(piece.blob);
      const here =
        number === undefined
          ? held.has(piece.blob) && (await held.read(piece.blob))
          : await readPiece(handle, disk, number);
      if (here) {
        counts.bytesKept += here.length;
        return here;
      }
      const blob = await disk.blob(piece, { signal });
      counts.bytesMoved += blob.length;
      return blob;
    };
    let next = first;
    const coming: { number: number; bytes: Promise<Buffer> }[] = [];
    const order = () => {
      const piece = pieces[next];
      if (!piece) return;
      const bytes = fetchPiece(piece);
      // Whoever waits for it gets the error; nobody may, when an earlier one failed.
      bytes.catch(() => undefined);
      coming.push({ number: next, bytes });
      next += 1;
    };
    try {
      for (let count = 0; count < ahead; count += 1) order();
      for (let piece = coming.shift(); piece; piece = coming.shift()) {
        const bytes = await piece.bytes;
        signal.throwIfAborted();
        await writeAll(handle, bytes, layout.places[piece.number] ?? layout.size);
        const blob = pieces[piece.number]?.blob;
        if (blob !== undefined) written.set(blob, piece.number);
        step.progress?.(layout.places[piece.number + 1] ?? layout.size, layout.size);
        order();
      }
    } finally {
      // The file and the images that are read from are closed after this.
      await Promise.allSettled(coming.map(({ bytes }) => bytes));
    }
    // The file ends with a whole cluster.
    await handle.truncate(layout.size);
    step.progress?.(layout.size, layout.size);
    return counts;
  } finally {
    await handle.close();
  }
}

/** How many pieces, from the first on, a file holds already. */
async function provedPieces(
  handle: FileHandle,
  disk: Pick<DiskArtifact, 'layout' | 'pieces'>,
  signal: AbortSignal,
): Promise<number> {
  let proved = 0;
  while (proved < disk.pieces.length && (await readPiece(handle, disk, proved))) {
    signal.throwIfAborted();
    proved += 1;
  }
  return proved;
}

/** A piece as the file holds it; undefined when it does not. */
async function readPiece(
  handle: FileHandle,
  { layout, pieces }: Pick<DiskArtifact, 'layout' | 'pieces'>,
  number: number,
): Promise<Buffer | undefined> {
  const piece = pieces[number];
  if (!piece) return undefined;
  const bytes = Buffer.alloc(blobBytes(piece));
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, layout.places[number]);
  return bytesRead === bytes.length && digestOf(bytes) === piece.blob ? bytes : undefined;
}

async function writeHead(handle: FileHandle, layout: DiskArtifact['layout']): Promise<void> {
  for (let index = 0; index * clusterSize < layout.dataAt; index += 1) {
    await writeAll(handle, layout.head(index), index * clusterSize);
  }
}

/** A disk that is nearly full takes a part, and refuses the next call. */
async function writeAll(handle: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}
