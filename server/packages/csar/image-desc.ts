import type { ContainerImageFacts, ImageFacts, PackageOrder } from '../order';
import { fileNameOf } from './names';

/** An image as a package packs or names it. */
export interface ImageEntry {
  image: ImageFacts;
  /** Unique in the package; descriptor and SwImageDesc.json agree on it. */
  name: string;
  /** `Image/<name>.zip` and the file inside; undefined when only the digest is given. */
  archive: { path: string; file: string } | undefined;
}

/** The images of an order, each digest once, with names that do not clash. */
export function imageEntries(order: PackageOrder): ImageEntry[] {
  const entries: ImageEntry[] = [];
  for (const { image } of order.vms) {
    if (entries.some((entry) => entry.image.digest === image.digest)) continue;
    const wanted = fileNameOf(image.name);
    const taken = entries.some((entry) => entry.name.toLowerCase() === wanted.toLowerCase());
    const name = taken ? `${wanted}-${hexOf(image.digest).slice(0, 8)}` : wanted;
    const archive = { path: `Image/${name}.zip`, file: `${name}/${name}.${image.format}` };
    entries.push({ image, name, archive: order.images === 'embedded' ? archive : undefined });
  }
  return entries;
}

/** The name of each image id in the package. */
export function imageNames(order: PackageOrder, entries: readonly ImageEntry[]): Map<string, string> {
  return new Map(
    order.vms.map(({ image }) => [
      image.id,
      entries.find((entry) => entry.image.digest === image.digest)?.name ?? image.name,
    ]),
  );
}

/**
 * Image/SwImageDesc.json with EdgeGallery's fields, true values in all of them, and ours beside (old readers ignore
 * unknown fields). `checksum` is the MD5 that Glance computes.
 */
export function imageDescription(order: PackageOrder, entries: readonly ImageEntry[]): string {
  const rows = entries.map(({ image, name, archive }) => ({
    id: hexOf(image.digest).slice(0, 32),
    name,
    version: order.project.version,
    checksum: image.md5,
    containerFormat: 'bare',
    diskFormat: image.format,
    minDisk: image.minDiskGiB,
    minRam: image.minMemoryMiB,
    architecture: image.architecture === 'aarch64' ? 'ARM64' : 'X86',
    size: image.size,
    swImage: archive?.path ?? image.digest,
    hw_scsi_model: 'virtio-scsi',
    hw_disk_bus: 'virtio',
    operatingSystem: image.os ?? 'linux',
    supportedVirtualisationEnvironment: 'linux',
    // osplugin looks for the other spelling.
    supportedVirtualizationEnvironment: 'linux',
    digest: image.digest,
    virtualSize: image.virtualSize,
  }));
  const containers = order.containers?.images.map((image) => containerRow(order, image)) ?? [];
  return `${JSON.stringify([...rows, ...containers], null, 2)}\n`;
}

/** A container image is named as the deployment text names it; where it lies is told beside the package, not in it. */
function containerRow(order: PackageOrder, image: ContainerImageFacts) {
  const name = containerImageName(image);
  return {
    id: hexOf(image.digest).slice(0, 32),
    name,
    version: image.tag,
    // No MD5 is taken of container images: their digest below is the one that counts.
    checksum: '',
    containerFormat: 'docker',
    architecture: order.project.architecture,
    size: image.size,
    swImage: name,
    digest: image.digest,
    mediaType: image.mediaType,
    platforms: image.platforms,
  };
}

/** An image's name as deployment texts and descriptors state it. */
export const containerImageName = ({ name, tag }: ContainerImageFacts) => `${name}:${tag}`;

const hexOf = (digest: string) => digest.replace('sha256:', '');
