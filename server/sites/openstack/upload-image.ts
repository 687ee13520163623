/** Puts a disk image of ours into the cloud, once per content. */
import { createReadStream } from 'node:fs';
import { Problem } from '../../problem';
import { sharedWork } from '../../shared-work';
import type { ImageLibrary } from '../image-library';
import type { Call, GuestImage, SiteEvent } from '../site';
import type { Cloud } from './cloud';
import { findImage } from './glance';
import { markOfImage } from './image-copies';
import { contentKey } from './image-offers';
import { putOnce, type SentContent } from './put-content';

type UploadCall = Call & {
  progress?: (done: number, total: number) => void;
  report?: (event: SiteEvent) => void;
};

const flights = new WeakMap<Cloud, ReturnType<typeof sharedWork<string>>>();

/**
 * Gives glance's id of an image: of the cloud's own as it is, of ours after its content was put there, unless a copy is
 * there already. Asked twice at once it uploads once; it leaves nothing behind on failure and abort.
 *
 * @param imageId id of an image of ours, or of the cloud's own
 * @param call `progress` gets bytes sent and in all; `report` what happens
 * @throws Problem `not_found`, `conflict` for an image of the cloud's that cannot be used now, `openstack.errors.*`
 */
export async function ensureImage(
  cloud: Cloud,
  library: ImageLibrary,
  imageId: string,
  call: UploadCall,
): Promise<string> {
  const image = (await library.list()).find(({ id }) => id === imageId);
  if (!image) return requireCloudImage(cloud, imageId, call.signal);
  let share = flights.get(cloud);
  if (!share) flights.set(cloud, (share = sharedWork<string>()));
  return share(contentKey(image), call, async ({ signal, progress }) => {
    const content = fileContent(image, await library.path(imageId));
    const report = (event: SiteEvent) => call.report?.(event);
    return (await putOnce({ cloud, content, signal, progress, report })).id;
  });
}

async function requireCloudImage(cloud: Cloud, id: string, signal: AbortSignal | undefined): Promise<string> {
  const image = await findImage(cloud, id, signal);
  if (!image) throw new Problem('not_found', 'sites.errors.noImage', { id });
  if (image.status === 'active') return image.id;
  throw new Problem('conflict', 'openstack.errors.imageNotActive', {
    name: image.name ?? id,
    status: image.status,
  });
}

/** The file of an image of ours. */
function fileContent(
  image: GuestImage,
  { path, format, md5 }: Awaited<ReturnType<ImageLibrary['path']>>,
): SentContent {
  const { name, size, virtualSize, minDiskGiB, minMemoryMiB, architecture, os, login } = image;
  return {
    name,
    size,
    format,
    md5,
    virtualSize,
    minDiskGiB,
    minMemoryMiB,
    mark: markOfImage(image),
    // Glance makes size and MD5 itself; the property is only what somebody wrote.
    isWhole: (copy) =>
      copy.status === 'active' &&
      copy.size === size &&
      (md5 === undefined || !copy.checksum || copy.checksum === md5),
    properties: {
      architecture,
      ...(os ? { os_distro: os } : {}),
      ...(login ? { os_admin_user: login } : {}),
      edgeyard_image: image.id,
    },
    open: () => createReadStream(path, { highWaterMark: 1 << 20 }),
  };
}
