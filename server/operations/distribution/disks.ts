/** Disk images on their way from the operations registry to an edge. */
import PQueue from 'p-queue';
import type { DiskCache, DiskSource } from '../../sites/disk-cache';
import type { DistributionPorts } from './ports';
import { lookerAt } from './pull-logins';
import type { WantedImage } from './wanted';

const disksAtOnce = 4;
/** Each holds the list of its pieces: some hundred kilobytes. */
const mostOpened = 128;

/** What bringing a disk image to an edge would send. */
export interface MissingDisk {
  bytes: number;
  /** Whether the edge takes it as one file, so that nothing of it can be shared with another. */
  whole: boolean;
}

/**
 * A disk image of the operations registry as sites take it.
 *
 * @param holder whose login a site that fetches by itself gets
 * @throws Problem, RegistryError
 */
export async function sourceOf(
  ports: DistributionPorts,
  image: WantedImage,
  at: { jobId: string; holder: string },
  signal: AbortSignal | undefined,
): Promise<DiskSource> {
  const home = await ports.registries.of('operations');
  const repository = home.repository(image.repository);
  return ports.diskSource(
    { registry: home.registry, repository, digest: image.digest, address: home.address },
    {
      name: image.name,
      jobId: at.jobId,
      pull: () => ports.registries.pullAccess('operations', [repository], at.holder),
    },
    { signal },
  );
}

/** Disk images as the plan looks at them, opened once for all edges. */
export interface DiskLooks {
  /** What these disk images, which are not there, would cost; those that cannot be told are left out. */
  missing(
    cache: DiskCache,
    images: readonly WantedImage[],
    signal: AbortSignal,
  ): Promise<Map<string, MissingDisk>>;
}

/** Opens the looks. */
export function openDiskLooks(ports: DistributionPorts): DiskLooks {
  const opened = new Map<string, Promise<DiskSource>>();
  /** How many edges are asked about a disk image now, and whether one of them was given its login. */
  const asking = new Map<string, { edges: number; given: boolean }>();
  const open = (image: WantedImage): Promise<DiskSource> => {
    const known = opened.get(image.digest);
    // Several wait for it, so no signal of one of them ends it.
    const source = known ?? sourceOf(ports, image, { jobId: '', holder: lookerAt(image.digest) }, undefined);
    opened.delete(image.digest);
    opened.set(image.digest, source);
    source.catch(() => opened.delete(image.digest));
    const [oldest] = opened.keys();
    if (opened.size > mostOpened && oldest !== undefined) opened.delete(oldest);
    return source;
  };
  /** A site that fetches by itself gets a login to count with, which ends with the last question about that disk. */
  const asked = async <T>(image: WantedImage, ask: (disk: DiskSource) => Promise<T>): Promise<T> => {
    const now = asking.get(image.digest) ?? { edges: 0, given: false };
    asking.set(image.digest, now);
    now.edges += 1;
    try {
      const disk = await open(image);
      const pull = () => {
        now.given = true;
        return disk.pull();
      };
      return await ask({ ...disk, pull });
    } finally {
      now.edges -= 1;
      if (now.edges === 0) {
        asking.delete(image.digest);
        if (now.given) ports.registries.revokePull(lookerAt(image.digest));
      }
    }
  };
  return {
    async missing(cache, images, signal) {
      const found = new Map<string, MissingDisk>();
      const ask = async (image: (typeof images)[number]) => {
        try {
          const { bytes, size } = await asked(image, async (disk) => {
            const told = await cache.missing?.(disk, { signal });
            return { bytes: told ?? disk.qcow2.size, size: disk.qcow2.size };
          });
          found.set(image.digest, { bytes, whole: bytes >= size });
        } catch (error) {
          signal.throwIfAborted();
          // The plan then tells what the artifact has in all; bringing it says what is wrong.
          ports.log.warn({ err: error, digest: image.digest }, 'what a disk image would send cannot be told');
        }
      };
      await new PQueue({ concurrency: disksAtOnce }).addAll(images.map((image) => () => ask(image)));
      return found;
    },
  };
}
