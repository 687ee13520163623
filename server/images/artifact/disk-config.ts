import { z } from 'zod';
import { clusterSize } from './zstd';

/** Media types of a disk image in a registry. */
export const diskMediaTypes = {
  /** Of the whole: `artifactType` of the manifest, and of the index of a disk that takes several. */
  artifact: 'application/vnd.edgeyard.disk.v1',
  config: 'application/vnd.edgeyard.disk.config.v1+json',
  piece: 'application/vnd.edgeyard.disk.piece.v1+zstd',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
} as const;

/** Bytes of the disk in one piece; see ARCHITECTURE.md for what was measured. */
export const defaultPieceSize = 2 ** 20;

/**
 * Pieces a manifest names at most. Registries refuse manifests above 4 MiB, and a layer takes about 155 bytes of one; a
 * disk with more pieces is an index of several manifests, each for its own range.
 */
export const piecesPerManifest = 16_384;

const digestPattern = /^sha256:[0-9a-f]{64}$/;
const whole = z.number().int().nonnegative();

const diskPiece = z.object({
  /** Byte of the disk it begins at, a multiple of the piece size. */
  at: whole,
  /** SHA-256 in hex of the piece's bytes; the disk's last piece is filled with zeros to a whole cluster. */
  raw: z.string().regex(/^[0-9a-f]{64}$/),
  /** Digest of the blob. */
  blob: z.string().regex(digestPattern),
  /** Bytes of each frame of the blob, one a cluster; below zero where the cluster holds nothing but zeros. */
  frames: z.array(
    z
      .number()
      .int()
      .refine((bytes) => bytes !== 0 && Math.abs(bytes) < 2 * clusterSize),
  ),
});
export type DiskPiece = z.infer<typeof diskPiece>;

/** What a disk image is, beside its bytes. */
export const diskFacts = z.object({
  /** Bytes a guest sees. */
  virtualSize: whole.max(2 ** 47).multipleOf(512),
  architecture: z.enum(['x86_64', 'aarch64']),
  /** In words, for example `Debian 12`. */
  os: z.string().max(200).optional(),
  minMemoryMiB: whole.optional(),
  /** Account that SSH keys open, and whether the guest reads a cloud-init seed; absent: not known. */
  login: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/)
    .optional(),
  cloudInit: z.boolean().optional(),
});
export type DiskFacts = z.infer<typeof diskFacts>;

const diskConfigSchema = diskFacts
  .extend({
    pieceSize: whole,
    clusterSize: z.literal(clusterSize),
    /** Bytes of the disk this manifest tells about, first and behind the last; all, unless the disk takes several. */
    range: z.object({ from: whole, to: whole }),
    /** Those that are not all zeros, in the order of the disk. */
    pieces: z.array(diskPiece),
  })
  .superRefine((config, context) => {
    const refuse = (message: string) => {
      context.addIssue({ code: 'custom', message });
    };
    const { pieceSize, range, virtualSize } = config;
    if (pieceSize < clusterSize || pieceSize > 2 ** 26 || pieceSize % clusterSize !== 0) {
      refuse('piece size');
      return;
    }
    if (range.from % pieceSize !== 0 || range.from > range.to || range.to > virtualSize) refuse('range');
    let next = range.from;
    for (const { at, frames } of config.pieces) {
      if (at < next || at >= range.to || at % pieceSize !== 0) refuse(`piece at ${at}`);
      if (frames.length !== clustersAt(config, at)) refuse(`frames of the piece at ${at}`);
      next = at + pieceSize;
    }
  });
export type DiskConfig = z.infer<typeof diskConfigSchema>;

/** Clusters of the piece that begins at a byte of the disk. */
function clustersAt(disk: { virtualSize: number; pieceSize: number }, at: number): number {
  return Math.ceil(Math.min(disk.pieceSize, disk.virtualSize - at) / clusterSize);
}

/** Bytes of a piece once unpacked: whole clusters. */
export function pieceBytes(piece: DiskPiece): number {
  return piece.frames.length * clusterSize;
}

/** Bytes of a piece's blob. */
export function blobBytes(piece: DiskPiece): number {
  return piece.frames.reduce((sum, bytes) => sum + Math.abs(bytes), 0);
}

/** Reads a config blob. @throws z.ZodError or SyntaxError for one that is none of ours, or that contradicts itself */
export function readConfig(bytes: Buffer): DiskConfig {
  return diskConfigSchema.parse(JSON.parse(bytes.toString('utf8')));
}

/** Writes a config blob: the same disk gives the same bytes, whatever order the facts were given in. */
export function writeConfig(config: DiskConfig): Buffer {
  const { virtualSize, architecture, os, minMemoryMiB, login, cloudInit, pieceSize, range } = config;
  const facts = { virtualSize, architecture, os, minMemoryMiB, login, cloudInit };
  const pieces = config.pieces.map(({ at, raw, blob, frames }) => ({ at, raw, blob, frames }));
  const ordered = { ...facts, pieceSize, clusterSize, range, pieces };
  return Buffer.from(JSON.stringify(ordered));
}
