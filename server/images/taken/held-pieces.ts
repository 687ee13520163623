import { open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Registry } from '@/server/oci/oci';
import { cutPiece, namePiece } from '../artifact/cut';
import { blobBytes, readConfig, writeConfig, type DiskPiece } from '../artifact/disk-config';
import { digestOf } from '../artifact/disk-manifest';
import { openDisk, type DiskArtifact } from '../artifact/open-disk';
import { layOutQcow2 } from '../artifact/qcow2-layout';
import { openRawDisk, type RawDisk } from '../artifact/read-disk';
import { clusterSize } from '../artifact/zstd';
import type { ImageRow } from '../image-rows';
import type { ImageFolders } from '../ports';
import { storedPath } from '../stored';
import type { ImageRoom } from '../take-in';

/** Pieces of disks that images of this house hold. */
export interface HeldPieces {
  has(blob: string): boolean;
  /** A blob, proved by its digest; undefined when the file does not hold it after all. */
  read(blob: string): Promise<Buffer | undefined>;
  close(): Promise<void>;
}

/** One image's part of them. */
interface HeldDisk {
  pieces: ReadonlyMap<string, DiskPiece>;
  read(piece: DiskPiece): Promise<Buffer | undefined>;
  close(): Promise<void>;
}

/** How many images are looked into. */
const mostHeld = 6;

/** Where the pieces of an image that was taken from a registry are written down. */
export function piecesPath(folders: ImageFolders, imageId: string): string {
  return join(folders.root, `${imageId}.disk.json`);
}

/** What {@link piecesPath} holds: the config of the whole disk. */
export function piecesOf({ facts, pieceSize, pieces }: DiskArtifact): Buffer {
  const range = { from: 0, to: facts.virtualSize };
  return writeConfig({ ...facts, pieceSize, clusterSize, range, pieces: [...pieces] });
}

/**
 * Opens the images that probably share pieces with a disk: those of the same system first, then the newest. An image
 * that cannot be looked into only makes more be fetched.
 *
 * @param workbench the registry of the images' own artifacts, and its address; undefined while there is none
 */
export async function openHeldPieces(
  room: Pick<ImageRoom, 'rows' | 'folders'>,
  os: string | undefined,
  workbench: { registry: Registry; address: string } | undefined,
  signal: AbortSignal | undefined,
): Promise<HeldPieces> {
  const rows = room.rows
    .all({ state: 'ready' })
    .filter(({ format }) => format === 'qcow2')
    .sort((one, other) => Number(other.os === os) - Number(one.os === os));
  const held: HeldDisk[] = [];
  for (const row of rows) {
    if (held.length === mostHeld) break;
    const disk =
      (await openTaken(room.folders, row)) ?? (await openPushed(room.folders, row, workbench, signal));
    if (disk) held.push(disk);
  }
  const holders = (blob: string) => held.filter(({ pieces }) => pieces.has(blob));
  return {
    has: (blob) => holders(blob).length > 0,
    async read(blob) {
      for (const disk of holders(blob)) {
        const piece = disk.pieces.get(blob);
        const bytes = piece && (await disk.read(piece).catch(() => undefined));
        if (bytes && digestOf(bytes) === blob) return bytes;
      }
      return undefined;
    },
    async close() {
      await Promise.all(held.map((disk) => disk.close()));
    },
  };
}

/** An image that came from a registry: its file holds the blobs as they are. */
async function openTaken(folders: ImageFolders, row: ImageRow): Promise<HeldDisk | undefined> {
  if (row.source.kind !== 'registry') return undefined;
  try {
    const config = readConfig(await readFile(piecesPath(folders, row.id)));
    const { places } = layOutQcow2(config.virtualSize, config.pieceSize, config.pieces);
    const numbers = new Map(config.pieces.map(({ blob }, number) => [blob, number]));
    let file: Promise<FileHandle> | undefined;
    return {
      pieces: new Map(config.pieces.map((piece) => [piece.blob, piece])),
      async read(piece) {
        file ??= open(storedPath(folders, row.id, 'qcow2'));
        const bytes = Buffer.alloc(blobBytes(piece));
        const at = places[numbers.get(piece.blob) ?? -1];
        await (await file).read(bytes, 0, bytes.length, at);
        return bytes;
      },
      close: async () => (await file?.catch(() => undefined))?.close(),
    };
  } catch {
    return undefined;
  }
}

/** Any other image whose artifact is in our registry: its disk is read, and its pieces are packed anew. */
async function openPushed(
  folders: ImageFolders,
  row: ImageRow,
  workbench: { registry: Registry; address: string } | undefined,
  signal: AbortSignal | undefined,
): Promise<HeldDisk | undefined> {
  const { artifactRepository: repository, artifactDigest: reference } = row;
  if (repository === null || reference === null || row.artifactRegistry !== workbench?.address)
    return undefined;
  try {
    const { pieces, pieceSize } = await openDisk(
      { registry: workbench.registry, repository, reference },
      { signal },
    );
    let disk: Promise<RawDisk> | undefined;
    return {
      pieces: new Map(pieces.map((piece) => [piece.blob, piece])),
      async read({ at }) {
        disk ??= openRawDisk(storedPath(folders, row.id, 'qcow2'), { format: 'qcow2', signal });
        const opened = await disk;
        const raw = namePiece(at, await opened.read(at, Math.min(pieceSize, opened.virtualSize - at)));
        return raw && (await cutPiece(raw)).blob;
      },
      close: async () => (await disk?.catch(() => undefined))?.close(),
    };
  } catch {
    return undefined;
  }
}
