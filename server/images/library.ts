import { Problem } from '../problem';
import type { GuestImage } from '../sites/site';
import type { ImageRow } from './image-rows';
import type { ImageLibrary } from './images';
import { storedPath } from './stored';
import type { ImageRoom } from './take-in';

/** The images as a site on this machine reads them. Who may use which is decided before a site is asked. */
export function imageLibrary({ rows, folders }: Pick<ImageRoom, 'rows' | 'folders'>): ImageLibrary {
  return {
    list: () => Promise.resolve(rows.all({ state: 'ready' }).map(guestImage)),
    path(id) {
      const row = rows.find(id);
      if (!row) return Promise.reject(new Problem('not_found', 'images.errors.noImage'));
      if (row.state !== 'ready' || row.format === null) {
        return Promise.reject(new Problem('conflict', 'images.errors.notReady'));
      }
      return Promise.resolve({
        path: storedPath(folders, id, row.format),
        format: row.format,
        md5: row.md5 ?? undefined,
      });
    },
  };
}

function guestImage(row: ImageRow): GuestImage {
  return {
    id: row.id,
    name: row.name,
    os: row.os ?? undefined,
    architecture: row.architecture,
    format: row.format ?? 'other',
    size: row.size,
    virtualSize: row.virtualSize,
    minMemoryMiB: row.minMemoryMiB,
    minDiskGiB: row.minDiskGiB,
    cloudInit: row.cloudInit,
    login: row.login ?? undefined,
    digest: row.digest ?? undefined,
    ours: true,
    createdAt: row.createdAt,
  };
}
