import { createHash } from 'node:crypto';
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asProblem, Problem } from '@/server/problem';
import { asking } from '@/server/registries/registry-problem';
import { sharedWork } from '@/server/shared-work';
import { requireRoom } from '../../disk-space';
import type { Registry } from '../../oci/oci';
import { blobBytes } from '../artifact/disk-config';
import { openDisk, type DiskArtifact } from '../artifact/open-disk';
import { defaultMemoryMiB } from '../uploads';
import { moveIn, storedPath, verifyStored, type Step } from '../stored';
import type { ImageRoom } from '../take-in';
import { openHeldPieces, piecesOf, piecesPath, type HeldPieces } from './held-pieces';
import { writeDiskFile } from './write-disk';

/** A disk image in a registry. */
export interface ArtifactPlace {
  registry: Registry;
  /** The registry as people know it, `host:port`. */
  address: string;
  /** The repository's whole name there. */
  repository: string;
  /** Of the disk's manifest. */
  digest: string;
}

/** What is said about an image that is taken. */
export interface TakenFacts {
  name: string;
  /** The job that has it taken: what it wrote is gone on with after a restart. */
  jobId: string;
  /** Chosen by whoever needs to know it before; else it follows from job and digest. */
  imageId?: string | undefined;
}

/** An image that is here, and what it took. */
export interface TakenImage {
  imageId: string;
  /** Bytes that were fetched, and that images of this house held already. */
  bytesMoved: number;
  bytesKept: number;
}

/** Takes disks out of registries. */
export interface TakeArtifacts {
  /**
   * The image of a disk, when a whole one is here.
   *
   * @param digest of the disk's manifest
   */
  byArtifact(digest: string): Promise<string | undefined>;
  /**
   * Makes an image of a disk in a registry, unless one is here: fetches only pieces that no image here holds. Asked twice
   * at once it does the work once. Operators and administrators see what comes of it.
   *
   * @param step `progress` gets bytes of the file that are there, and in all
   * @throws Problem `not_found`, `invalid` for what is no disk or a damaged one, `no_space`, `cancelled`,
   *   `registries.errors.*`; nothing half-done stays, unless the server stops and the job goes on later
   */
  takeArtifact(place: ArtifactPlace, facts: TakenFacts, step: Step): Promise<TakenImage>;
  /** Bytes that {@link takeArtifact} would fetch now. @throws as that */
  bytesToTake(place: ArtifactPlace, signal?: AbortSignal): Promise<number>;
}

/** The taking part of the images room. */
export function takeArtifacts(room: ImageRoom): TakeArtifacts {
  const { rows, folders, ports } = room;
  const share = sharedWork<TakenImage>();

  const byArtifact = async (digest: string): Promise<string | undefined> => {
    for (const { id, format, size } of rows.ofArtifact(digest)) {
      const file = format && (await stat(storedPath(folders, id, format)).catch(() => undefined));
      if (file && file.size === size) return id;
    }
    return undefined;
  };
  const withHeld = async <T>(
    disk: DiskArtifact,
    signal: AbortSignal | undefined,
    work: (held: HeldPieces) => Promise<T> | T,
  ): Promise<T> => {
    // Without our own registry fewer pieces are known, that is all.
    const workbench = await ports.registries?.of('workbench').catch(() => undefined);
    const held = await openHeldPieces(room, disk.facts.os, workbench, signal);
    try {
      return await work(held);
    } finally {
      await held.close();
    }
  };
  const openAt = (
    { registry, repository, digest, address }: ArtifactPlace,
    signal: AbortSignal | undefined,
  ) => asking(address, () => openDisk({ registry, repository, reference: digest }, { signal }));

  const take = async (place: ArtifactPlace, facts: TakenFacts, step: Step): Promise<TakenImage> => {
    const { address, repository, digest } = place;
    const file = join(folders.work, `${facts.jobId}.${shortOf(digest)}.qcow2`);
    try {
      const disk = await openAt(place, step.signal);
      await requireRoom(folders.work, disk.qcow2Size, 'images.errors.noRoom');
      const counts = await withHeld(disk, step.signal, (held) =>
        asking(address, () => writeDiskFile(disk, file, held, step)),
      );
      const stored = await verifyStored(file, 'qcow2', { signal: step.signal });
      const id = facts.imageId ?? `img_${shortOf(`${facts.jobId} ${digest}`)}`;
      await writePieces(piecesPath(folders, id), disk);
      await moveIn(folders, id, file, stored);
      const { os, login, cloudInit = false, architecture, minMemoryMiB } = disk.facts;
      const row = {
        ...stored,
        name: facts.name,
        os: os ?? null,
        login: login ?? null,
        cloudInit,
        architecture,
        minMemoryMiB: minMemoryMiB ?? defaultMemoryMiB,
        minDiskGiB: Math.ceil(stored.virtualSize / 2 ** 30),
        state: 'ready',
        source: { kind: 'registry', address, repository, digest },
        visibility: 'owner',
        artifactDigest: digest,
        artifactBytes: disk.storedBytes,
        jobId: facts.jobId,
      } as const;
      // There already when its file was lost.
      if (!rows.update(id, row)) rows.insert({ ...row, id });
      return { imageId: id, ...counts };
    } catch (error) {
      if (!goesOnLater(room, facts.jobId, step.signal)) await rm(file, { force: true });
      if (step.signal.aborted) throw new Problem('cancelled', 'problems.cancelled', {}, { cause: error });
      throw asProblem(error);
    }
  };

  return {
    byArtifact,
    async takeArtifact(place, facts, step) {
      let ours = false;
      const taken = await share(place.digest, step, async (shared) => {
        ours = true;
        const imageId = await byArtifact(place.digest);
        if (imageId === undefined) return take(place, facts, shared);
        return { imageId, bytesMoved: 0, bytesKept: rows.find(imageId)?.size ?? 0 };
      });
      // What another one has fetched is counted there.
      return ours ? taken : { ...taken, bytesMoved: 0, bytesKept: taken.bytesMoved + taken.bytesKept };
    },
    async bytesToTake(place, signal) {
      if ((await byArtifact(place.digest)) !== undefined) return 0;
      const disk = await openAt(place, signal);
      return withHeld(disk, signal, (held) => {
        const missing = disk.pieces.filter(({ blob }) => !held.has(blob));
        const sizes = new Map(missing.map((piece) => [piece.blob, blobBytes(piece)]));
        return [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
      });
    },
  };
}

/** A server that stops aborts its jobs as a cancel does, and takes them up again. */
function goesOnLater({ ports }: ImageRoom, jobId: string, signal: AbortSignal): boolean {
  return signal.aborted && ports.jobs.get(jobId)?.state === 'running';
}

async function writePieces(path: string, disk: DiskArtifact): Promise<void> {
  await writeFile(`${path}.part`, piecesOf(disk), { mode: 0o600 });
  await rename(`${path}.part`, path);
}

function shortOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 26);
}
