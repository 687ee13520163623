import { createHash } from 'node:crypto';
import type { Descriptor } from '@/server/oci/oci';
import {
  blobBytes,
  diskMediaTypes,
  piecesPerManifest,
  writeConfig,
  type DiskConfig,
  type DiskFacts,
  type DiskPiece,
} from './disk-config';

/** A manifest that is to be written, with its config. */
export interface DiskManifest {
  descriptor: Descriptor;
  bytes: Buffer;
  config: Descriptor & { bytes: Buffer };
}

/** `sha256:…` of bytes. */
export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/**
 * Writes a disk as manifests: one, or for a disk of very many pieces several and an index of them.
 *
 * @param pieces those that are not zeros, in the order of the disk
 * @returns the manifests in order, and the top one: the index, or the only manifest
 */
export function writeManifests(
  facts: DiskFacts,
  pieceSize: number,
  pieces: readonly DiskPiece[],
): { parts: DiskManifest[]; top: { descriptor: Descriptor; bytes: Buffer } } {
  const parts = splitRanges(facts.virtualSize, pieceSize, pieces).map((part) =>
    writePart({ ...facts, pieceSize, clusterSize: 65_536, ...part }),
  );
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return { parts, top: only };
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: diskMediaTypes.index,
      artifactType: diskMediaTypes.artifact,
      manifests: parts.map(({ descriptor }) => descriptor),
    }),
  );
  const descriptor = { mediaType: diskMediaTypes.index, digest: digestOf(bytes), size: bytes.length };
  return { parts, top: { descriptor, bytes } };
}

/**
 * Cuts a disk into ranges of a fixed length, by offset like its pieces, so that a range in which nothing changed keeps
 * its manifest. Disks of few pieces are one range, however long they are.
 */
function splitRanges(virtualSize: number, pieceSize: number, pieces: readonly DiskPiece[]) {
  if (pieces.length <= piecesPerManifest) {
    return [{ range: { from: 0, to: virtualSize }, pieces: [...pieces] }];
  }
  const length = pieceSize * piecesPerManifest;
  const ranges = Array.from({ length: Math.ceil(virtualSize / length) }, (_, index) => ({
    range: { from: index * length, to: Math.min(virtualSize, (index + 1) * length) },
    pieces: [] as DiskPiece[],
  }));
  for (const piece of pieces) ranges[Math.floor(piece.at / length)]?.pieces.push(piece);
  return ranges;
}

function writePart(disk: DiskConfig): DiskManifest {
  const configBytes = writeConfig(disk);
  const config = {
    mediaType: diskMediaTypes.config,
    digest: digestOf(configBytes),
    size: configBytes.length,
  };
  // The same bytes at several places of a disk are one blob, named once.
  const layers = new Map(disk.pieces.map((piece) => [piece.blob, blobBytes(piece)]));
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: diskMediaTypes.manifest,
      artifactType: diskMediaTypes.artifact,
      config,
      layers: [...layers].map(([digest, size]) => ({ mediaType: diskMediaTypes.piece, digest, size })),
    }),
  );
  const descriptor = {
    mediaType: diskMediaTypes.manifest,
    digest: digestOf(bytes),
    size: bytes.length,
    artifactType: diskMediaTypes.artifact,
  };
  return { descriptor, bytes, config: { ...config, bytes: configBytes } };
}
