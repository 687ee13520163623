import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A guest image that Edgeyard builds itself, as the images room takes it in. */
export interface BuiltInGuest {
  name: string;
  /** Absolute path of the qcow2 file. */
  path: string;
  os: string;
  /** Account that the SSH keys of a seed open. */
  login: string;
  cloudInit: boolean;
  architecture: 'x86_64';
  minMemoryMiB: number;
  minDiskGiB: number;
}

const known = [
  { file: 'tiny', name: 'Tiny Linux', os: 'tiny', login: 'root', minMemoryMiB: 192, minDiskGiB: 1 },
  { file: 'debian', name: 'Debian 12', os: 'debian', login: 'debian', minMemoryMiB: 512, minDiskGiB: 3 },
] as const;

/**
 * The guest images that have been built.
 *
 * @param dir folder the builders wrote to
 */
export function builtInGuests(dir: string): BuiltInGuest[] {
  return known
    .map(({ file, ...facts }) => ({
      ...facts,
      path: join(dir, `${file}.qcow2`),
      cloudInit: true,
      architecture: 'x86_64' as const,
    }))
    .filter((guest) => existsSync(guest.path));
}

/**
 * The Linux kernel that proves in a micro-boot whether an accelerator works.
 *
 * @param dir folder the builders wrote to
 * @returns its path, or undefined when it has not been built
 */
export function probeKernel(dir: string): string | undefined {
  const path = join(dir, 'vmlinuz');
  return existsSync(path) ? path : undefined;
}
