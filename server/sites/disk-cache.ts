/** The part of the site port that keeps disk images beforehand, so that a VM made from one need not wait for it. */
import type { Readable } from 'node:stream';
import type { Call, SiteEvent } from './site';
import type { PullAccess } from './workloads';

/** A disk image as it lies in a registry (ARCHITECTURE.md, "Disk images in registries"). */
export interface DiskSource {
  /** What it is called at the site. */
  name: string;
  /** Digest of its manifest: two of the same are the same disk. */
  digest: string;
  os: string | undefined;
  architecture: 'x86_64' | 'aarch64';
  /** Account that the SSH keys open, and whether the guest reads a cloud-init seed, where it is known. */
  login: string | undefined;
  cloudInit: boolean;
  minMemoryMiB: number;
  minDiskGiB: number;
  virtualSize: number;
  /** The disk as a qcow2 file: its size in bytes, and the same bytes from any one on. */
  qcow2: { size: number; from(offset: number): Readable };
  /** For a site that fetches by itself. */
  repository: string;
  pull(): Promise<PullAccess>;
  /** Bytes that {@link takeIn} would fetch now: nothing of what images of this house hold. */
  wouldMove(call: Call): Promise<number>;
  /** For a site on this machine: has our images room hold it, and says the image's id there. */
  takeIn(
    call: Call & { progress?: (done: number, total: number) => void },
  ): Promise<{ imageId: string; bytesMoved: number; bytesKept: number }>;
}

/** Disk images that a site holds, and having it take more. */
export interface DiskCache {
  /** The site's own ids of those that are there whole, by the manifest's digest. */
  held(digests: readonly string[], call: Call): Promise<ReadonlyMap<string, string>>;
  /**
   * Brings a disk there unless it is, and proves it. Two at once of the same do the work once.
   *
   * @returns the site's own id, which `VmSpec.imageId` and `Stacks` take; bytes sent, and bytes that were there
   * @throws Problem `no_space`, `unavailable`, `failed`; nothing half-done stays
   */
  bring(
    disk: DiskSource,
    call: Call & {
      progress?: (done: number, total: number) => void;
      report?: (event: SiteEvent) => void;
    },
  ): Promise<{ imageId: string; bytesMoved: number; bytesKept: number }>;
  /** Bytes that {@link bring} would send now; undefined where only trying tells. */
  missing?(disk: DiskSource, call: Call): Promise<number | undefined>;
  /** Removes one that nothing there uses; one that is not there is fine. @throws Problem `conflict` while it is used */
  drop(digest: string, call: Call): Promise<void>;
}
