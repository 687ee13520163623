/** Which images a VM on the cloud can be made from: the cloud's own, and ours, which are put there when needed. */
import type { ImageLibrary } from '../image-library';
import { siteImageVisibilities, type GuestImage } from '../site';
import type { Cloud } from './cloud';
import { listImages, type GlanceImage } from './glance';

const gib = 2 ** 30;

/**
 * Lists the images of the cloud that can boot, then ours. Copies of ours in the cloud are not listed beside them, nor
 * when the image is gone from our library: who may use it was decided there, and everybody may use what a cloud lists.
 *
 * @throws Problem `openstack.errors.*`
 */
export async function imageOffers(
  cloud: Cloud,
  library: ImageLibrary,
  signal: AbortSignal | undefined,
): Promise<GuestImage[]> {
  const { projectId } = await cloud.who(signal);
  const [theirs, ours] = await Promise.all([
    listImages(cloud, { status: 'active', limit: 200 }, signal),
    library.list(),
  ]);
  const own = theirs.filter((image) => canBoot(image) && !(image.owner === projectId && isOurs(image)));
  const copies = theirs.filter(({ owner }) => owner === projectId);
  return [
    ...own.flatMap((image) => guestImage(image) ?? []),
    ...ours.map((image) => ({ ...image, there: copies.some((copy) => holds(copy, image)) })),
  ];
}

/** Whether a copy seems whole, as far as a list tells; a creation looks closer. */
function holds(copy: GlanceImage, image: GuestImage): boolean {
  return copy.edgeyard_digest === contentKey(image) && copy.size === image.size;
}

/**
 * Whether we put an image there, or a snapshot that is kept or on its way to us. Nova hands our properties on to other
 * snapshots of a server made from a copy; those are people's own.
 */
function isOurs(image: GlanceImage): boolean {
  if (image.edgeyard_vm) return true;
  return Boolean(image.edgeyard_digest) && image.image_type !== 'snapshot';
}

/**
 * By what a copy of an image of ours is found in the cloud: its digest. One without a digest has only its id, which
 * stands for the same content all its life.
 */
export function contentKey(image: Pick<GuestImage, 'id' | 'digest'>): string {
  return image.digest ?? image.id;
}

/** Disk formats that nova can boot; kernels and ramdisks (`aki`, `ari`) and container images are none. */
const bootable = ['qcow2', 'raw', 'iso', 'vmdk', 'vdi', 'vhd', 'vhdx', 'ploop', 'ami'];

function canBoot(image: GlanceImage): boolean {
  if (!bootable.includes(image.disk_format ?? '') || image.container_format === 'docker') return false;
  // A snapshot of volumes holds no content itself: booting it makes volumes, which we would not remove.
  return !image.block_device_mapping || Boolean(image.size);
}

/** @returns undefined for an architecture that no VM of ours can have */
function guestImage(image: GlanceImage): GuestImage | undefined {
  const architecture = architectures[(image.hw_architecture ?? image.architecture ?? 'x86_64').toLowerCase()];
  if (!architecture) return undefined;
  const format = image.disk_format;
  const size = image.size ?? 0;
  // Older glances do not tell the virtual size; of raw disks it is the size itself.
  const virtualSize = image.virtual_size ?? Math.max(size, (image.min_disk ?? 0) * gib);
  return {
    id: image.id,
    name: image.name?.trim() || image.id,
    os: image.os_distro?.toLowerCase() || undefined,
    architecture,
    format: format === 'qcow2' || format === 'iso' ? format : 'other',
    size,
    virtualSize,
    minMemoryMiB: image.min_ram ?? 0,
    minDiskGiB: Math.max(image.min_disk ?? 0, Math.ceil(virtualSize / gib), 1),
    // The rule for images made for clouds; an installation CD reads nothing. Of disks that we brought we know.
    cloudInit: image.edgeyard_cloud_init ? image.edgeyard_cloud_init === 'true' : format !== 'iso',
    login: image.os_admin_user || undefined,
    digest:
      image.os_hash_algo === 'sha256' && image.os_hash_value ? `sha256:${image.os_hash_value}` : undefined,
    ours: false,
    createdAt: image.created_at ? Date.parse(image.created_at) : undefined,
    visibility: siteImageVisibilities.find((word) => word === image.visibility),
  };
}

/** Names that nova's ImagePropertiesFilter knows (nova/objects/fields.py, Architecture), by what we call them. */
const architectures: Record<string, GuestImage['architecture'] | undefined> = {
  x86_64: 'x86_64',
  amd64: 'x86_64',
  x64: 'x86_64',
  i686: 'x86_64',
  i386: 'x86_64',
  x86: 'x86_64',
  aarch64: 'aarch64',
  arm64: 'aarch64',
  armv8: 'aarch64',
};
