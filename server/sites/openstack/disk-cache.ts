/** Disks of registries as images of the cloud: streamed there without a copy of ours, found by the disk's digest. */
import { z } from 'zod';
import { Problem } from '../../problem';
import { sharedWork } from '../../shared-work';
import type { DiskCache, DiskSource } from '../disk-cache';
import type { SiteEvent } from '../site';
import type { Cloud } from './cloud';
import { deleteImage, listImages, type GlanceImage } from './glance';
import { copiesOf } from './image-copies';
import { putOnce, type SentContent } from './put-content';

/**
 * The disks of a cloud's project. Each is an image with the digest as property `edgeyard_artifact`, which gets
 * `edgeyard_proved` when glance's own size and MD5 are those of what was sent: only then it is there.
 */
export function openStackDiskCache(cloud: Cloud): DiskCache {
  const share = sharedWork<{ id: string; sent: number }>();

  const held: DiskCache['held'] = async (digests, { signal }) => {
    const { projectId: owner } = await cloud.who(signal);
    const wanted = new Set(digests);
    const images = await listImages(cloud, { owner, status: 'active', limit: 200 }, signal);
    return new Map(
      images
        .filter((image) => image.owner === owner && isProved(image))
        .flatMap(({ id, edgeyard_artifact: digest }) =>
          digest && wanted.has(digest) ? [[digest, id] as const] : [],
        ),
    );
  };

  return {
    held,
    async bring(disk, call) {
      let ours = false;
      const { id, sent } = await share(disk.digest, call, ({ signal, progress }) => {
        ours = true;
        const report = (event: SiteEvent) => call.report?.(event);
        return putOnce({ cloud, content: diskContent(disk), signal, progress, report });
      });
      // What another one has sent is counted there.
      const moved = ours ? sent : 0;
      return { imageId: id, bytesMoved: moved, bytesKept: disk.qcow2.size - moved };
    },
    missing: async (disk, call) => ((await held([disk.digest], call)).size > 0 ? 0 : disk.qcow2.size),
    async drop(digest, { signal }) {
      const copies = await copiesOf(cloud, { property: 'edgeyard_artifact', value: digest }, signal);
      for (const { id } of copies) {
        const names = await serversFrom(cloud, id, signal);
        if (names.length > 0)
          throw new Problem('conflict', 'images.gates.inUse', { names: names.join(', ') });
      }
      for (const { id } of copies) await deleteImage(cloud, id, signal);
    },
  };
}

/** Nova hands our properties on to snapshots of a server: those are other disks. */
function isProved({ image_type, status, checksum, edgeyard_proved }: GlanceImage): boolean {
  if (image_type === 'snapshot' || status !== 'active' || !edgeyard_proved) return false;
  return !checksum || checksum === edgeyard_proved;
}

function diskContent(disk: DiskSource): SentContent {
  const { name, digest, os, login, architecture, virtualSize, minDiskGiB, minMemoryMiB, qcow2 } = disk;
  return {
    name,
    size: qcow2.size,
    format: 'qcow2',
    // Known when all of it was read: each piece is proved by its own digest.
    md5: undefined,
    virtualSize,
    minDiskGiB,
    minMemoryMiB,
    mark: { property: 'edgeyard_artifact', value: digest },
    isWhole: (copy) => isProved(copy) && copy.size === qcow2.size,
    isUnproved: (copy) => copy.status === 'active' && !isProved(copy),
    properties: {
      architecture,
      ...(os ? { os_distro: os } : {}),
      ...(login ? { os_admin_user: login } : {}),
      edgeyard_cloud_init: String(disk.cloudInit),
    },
    proof: (md5) => ({ edgeyard_proved: md5 }),
    open: () => qcow2.from(0),
  };
}

/** Names of servers that were made from an image: nova fetches it again when it moves or rebuilds one. */
async function serversFrom(
  cloud: Cloud,
  imageId: string,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const servers = await cloud.list({
    service: 'compute',
    path: '/servers',
    query: { image: imageId },
    key: 'servers',
    schema: z.object({ name: z.string() }),
    signal,
  });
  return servers.map(({ name }) => name);
}
