import { createHash } from 'node:crypto';
import { pipeline, Transform, type Readable } from 'node:stream';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { and, eq } from 'drizzle-orm';
import { sendRange } from '../content/send-range';
import type { Db } from '../db/database';
import type { ArtifactAt } from '../oci/oci';
import { Problem } from '../problem';
import type { RoomRegistries } from '../registries/registries';
import { asking } from '../registries/registry-problem';
import type { ReleaseRow } from './shelves';
import { storeImages } from './tables';

/** A disk image in a registry, as far as it is given out as a file. */
export interface StoredDisk {
  /** Bytes of the qcow2 file that {@link qcow2} gives, the same every time. */
  qcow2Size: number;
  /** @param range first byte, and behind the last */
  qcow2(range: { from: number; to: number }): Readable;
}

export interface DiskDownloadPorts {
  db: Db;
  registries: Pick<RoomRegistries, 'of'>;
  /** Opens a disk image. @throws Problem `not_found`, `invalid` for what is none; RegistryError */
  openDisk(at: ArtifactAt): Promise<StoredDisk>;
}

/** Disks that were asked for last, whose configs are kept: the parts of one download ask for it again and again. */
const mostOpen = 4;

/**
 * Disk images of releases as qcow2 files, made of what the store's registry holds while they are sent: nothing of them is
 * kept as a file. Their SHA-256 is learned by the first download from end to end, and told from then on.
 */
export function diskDownloads(ports: DiskDownloadPorts) {
  const { db, registries } = ports;
  const opened = new Map<string, Promise<StoredDisk>>();
  const open = (key: string, at: ArtifactAt, address: string): Promise<StoredDisk> => {
    const disk = opened.get(key) ?? asking(address, () => ports.openDisk(at));
    opened.delete(key);
    opened.set(key, disk);
    disk.catch(() => opened.delete(key));
    const [oldest] = opened.keys();
    if (opened.size > mostOpen && oldest !== undefined) opened.delete(oldest);
    return disk;
  };

  /**
   * Sends the disk image of a release that has a number, from 0 on, among its images.
   *
   * @throws Problem `not_found` when there is none, or the store does not hold it; `registries.errors.*`
   */
  return async (
    release: ReleaseRow,
    index: number,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> => {
    const location = release.locations[index];
    const image = release.images.find(({ name }) => name === location?.name);
    // Only container images have platforms' media types; a disk has none in a package.
    if (!location || (image && image.mediaType !== null)) {
      throw new Problem('not_found', 'store.errors.noDiskImage');
    }
    const { artifact, name } = location;
    if (!artifact) throw new Problem('not_found', 'store.images.notHeld', { name });
    const { repository, digest } = artifact;
    const store = await registries.of('store');
    const at = { registry: store.registry, repository: store.repository(repository), reference: digest };
    const disk = await open(`${store.address} ${at.repository} ${digest}`, at, store.address);
    const place = and(eq(storeImages.repository, repository), eq(storeImages.digest, digest));
    const sha256 = db.select().from(storeImages).where(place).get()?.qcow2Sha256 ?? undefined;
    const hash = createHash('sha256');
    const read = (from: number, to: number) => {
      const bytes = disk.qcow2({ from, to });
      const all = from === 0 && to === disk.qcow2Size;
      return all && sha256 === undefined ? pipeline(bytes, passing(hash), () => undefined) : bytes;
    };
    const whole = await sendRange(request, response, {
      size: disk.qcow2Size,
      // The file follows from the manifest alone, by the layout of version 1.
      etag: `${digest.replace('sha256:', '')}.qcow2-1`,
      sha256,
      fileName: `${name.replaceAll(/[\\/:*?"<>|\p{C}]/gu, '-').replace(/\.qcow2$/, '')}.qcow2`,
      type: 'application/octet-stream',
      read,
    });
    if (whole && sha256 === undefined) {
      db.update(storeImages)
        .set({ qcow2Sha256: hash.digest('hex') })
        .where(place)
        .run();
    }
  };
}

function passing(hash: ReturnType<typeof createHash>): Transform {
  return new Transform({
    transform(bytes: Buffer, _encoding, next) {
      hash.update(bytes);
      next(null, bytes);
    },
  });
}
