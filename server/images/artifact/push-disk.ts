import { setMaxListeners } from 'node:events';
import { Readable } from 'node:stream';
import type { Registry } from '@/server/oci/oci';
import { Problem } from '@/server/problem';
import { cutPiece, namePiece, type RawPiece } from './cut';
import { blobBytes, defaultPieceSize, diskMediaTypes, type DiskFacts, type DiskPiece } from './disk-config';
import { writeManifests } from './disk-manifest';
import type { DiskArtifact } from './open-disk';
import { planPush } from './push-plan';
import type { DiskRange, RawDisk } from './read-disk';

/** A disk of the same registry whose pieces need not be packed or sent again. */
export type KnownDisk = Pick<DiskArtifact, 'repository' | 'pieceSize' | 'pieces'>;

export interface PushDisk {
  disk: Pick<RawDisk, 'virtualSize' | 'read' | 'used'>;
  facts: Omit<DiskFacts, 'virtualSize'>;
  registry: Registry;
  repository: string;
  /** Names to give it; without one it is there by its digest only. */
  tags?: readonly string[] | undefined;
  /** Disks it may share pieces with: its earlier version, the image it was made from. */
  known?: readonly KnownDisk[] | undefined;
  /** One of the known that this disk differs from in these ranges only: what lies outside them is not read. */
  since?: { disk: KnownDisk; changed: readonly DiskRange[] } | undefined;
  /** Bytes; for measurements. */
  pieceSize?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Bytes of the disk that are done, and in all. */
  progress?: ((done: number, total: number) => void) | undefined;
}

/** What a push did. */
export interface DiskPushReport {
  digest: string;
  /** Pieces that are not all zeros. */
  pieces: number;
  piecesRead: number;
  piecesSent: number;
  /** Of those that were not sent: mounted from another repository, or found in this one. */
  piecesMounted: number;
  piecesThere: number;
  /** Bytes of blobs and manifests that were sent. */
  bytesSent: number;
  /** Bytes of all blobs, each once. */
  bytes: number;
  tookMs: number;
}

/** Pieces under way at once: each is held in memory twice, as it was read and packed. */
const parallel = 6;

/**
 * Puts a disk into a registry, piece by piece, and its manifest last: nobody sees half a disk. Pieces that the registry
 * has are not sent, so that a push that was cut goes on where it was.
 *
 * @throws Problem `failed` when the disk cannot be read, `cancelled`; RegistryError
 */
export async function pushDisk(push: PushDisk): Promise<DiskPushReport> {
  const started = performance.now();
  const { disk, registry, repository, pieceSize = defaultPieceSize } = push;
  const stop = new AbortController();
  const signal = push.signal ? AbortSignal.any([push.signal, stop.signal]) : stop.signal;
  // Several requests at once listen, each in several places; Node warns of more than ten.
  setMaxListeners(0, signal);
  const since = push.since && { ...push.since.disk, changed: push.since.changed };
  const plan = planPush(disk.virtualSize, pieceSize, await disk.used(), since);
  const sender = pieceSender({ ...push, pieceSize, signal });
  const total = (plan.read.length + plan.keep.length) * pieceSize;
  const steps = [
    ...plan.keep.map((piece) => () => sender.keep(piece, push.since?.disk.repository ?? repository)),
    ...plan.read.map((at) => () => sender.read(at)),
  ];
  let done = 0;
  const pieces: DiskPiece[] = [];
  const work = async () => {
    for (let step = steps.shift(); step; step = steps.shift()) {
      throwIfStopped(push.signal);
      const piece = await step();
      if (piece) pieces.push(piece);
      done += pieceSize;
      push.progress?.(done, total);
    }
  };
  try {
    await Promise.all(Array.from({ length: parallel }, work));
  } catch (error) {
    stop.abort();
    throwIfStopped(push.signal);
    throw error;
  }
  pieces.sort((a, b) => a.at - b.at);
  const facts = { ...push.facts, virtualSize: disk.virtualSize };
  const { parts, top } = writeManifests(facts, pieceSize, pieces);
  let manifestBytes = 0;
  for (const part of parts) {
    manifestBytes += await sendBytes(registry, repository, part.config, signal);
    if (part.bytes === top.bytes) continue;
    await registry.putManifest(repository, part.descriptor.digest, diskMediaTypes.manifest, part.bytes, {
      signal,
    });
    manifestBytes += part.bytes.length;
  }
  const names = push.tags?.length ? push.tags : [top.descriptor.digest];
  for (const name of names) {
    await registry.putManifest(repository, name, top.descriptor.mediaType, top.bytes, { signal });
    manifestBytes += top.bytes.length;
  }
  const blobs = new Map(pieces.map((piece) => [piece.blob, blobBytes(piece)]));
  return {
    digest: top.descriptor.digest,
    pieces: pieces.length,
    ...sender.counts,
    bytesSent: sender.counts.bytesSent + manifestBytes,
    bytes: [...blobs.values()].reduce((sum, bytes) => sum + bytes, 0),
    tookMs: Math.round(performance.now() - started),
  };
}

function throwIfStopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new Problem('cancelled', 'problems.cancelled');
}

/** Sends pieces, each blob once. */
function pieceSender(push: PushDisk & { pieceSize: number; signal: AbortSignal }) {
  const { disk, registry, repository, pieceSize, signal } = push;
  const counts = { piecesRead: 0, piecesSent: 0, piecesMounted: 0, piecesThere: 0, bytesSent: 0 };
  const known = knownPieces(push);
  const settled = new Map<string, Promise<boolean>>();
  const once = (digest: string, work: () => Promise<boolean>): Promise<boolean> => {
    const earlier = settled.get(digest);
    if (earlier) return earlier;
    const now = work();
    settled.set(digest, now);
    return now;
  };
  /** Whether a blob of a known disk is in this repository now. */
  const haveKnown = (digest: string, from: string) =>
    once(digest, async () => {
      if (from === repository) counts.piecesThere += 1;
      else if (await registry.mount(repository, digest, from, { signal })) counts.piecesMounted += 1;
      else return false;
      return true;
    });
  const send = async (raw: RawPiece): Promise<DiskPiece> => {
    const { piece, blob } = await cutPiece(raw);
    // A mount that was refused is remembered as such.
    if ((await settled.get(piece.blob)) === false) settled.delete(piece.blob);
    await once(piece.blob, async () => {
      const bytes = await sendBytes(registry, repository, { digest: piece.blob, bytes: blob }, signal);
      if (bytes > 0) counts.piecesSent += 1;
      else counts.piecesThere += 1;
      counts.bytesSent += bytes;
      return true;
    });
    return piece;
  };
  const read = async (at: number): Promise<DiskPiece | undefined> => {
    counts.piecesRead += 1;
    const raw = namePiece(at, await disk.read(at, Math.min(pieceSize, disk.virtualSize - at)));
    if (!raw) return undefined;
    const same = known.get(raw.raw);
    if (same && (await haveKnown(same.piece.blob, same.repository))) return { ...same.piece, at };
    return send(raw);
  };
  return {
    counts,
    read,
    /** A piece that did not change; read after all when its blob cannot be had here. */
    keep: async (piece: DiskPiece, from: string): Promise<DiskPiece | undefined> =>
      (await haveKnown(piece.blob, from)) ? piece : read(piece.at),
  };
}

/** Pieces of known disks by what they hold; those of the same repository are preferred. */
function knownPieces({ known = [], since, repository }: PushDisk) {
  const disks = since ? [...known, since.disk] : [...known];
  disks.sort((a, b) => Number(a.repository === repository) - Number(b.repository === repository));
  return new Map(
    disks.flatMap((disk) =>
      disk.pieces.map((piece) => [piece.raw, { piece, repository: disk.repository }] as const),
    ),
  );
}

/** Sends bytes as a blob, unless they are there. @returns how many were sent */
async function sendBytes(
  registry: Registry,
  repository: string,
  { digest, bytes }: { digest: string; bytes: Buffer },
  signal: AbortSignal,
): Promise<number> {
  const { sent } = await registry.putBlob(
    repository,
    { digest, size: bytes.length },
    (offset) => Readable.from([bytes.subarray(offset)], { objectMode: false }),
    { signal },
  );
  return sent;
}
