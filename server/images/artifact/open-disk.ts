import type { Readable } from 'node:stream';
import type { ArtifactAt, StoredManifest } from '@/server/oci/oci';
import { Problem } from '@/server/problem';
import { firstThat } from './bisect';
import {
  blobBytes,
  diskMediaTypes,
  pieceBytes,
  readConfig,
  type DiskConfig,
  type DiskFacts,
  type DiskPiece,
} from './disk-config';
import { layOutQcow2, type Qcow2Layout } from './qcow2-layout';
import { streamQcow2 } from './qcow2-stream';
import { unpackPiece } from './zstd';

/** A config of 100 GiB without a zero takes 40 MB; what says more is not read into memory. */
const mostConfigBytes = 128 * 2 ** 20;

/** A disk image in a registry. */
export interface DiskArtifact {
  /** Digest of its manifest, or of the index when it takes several. */
  readonly digest: string;
  readonly repository: string;
  readonly facts: DiskFacts;
  readonly pieceSize: number;
  /** Those that are not all zeros, in the order of the disk. */
  readonly pieces: readonly DiskPiece[];
  /** Bytes of all its blobs, each counted once, and of its manifests and configs. */
  readonly storedBytes: number;
  /** Bytes of the file that {@link qcow2} gives, and where in it what lies. */
  readonly qcow2Size: number;
  readonly layout: Qcow2Layout;
  /** The blob of a piece, proved by its digest. @throws Problem `invalid` for one of another length; RegistryError */
  blob(piece: DiskPiece, call?: { signal?: AbortSignal | undefined }): Promise<Buffer>;
  /**
   * Bytes of the raw disk; what lies behind its end is left out. Fetches the pieces that are touched and no others.
   * @throws Problem `invalid` for a piece that is not what the config says, `cancelled`; RegistryError
   */
  read(at: number, length: number): Promise<Buffer>;
  /**
   * The disk as a qcow2 file, the same bytes every time. From the middle on nothing before is fetched.
   *
   * @param range first byte, and behind the last; absent: to the ends
   */
  qcow2(range?: { from?: number | undefined; to?: number | undefined }): Readable;
}

/**
 * Opens a disk image in a registry: reads its manifest and config, and no piece.
 *
 * @throws Problem `not_found`; `invalid` when what is there is no disk image, or one that contradicts itself; RegistryError
 */
export async function openDisk(
  { registry, repository, reference }: ArtifactAt,
  call: { signal?: AbortSignal | undefined } = {},
): Promise<DiskArtifact> {
  const fetchManifest = async (name: string) => {
    const found = await registry.manifest(repository, name, call);
    if (!found) throw new Problem('not_found', 'images.artifact.notThere', { repository, reference: name });
    return found;
  };
  const top = await fetchManifest(reference);
  const parts = await allParts(top, fetchManifest);
  const configs = await Promise.all(
    parts.map(async ({ manifest }) => {
      if (manifest.kind !== 'image' || manifest.config.mediaType !== diskMediaTypes.config) throw notADisk();
      const { digest, size } = manifest.config;
      if (size > mostConfigBytes) throw notADisk();
      const bytes = await readUpTo(await registry.blob(repository, digest, call), size);
      if (bytes?.length !== size) throw notADisk();
      return parseConfig(bytes);
    }),
  );
  const disk = joined(configs);
  const cache = pieceCache((piece) => fetchPiece(piece));
  const fetchBlob = async (piece: DiskPiece, from = 0, to = blobBytes(piece), { signal } = call) => {
    const range = from === 0 && to === blobBytes(piece) ? {} : { range: { from, to: to - 1 } };
    const bytes = await readUpTo(
      await registry.blob(repository, piece.blob, { signal, ...range }),
      to - from,
    );
    // The registry's client proves whole blobs; of a part only the length can be known.
    if (bytes?.length !== to - from) throw damaged(piece);
    return bytes;
  };
  const fetchPiece = async (piece: DiskPiece) => {
    const blob = await fetchBlob(piece);
    const raw = await unpackPiece(blob, piece.frames).catch((error: unknown) => {
      throw damaged(piece, error);
    });
    if (raw.length !== pieceBytes(piece)) throw damaged(piece);
    return raw;
  };
  const layout = layOutQcow2(disk.facts.virtualSize, disk.pieceSize, disk.pieces);
  return {
    digest: top.descriptor.digest,
    repository,
    ...disk,
    storedBytes: storedBytes(top, parts),
    qcow2Size: layout.size,
    layout,
    blob: (piece, each) => fetchBlob(piece, 0, blobBytes(piece), each),
    async read(at, length) {
      const end = Math.min(disk.facts.virtualSize, at + length);
      const bytes = Buffer.alloc(Math.max(0, end - at));
      const { pieces, pieceSize } = disk;
      const first = firstThat(pieces.length, (index) => (pieces[index]?.at ?? 0) + pieceSize > at);
      for (let index = first; index < pieces.length; index += 1) {
        const piece = pieces[index];
        if (!piece || piece.at >= end) break;
        const raw = await cache(piece);
        const from = Math.max(at, piece.at);
        raw.copy(bytes, from - at, from - piece.at, Math.min(end - piece.at, raw.length));
      }
      return bytes;
    },
    qcow2({ from = 0, to = layout.size } = {}) {
      return streamQcow2(layout, { from, to: Math.min(to, layout.size) }, async (number, first, end) => {
        const piece = disk.pieces[number];
        return piece ? fetchBlob(piece, first, end) : Buffer.alloc(0);
      });
    },
  };
}

async function allParts(top: StoredManifest, fetchManifest: (name: string) => Promise<StoredManifest>) {
  if (top.manifest.kind === 'image') return [top];
  if (top.manifest.artifactType !== diskMediaTypes.artifact) throw notADisk();
  return Promise.all(top.manifest.manifests.map(({ digest }) => fetchManifest(digest)));
}

function parseConfig(bytes: Buffer): DiskConfig {
  try {
    return readConfig(bytes);
  } catch (error) {
    throw new Problem('invalid', 'images.artifact.badConfig', {}, { cause: error });
  }
}

/** Puts the ranges of a disk together: they must follow each other without a gap and agree on what the disk is. */
function joined(configs: readonly DiskConfig[]) {
  const [first] = configs;
  if (!first) throw notADisk();
  const { range: _range, clusterSize: _cluster, pieces: _pieces, pieceSize, ...facts } = first;
  const { virtualSize } = facts;
  let next = 0;
  for (const config of configs) {
    const agrees = config.virtualSize === virtualSize && config.pieceSize === pieceSize;
    if (!agrees || config.range.from !== next) throw notADisk();
    next = config.range.to;
  }
  if (next !== virtualSize) throw notADisk();
  return { facts, pieceSize, pieces: configs.flatMap(({ pieces }) => pieces) };
}

function storedBytes(top: StoredManifest, parts: readonly StoredManifest[]): number {
  const sizes = new Map([[top.descriptor.digest, top.descriptor.size]]);
  for (const { descriptor, manifest } of parts) {
    sizes.set(descriptor.digest, descriptor.size);
    if (manifest.kind !== 'image') continue;
    for (const blob of [manifest.config, ...manifest.layers]) sizes.set(blob.digest, blob.size);
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

/** Keeps the pieces that were read last: a reader's next range mostly begins where the last one ended. */
function pieceCache(fetchPiece: (piece: DiskPiece) => Promise<Buffer>) {
  const most = 4;
  const kept = new Map<number, Promise<Buffer>>();
  return (piece: DiskPiece): Promise<Buffer> => {
    const bytes = kept.get(piece.at) ?? fetchPiece(piece);
    kept.delete(piece.at);
    kept.set(piece.at, bytes);
    bytes.catch(() => kept.delete(piece.at));
    const [oldest] = kept.keys();
    if (kept.size > most && oldest !== undefined) kept.delete(oldest);
    return bytes;
  };
}

/** Reads a stream into memory; undefined when it has more bytes than it should. */
async function readUpTo(stream: Readable, most: number): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of stream as AsyncIterable<Buffer>) {
    parts.push(part);
    length += part.length;
    if (length > most) return undefined;
  }
  return Buffer.concat(parts);
}

function notADisk(): Problem {
  return new Problem('invalid', 'images.artifact.notADisk');
}

function damaged(piece: DiskPiece, cause?: unknown): Problem {
  return new Problem('invalid', 'images.artifact.damagedPiece', { at: piece.at }, { cause });
}
