import { Problem } from '../../problem';
import { sharedWork } from '../../shared-work';
import type { DiskCache, DiskSource } from '../disk-cache';
import type { GuestImage } from '../site';

interface Parts {
  /** The site's guest images, which disks are added to. */
  images: GuestImage[];
  entered: (call: string, subject: string, signal?: AbortSignal) => Promise<void>;
  /** Names of VMs that were made from an image. */
  usersOf: (imageId: string) => string[];
}

/** Disk images of a site in memory: a disk's file is read to its end, and not kept. */
export function fakeDiskCache({ images, entered, usersOf }: Parts): DiskCache {
  const held = new Map<string, GuestImage>();
  const share = sharedWork<string>();
  const bring = async (disk: DiskSource, signal: AbortSignal, progress: (done: number) => void) => {
    await entered('bring', disk.digest, signal);
    const there = held.get(disk.digest);
    if (there) return there.id;
    let done = 0;
    for await (const bytes of disk.qcow2.from(0) as AsyncIterable<Buffer>) {
      signal.throwIfAborted();
      done += bytes.length;
      progress(done);
    }
    const { size } = disk.qcow2;
    if (done !== size) throw new Problem('failed', 'images.errors.notClean');
    const { name, os, architecture, minMemoryMiB, minDiskGiB, virtualSize, login, cloudInit } = disk;
    const facts = { name, os, architecture, minMemoryMiB, minDiskGiB, virtualSize, login, cloudInit, size };
    const image: GuestImage = {
      id: `disk-${disk.digest.slice(-12)}`,
      format: 'qcow2',
      ours: false,
      digest: undefined,
      ...facts,
    };
    held.set(disk.digest, image);
    images.push(image);
    return image.id;
  };
  return {
    async held(digests, { signal }) {
      await entered('heldDisks', String(digests.length), signal);
      return new Map(
        digests.flatMap((digest) => {
          const image = held.get(digest);
          return image ? [[digest, image.id] as const] : [];
        }),
      );
    },
    async bring(disk, call) {
      const { size } = disk.qcow2;
      const before = held.has(disk.digest);
      let ours = false;
      const imageId = await share(disk.digest, call, ({ signal, progress }) => {
        ours = !before;
        return bring(disk, signal, (done) => {
          progress(done, size);
        });
      });
      return { imageId, bytesMoved: ours ? size : 0, bytesKept: ours ? 0 : size };
    },
    missing: (disk) => Promise.resolve(held.has(disk.digest) ? 0 : disk.qcow2.size),
    async drop(digest, { signal }) {
      await entered('dropDisk', digest, signal);
      const image = held.get(digest);
      if (!image) return;
      const names = usersOf(image.id).join(', ');
      if (names !== '') throw new Problem('conflict', 'images.gates.inUse', { names });
      held.delete(digest);
      images.splice(images.indexOf(image), 1);
    },
  };
}
