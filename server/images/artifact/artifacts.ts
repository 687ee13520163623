import { z } from 'zod';
import type { Registry } from '@/server/oci/oci';
import { asking } from '@/server/registries/registry-problem';
import type { ImageUse, RoomRegistry } from '@/server/registries/registries';
import type { RegistryRole } from '@/server/registries/schemas';
import type { Job } from '@/server/jobs/job';
import { Problem, problemFrom } from '@/server/problem';
import type { ImageRow } from '../image-rows';
import { storedPath, type Step } from '../stored';
import { stepOf, type ImageRoom } from '../take-in';
import { openDisk, type DiskArtifact } from './open-disk';
import { pushDisk, type DiskPushReport, type KnownDisk, type PushDisk } from './push-disk';
import { openRawDisk } from './read-disk';

/** Where the artifact of an image is, in the workbench's registry. */
export interface ImageArtifact {
  registry: Registry;
  /** The registry as others name it, `host:port`. */
  address: string;
  /** The repository's whole name there. */
  repository: string;
  digest: string;
  /** Bytes of all its blobs. */
  bytes: number;
}

/** The images as artifacts in the workbench's registry. */
export interface ImageArtifacts {
  /**
   * The artifact of a ready image; pushes it first when it is not there.
   *
   * @throws Problem `not_found`; `conflict` for an image that is not ready or no disk; what the push failed with;
   *   `unavailable` while the registry is
   */
  artifactOf: (imageId: string, signal?: AbortSignal) => Promise<ImageArtifact>;
  /** Opens it, to read any part of the disk. @throws as artifactOf */
  openArtifact: (imageId: string, signal?: AbortSignal) => Promise<DiskArtifact>;
  /** Starts the push of an image in the background, if there is a registry. */
  pushSoon(imageId: string, differs?: ImageDifference): void;
  /**
   * Starts the pushes of all images that people brought or made and that are not in the registry yet; none while it is
   * not there. Never fails: whoever needs an artifact gets the reason.
   */
  pushMissing: () => Promise<void>;
  /** Images whose artifact a manifest is, for `registries.usedBy`. */
  artifactUses: (role: RegistryRole, repository: string, digest: string) => ImageUse[];
  /** Takes the artifact of an image that goes out of the registry; does nothing while that cannot be reached. */
  drop(row: ImageRow): Promise<void>;
}

const difference = z.object({
  imageId: z.string(),
  ranges: z.array(z.object({ at: z.number(), length: z.number() })),
});
/** What a disk was made from, and the ranges (bytes) in which alone it may differ from that. */
export type ImageDifference = z.infer<typeof difference>;

const pushInput = z.object({ imageId: z.string(), differs: difference.optional() });

/** How many other disks a push looks for equal pieces in. */
const mostKnown = 4;

/** Defines the job `image.push` and what goes with it. */
export function imageArtifacts(room: ImageRoom): ImageArtifacts {
  const { ports, rows } = room;
  const { registries } = ports;
  const workbench = async (): Promise<RoomRegistry> => {
    if (!registries) throw new Problem('unavailable', 'images.artifact.noRegistry');
    return registries.of('workbench');
  };
  const job = ports.jobs.define<z.infer<typeof pushInput>, { digest: string | undefined }>({
    kind: 'image.push',
    steps: ['push'],
    input: pushInput,
    // In the background: people wait for the machine's other work.
    concurrency: 1,
    cancellable: true,
    run: (work) =>
      work.step('push', async (context) => {
        const row = rows.find(work.input.imageId);
        // It went while the job waited for its turn; nothing is left to be done.
        if (row?.state !== 'ready') return { digest: undefined };
        const report = await pushImage(room, await workbench(), row, {
          ...stepOf(context),
          differs: work.input.differs,
        });
        const { digest, pieces, piecesSent, bytesSent, tookMs } = report;
        const params = { digest, pieces, piecesSent, bytesSent, seconds: tookMs / 1000 };
        context.log({ key: 'images.artifact.pushed', params });
        return { digest };
      }),
  });
  const live = (imageId: string): Job | undefined =>
    ports.jobs.list({
      kind: 'image.push',
      subject: { type: 'image', id: imageId },
      states: ['queued', 'running'],
    })[0];
  const start = (row: ImageRow, differs?: ImageDifference): Job =>
    live(row.id) ??
    job.start({
      input: { imageId: row.id, differs },
      subject: { type: 'image', id: row.id },
      projectId: row.projectId ?? undefined,
      actorId: undefined,
    });
  /** Looks whether the artifact is in the registry of today, which another one may have been moved to. */
  const artifactThere = async (
    imageId: string,
    signal: AbortSignal | undefined,
  ): Promise<ImageArtifact | undefined> => {
    const { artifactDigest: digest, artifactBytes, artifactRegistry } = requirePushable(rows.find(imageId));
    if (digest === null) return undefined;
    const place = await workbench();
    const { registry, address } = place;
    const repository = place.repository('disks', imageId);
    const found = await asking(address, () => registry.head(repository, digest, { signal }));
    if (!found) return undefined;
    if (artifactRegistry !== address) {
      rows.update(imageId, { artifactRegistry: address, artifactRepository: repository });
    }
    return { registry, address, repository, digest, bytes: artifactBytes ?? 0 };
  };
  const artifactOf = async (imageId: string, signal?: AbortSignal): Promise<ImageArtifact> => {
    const earlier = await artifactThere(imageId, signal);
    if (earlier) return earlier;
    const pushed = await ports.jobs.settled(start(requirePushable(rows.find(imageId))).id, signal);
    if (pushed.error) throw problemFrom(pushed.error);
    const now = await artifactThere(imageId, signal);
    if (!now) throw new Problem('cancelled', 'images.artifact.notPushed');
    return now;
  };
  return {
    artifactOf,
    async openArtifact(imageId, signal) {
      const { registry, address, repository, digest } = await artifactOf(imageId, signal);
      return asking(address, () => openDisk({ registry, repository, reference: digest }, { signal }));
    },
    pushSoon(imageId, differs) {
      const row = rows.find(imageId);
      if (registries && row?.state === 'ready' && row.format === 'qcow2') start(row, differs);
    },
    async pushMissing() {
      if (!registries) return;
      try {
        const { address } = await workbench();
        for (const row of rows.all({ state: 'ready' })) {
          if (row.format !== 'qcow2' || failedForItself(room, row)) continue;
          // Every Edgeyard has these files: one goes into a registry when something needs it there.
          if (row.source.kind === 'built-in' && row.artifactDigest === null) continue;
          // It lies in the registry that it came from.
          if (row.source.kind === 'registry' && row.artifactRegistry === null) continue;
          if (row.artifactDigest !== null && row.artifactRegistry === address) continue;
          if (!(await artifactThere(row.id, undefined))) start(row);
        }
      } catch (error) {
        ports.log.info({ err: error }, 'images are put into the registry once it can be reached');
      }
    },
    artifactUses: (role, repository, digest) =>
      role === 'workbench'
        ? rows
            .all()
            .filter((row) => row.artifactRepository === repository && row.artifactDigest === digest)
            .map(({ id, name }) => ({ kind: 'image', id, name, href: `/images/${id}` }))
        : [],
    async drop(row) {
      const { artifactRepository: repository, artifactDigest: digest } = row;
      if (repository === null || digest === null) return;
      try {
        const { registry, address } = await workbench();
        if (address === row.artifactRegistry) await registry.deleteManifest(repository, digest);
      } catch (error) {
        // It is seen in the registry's list, and can be removed there.
        ports.log.warn({ err: error, repository, digest }, 'the artifact of a removed image stays');
      }
    },
  };
}

function requirePushable(row: ImageRow | undefined): ImageRow & { format: 'qcow2' } {
  if (!row) throw new Problem('not_found', 'images.errors.noImage');
  if (row.state !== 'ready') throw new Problem('conflict', 'images.errors.notReady');
  const { format } = row;
  if (format !== 'qcow2') throw new Problem('conflict', 'images.artifact.notADiskImage');
  return { ...row, format };
}

/** Whether the last push of an image failed for a reason that another attempt will not change. */
function failedForItself({ ports }: ImageRoom, { id }: ImageRow): boolean {
  const [last] = ports.jobs.list({ kind: 'image.push', subject: { type: 'image', id }, limit: 1 });
  if (last?.state === 'cancelled') return true;
  return last?.state === 'failed' && !['unavailable', 'no_space'].includes(last.error?.code ?? '');
}

/** Pushes an image's file, and writes down where it is. */
async function pushImage(
  room: ImageRoom,
  workbench: RoomRegistry,
  row: ImageRow,
  { signal, progress, differs }: Step & { differs: ImageDifference | undefined },
): Promise<DiskPushReport> {
  const { registry, address } = workbench;
  const repository = workbench.repository('disks', row.id);
  return asking(address, async () => {
    const since = differs && (await baseOf(room, registry, address, differs, signal));
    const known = await knownDisks(room, registry, address, row, signal);
    const disk = await openRawDisk(storedPath(room.folders, row.id, 'qcow2'), {
      format: 'qcow2',
      signal,
    });
    try {
      const { architecture, os, minMemoryMiB, login, cloudInit } = row;
      const report = await pushDisk({
        disk,
        facts: { architecture, os: os ?? undefined, minMemoryMiB, login: login ?? undefined, cloudInit },
        registry,
        repository,
        tags: ['latest'],
        known,
        since,
        signal,
        progress,
      });
      const kept = room.rows.update(row.id, {
        artifactDigest: report.digest,
        artifactRegistry: address,
        artifactRepository: repository,
        artifactBytes: report.bytes,
        artifactBytesSent: report.bytesSent,
      });
      // Removed while it was pushed.
      if (!kept) await registry.deleteManifest(repository, report.digest);
      return report;
    } finally {
      disk.close();
    }
  });
}

/** The disk that an image was made from, if it is in this registry; else the image is read as any other. */
async function baseOf(
  { rows }: ImageRoom,
  registry: Registry,
  address: string,
  { imageId, ranges }: ImageDifference,
  signal: AbortSignal,
): Promise<PushDisk['since']> {
  const base = rows.find(imageId);
  if (base?.artifactRegistry !== address) return undefined;
  const [disk] = await openKnown(registry, base, signal);
  return disk && { disk, changed: ranges };
}

/** Disks in the same registry that probably share pieces with an image: of its project, and of the same system. */
async function knownDisks(
  { rows }: ImageRoom,
  registry: Registry,
  address: string,
  { id, projectId, os }: ImageRow,
  signal: AbortSignal,
): Promise<KnownDisk[]> {
  const near = rows
    .all({ state: 'ready' })
    .filter((row) => row.artifactRegistry === address)
    .filter(
      (row) =>
        row.id === id ||
        (projectId !== null && row.projectId === projectId) ||
        (os !== null && row.os === os),
    )
    .slice(0, mostKnown);
  return (await Promise.all(near.map((row) => openKnown(registry, row, signal)))).flat();
}

/** Opens the artifact of an image. One that went, or cannot be read, only makes a push send more. */
async function openKnown(
  registry: Registry,
  { artifactRepository: repository, artifactDigest: reference }: ImageRow,
  signal: AbortSignal,
): Promise<KnownDisk[]> {
  if (repository === null || reference === null) return [];
  return openDisk({ registry, repository, reference }, { signal }).then(
    (disk) => [disk],
    () => [],
  );
}
