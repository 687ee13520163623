/** Glance's images as we read and change them (image API v2). Their content goes by upload-image.ts and capture.ts. */
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { isProblem } from '../../problem';
import type { Cloud } from './cloud';

/** Sizes are absent or null while an image is `queued`; properties of people's own stand beside the fields. */
export const glanceImage = z.object({
  id: z.string(),
  name: z.string().nullish(),
  /** queued, saving, uploading, importing, active, deactivated, killed, pending_delete, deleted */
  status: z.string(),
  owner: z.string().nullish(),
  visibility: z.string().nullish(),
  /** Bytes stored, and bytes of disk a guest sees. */
  size: z.number().nullish(),
  virtual_size: z.number().nullish(),
  /** MD5 in hex, made by glance itself. */
  checksum: z.string().nullish(),
  os_hash_algo: z.string().nullish(),
  os_hash_value: z.string().nullish(),
  disk_format: z.string().nullish(),
  container_format: z.string().nullish(),
  /** MiB and GiB. */
  min_ram: z.number().nullish(),
  min_disk: z.number().nullish(),
  created_at: z.string().nullish(),
  updated_at: z.string().nullish(),
  os_distro: z.string().nullish(),
  architecture: z.string().nullish(),
  hw_architecture: z.string().nullish(),
  os_admin_user: z.string().nullish(),
  hw_qemu_guest_agent: z.string().nullish(),
  /** `snapshot` on what nova made of a server; it has the properties of the server's image besides. */
  image_type: z.string().nullish(),
  /** Set on a snapshot whose content lies in volumes. */
  block_device_mapping: z.string().nullish(),
  edgeyard_digest: z.string().nullish(),
  edgeyard_image: z.string().nullish(),
  /** A disk of a registry: digest of its manifest, MD5 once the cloud is known to hold it, whether it reads a seed. */
  edgeyard_artifact: z.string().nullish(),
  edgeyard_proved: z.string().nullish(),
  edgeyard_cloud_init: z.string().nullish(),
  /** The process that is filling a copy of ours (upload-owner.ts). */
  edgeyard_owner: z.string().nullish(),
  /** VM of ours that a snapshot was made of. */
  edgeyard_vm: z.string().nullish(),
});
export type GlanceImage = z.infer<typeof glanceImage>;

/**
 * Lists images the login sees: its project's, those shared with it and public ones.
 *
 * @param query glance's own filters; a property's name with its value is one too
 * @throws Problem `openstack.errors.*`
 */
export function listImages(
  cloud: Cloud,
  query: Record<string, string | number | undefined>,
  signal: AbortSignal | undefined,
): Promise<GlanceImage[]> {
  return cloud.list({
    service: 'image',
    path: '/v2/images',
    key: 'images',
    query,
    schema: glanceImage,
    signal,
  });
}

/** Reads one image; undefined when there is none, or none that the login may see. @throws Problem `openstack.errors.*` */
export async function findImage(
  cloud: Cloud,
  id: string,
  signal: AbortSignal | undefined,
): Promise<GlanceImage | undefined> {
  const image = await cloud.find({ service: 'image', path: imagePath(id), schema: glanceImage, signal });
  // A deleted image can answer for a while yet.
  return image?.status === 'deleted' || image?.status === 'pending_delete' ? undefined : image;
}

/** Makes an image without content. @throws Problem `openstack.errors.*` */
export function makeImage(
  cloud: Cloud,
  record: Record<string, string | number | boolean>,
  signal: AbortSignal | undefined,
): Promise<GlanceImage> {
  return cloud.ask({
    service: 'image',
    method: 'POST',
    path: '/v2/images',
    body: record,
    schema: glanceImage,
    signal,
  });
}

/**
 * Sets properties of an image.
 *
 * @param properties names and values; a name that is there already gets the new value
 * @throws Problem `openstack.errors.*`
 */
export async function setImageProperties(
  cloud: Cloud,
  id: string,
  properties: Record<string, string>,
  signal: AbortSignal | undefined,
): Promise<void> {
  await cloud.send({
    service: 'image',
    method: 'PATCH',
    path: imagePath(id),
    // "add" sets, whether the member is there or not (RFC 6902, 4.1).
    body: Object.entries(properties).map(([name, value]) => ({ op: 'add', path: `/${name}`, value })),
    headers: { 'content-type': 'application/openstack-images-v2.1-json-patch' },
    signal,
  });
}

/** Removes an image in whatever state; one that is not there is fine. @throws Problem `openstack.errors.*` */
export function deleteImage(cloud: Cloud, id: string, signal: AbortSignal | undefined): Promise<void> {
  return cloud.send({ service: 'image', method: 'DELETE', path: imagePath(id), signal });
}

/** Path of an image, or of something below it. */
export function imagePath(id: string, below = ''): string {
  return `/v2/images/${encodeURIComponent(id)}${below}`;
}

/**
 * Asks again and again, with growing pauses, until the answer is there.
 *
 * @param look gives undefined to be asked again; throws to end the wait
 * @param pauses milliseconds of the first and of the longest pause
 * @throws what `look` throws; AbortError
 */
export async function lookUntil<T>(
  look: () => Promise<T | undefined>,
  signal: AbortSignal | undefined,
  pauses = { first: 300, longest: 3000 },
): Promise<T> {
  for (let wait = pauses.first; ; wait = Math.min(wait * 1.5, pauses.longest)) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(wait, undefined, signal ? { signal } : {});
  }
}

/**
 * Makes the question of a wait outlast a service that is away for a while.
 *
 * @param ms how long it may be away at a stretch
 * @returns the question; undefined is its answer while the service is away
 */
export function patiently<T>(look: () => Promise<T | undefined>, ms = 60_000): typeof look {
  let since: number | undefined;
  return async () => {
    try {
      const found = await look();
      since = undefined;
      return found;
    } catch (error) {
      since ??= performance.now();
      const away = isProblem(error) && error.code === 'unavailable';
      if (!away || performance.now() - since > ms) throw error;
      return undefined;
    }
  };
}
