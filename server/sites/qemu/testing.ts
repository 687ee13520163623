import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openLog } from '../../log';
import type { Bench } from '../contract';
import type { GuestImage, Site } from '../site';
import { builtInGuests, probeKernel } from './guests/guests';
import type { ImageLibrary } from './make-vm';
import { openQemuSite } from './qemu-site';

/** A QEMU site in a folder of its own, for contract suites. */
export interface QemuBench extends Bench {
  dir: string;
  /** Another site object on the same folder, as the next process makes it. */
  another(): Promise<Site>;
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
 * Opens an empty QEMU site with the tiny guest.
 *
 * @param limits shares of the machine, all by default
 */
export async function openQemuBench(limits = {}): Promise<QemuBench> {
  const guests = guestsDir();
  const tiny = builtInGuests(guests).find((guest) => guest.os === 'tiny');
  if (!tiny) throw new Error(`no tiny guest in ${guests}`);
  const folder = mkdtempSync(join(tmpdir(), 'eq-'));
  const dir = join(folder, 'vms');
  const files = new Map([['tiny', tiny.path]]);
  const library: ImageLibrary = {
    list: async () => [...files.keys()].map((id) => tinyImage(id, tiny)),
    path: async (id) => ({ path: files.get(id) ?? '', format: 'qcow2' }),
  };
  const another = async (): Promise<Site> => {
    const site = openQemuSite({
      id: 'local',
      name: 'This machine',
      dir,
      library,
      limits,
      kernel: probeKernel(guests),
      log: openLog('warn'),
    });
    await site.open();
    return site;
  };
  return {
    site: await another(),
    dir,
    another,
    imageId: 'tiny',
    folder,
    addImage: async (path) => {
      files.set(path, path);
      return path;
    },
    leftovers: () => [
      ...readdirSync(dir).filter((name) => name !== 'accelerator.json'),
      ...qemus(dir).map((pid) => `process ${pid}`),
    ],
    processes: () => qemus(dir),
    close: async () => {
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
    format: 'qcow2',
    size: 1,
    virtualSize: 1,
    minMemoryMiB: tiny.minMemoryMiB,
    minDiskGiB: tiny.minDiskGiB,
    cloudInit: true,
    login: tiny.login,
    digest: undefined,
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
