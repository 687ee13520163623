/** Disk images of the site inside: those that the images room of this house holds. */
import type { DiskCache } from '../disk-cache';

/** The images room, as this site needs it. */
export interface HouseDisks {
  /** Those that are here whole: the image's id by the digest of the disk's manifest. */
  held(digests: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Removes what was taken of a disk. @throws Problem `conflict` that names what uses it */
  drop(digest: string): Promise<void>;
}

/** The disk cache of a site that shares this machine with the images room. */
export function qemuDiskCache(disks: HouseDisks): DiskCache {
  return {
    held: (digests) => disks.held(digests),
    bring: (disk, call) => disk.takeIn(call),
    missing: (disk, call) => disk.wouldMove(call),
    drop: (digest) => disks.drop(digest),
  };
}
