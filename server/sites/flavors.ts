import { Problem } from '../problem';
import type { Amount, Flavor, FlavorChoice, GuestImage, SiteOffers } from './site';

/** The sizes a site of our own offers; their names are `sites.flavors.<id>`. */
export const presetFlavors: readonly Flavor[] = [
  { id: 'nano', name: 'Nano', vcpus: 1, memoryMiB: 256, diskGiB: 1 },
  { id: 'small', name: 'Small', vcpus: 1, memoryMiB: 1024, diskGiB: 8 },
  { id: 'medium', name: 'Medium', vcpus: 2, memoryMiB: 2048, diskGiB: 16 },
  { id: 'large', name: 'Large', vcpus: 4, memoryMiB: 4096, diskGiB: 32 },
];

/** What a VM of a chosen flavor takes. */
export interface FlavorSize {
  vcpus: number;
  memoryMiB: number;
  diskGiB: number;
}

/**
 * The numbers of a chosen flavor.
 *
 * @throws Problem `invalid` for a flavor the site does not have, and for numbers outside its limits
 */
export function sizeOf(
  choice: FlavorChoice,
  flavors: readonly Flavor[],
  custom: SiteOffers['customFlavor'],
): FlavorSize {
  if ('id' in choice) {
    const flavor = flavors.find((each) => each.id === choice.id);
    if (!flavor) throw new Problem('invalid', 'sites.errors.noFlavor', { id: choice.id });
    return { vcpus: flavor.vcpus, memoryMiB: flavor.memoryMiB, diskGiB: flavor.diskGiB };
  }
  const { vcpus, memoryMiB, diskGiB } = choice;
  const whole = [vcpus, memoryMiB, diskGiB].every((n) => Number.isSafeInteger(n) && n > 0);
  if (!whole || !custom) throw new Problem('invalid', 'sites.errors.badFlavor');
  return { vcpus, memoryMiB, diskGiB };
}

/**
 * What is left of an amount, in whole units.
 *
 * @returns infinity where there is no limit
 */
export function freeOf({ total, used }: Amount): number {
  return total < 0 ? Number.POSITIVE_INFINITY : Math.max(0, Math.floor(total - used));
}

/**
 * Refuses what does not fit into the site, naming what was asked and what there is.
 *
 * @param size what is asked
 * @param capacity what the site has; the difference of total and used is available
 * @param maxVcpus cores of the machine: a single guest cannot have more
 * @throws Problem `conflict`
 */
export function requireFit(
  size: FlavorSize,
  capacity: SiteOffers['capacity'],
  maxVcpus = Number.POSITIVE_INFINITY,
): void {
  const vcpus = Math.min(maxVcpus, freeOf(capacity.vcpus));
  if (size.vcpus > vcpus) {
    throw new Problem('conflict', 'sites.errors.vcpusDoNotFit', { asked: size.vcpus, available: vcpus });
  }
  const memory = freeOf(capacity.memoryMiB);
  if (size.memoryMiB > memory) {
    throw new Problem('conflict', 'sites.errors.memoryDoesNotFit', {
      asked: size.memoryMiB,
      available: memory,
    });
  }
  const disk = freeOf(capacity.diskGiB);
  if (size.diskGiB > disk) {
    throw new Problem('conflict', 'sites.errors.diskDoesNotFit', { asked: size.diskGiB, available: disk });
  }
}

/**
 * Refuses a flavor that the guest image cannot start in.
 *
 * @throws Problem `conflict` naming the image's need
 */
export function requireImageFits(size: FlavorSize, image: GuestImage): void {
  if (size.memoryMiB < image.minMemoryMiB) {
    throw new Problem('conflict', 'sites.errors.imageNeedsMemory', {
      image: image.name,
      asked: size.memoryMiB,
      needed: image.minMemoryMiB,
    });
  }
  const needed = Math.max(image.minDiskGiB, image.format === 'iso' ? 0 : image.virtualSize / 1024 ** 3);
  if (size.diskGiB < needed) {
    throw new Problem('conflict', 'sites.errors.imageNeedsDisk', {
      image: image.name,
      asked: size.diskGiB,
      needed: Math.ceil(needed),
    });
  }
}
