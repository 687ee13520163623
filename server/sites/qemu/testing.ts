import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openLog } from '../../log';
import type { Bench } from '../contract';
import type { GuestImage, Site } from '../site';
import { builtInGuests, probeKernel } from './guests/guests';
import type { ImageLibrary } from '../image-library';
import { openQemuSite } from './qemu-site';

/** A QEMU site in a folder of its own, for contract suites. */
export interface QemuBench extends Bench {
  dir: string;
  /** Another site object on the same folder, as the next process makes it. */
  another(): Promise<Site>;
  /** An image's file is somewhere else from now on. */
  moveImage(id: string, path: string): void;
  /** Process ids of this bench's QEMUs. */
  processes(): number[];
}

/** Where the guest images are: those of the machine, or built now. */
function guestsDir(): string {
  const given = process.env['EDGEYARD_GUESTS'];
  if (given !== undefined) return resolve(given);
  const dir = resolve('.cache/guests');
  execFileSync('bash', ['server/sites/qemu/guests/build-tiny.sh', dir], { stdio: 'inherit' });
  return dir;
}

/**
 * Opens the site that has its VMs in a folder, with the tiny guest and copies of it.
 *
 * @param dir folder of the VMs
 * @param copies more guest images, by id
 */
export async function openTestSite(
  dir: string,
  limits = {},
  copies = new Map<string, string>(),
): Promise<Site> {
  const guests = guestsDir();
  const tiny = builtInGuests(guests).find((guest) => guest.os === 'tiny');
  if (!tiny) throw new Error(`no tiny guest in ${guests}`);
  const library: ImageLibrary = {
    list: async () => ['tiny', ...copies.keys()].map((id) => tinyImage(id, tiny)),
    path: async (id) => ({ path: copies.get(id) ?? tiny.path, format: formatOf(id) }),
  };
  const site = openQemuSite({
    id: 'local',
    name: 'This machine',
    dir,
    library,
    limits,
    kernel: probeKernel(guests),
    log: openLog('fatal'),
  });
  await site.open();
  return site;
}

/**
 * Opens an empty QEMU site with the tiny guest.
 *
 * @param limits shares of the machine, all by default
 */
export async function openQemuBench(limits = {}): Promise<QemuBench> {
  const folder = mkdtempSync(join(tmpdir(), 'eq-'));
  const dir = join(folder, 'vms');
  const copies = new Map<string, string>();
  const opened: Site[] = [];
  const another = async () => {
    const site = await openTestSite(dir, limits, copies);
    opened.push(site);
    return site;
  };
  return {
    site: await another(),
    dir,
    another,
    imageId: 'tiny',
    folder,
    addImage: async (path) => {
      copies.set(path, path);
      return path;
    },
    moveImage: (id, path) => void copies.set(id, path),
    leftovers: () => [
      ...readdirSync(dir).filter((name) => name !== 'accelerator.json'),
      ...qemus(dir).map((pid) => `process ${pid}`),
    ],
    processes: () => qemus(dir),
    close: async () => {
      for (const site of opened) await site.close();
      for (const pid of qemus(dir)) process.kill(pid, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function tinyImage(
  id: string,
  tiny: { minMemoryMiB: number; minDiskGiB: number; login: string },
): GuestImage {
  return {
    id,
    name: 'Tiny Linux',
    os: 'tiny',
    architecture: 'x86_64',
    format: formatOf(id) === 'iso' ? 'iso' : 'qcow2',
    size: 1,
    virtualSize: 1,
    minMemoryMiB: tiny.minMemoryMiB,
    minDiskGiB: tiny.minDiskGiB,
    cloudInit: true,
    login: tiny.login,
    digest: undefined,
    ours: true,
  };
}

/** Processes whose arguments name the folder: QEMUs, and tools that work on its disks. */
function qemus(dir: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return command.startsWith('qemu-') && command.includes(dir);
      } catch {
        return false;
      }
    });
}

/** Copies tell their format by their names. */
function formatOf(id: string): 'qcow2' | 'raw' | 'iso' {
  if (id.endsWith('.raw')) return 'raw';
  return id.endsWith('.iso') ? 'iso' : 'qcow2';
}
