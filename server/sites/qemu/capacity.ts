import { readFile, statfs } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import type { SiteOffers } from '../site';
import { allocatedBytes } from './vm-folder';
import type { VmState } from './vm-state';

/** Shares of the machine that guests may use in all; undefined lets us choose. */
export interface Limits {
  maxMemoryMiB?: number | undefined;
  maxVcpus?: number | undefined;
  maxDiskGiB?: number | undefined;
}

/** Virtual CPUs share cores well; so many per core are given out. */
const vcpusPerCore = 4;
/** Memory that stays for the host and for us. */
const hostMemoryMiB = 1024;
/** Disk that stays free: a full disk stops every guest, and our database. */
const hostDiskGiB = 2;

/** What is measured on the host; the sums over VMs are taken at the moment they are needed. */
export interface HostMeasure {
  cores: number;
  memoryMiB: { total: number; available: number };
  freeDiskGiB: number;
  /** GiB that the VMs' disks may still grow by, by VM. */
  growth: Map<string, number>;
}

/**
 * Looks at the host: cores, memory, and the disk under the site's folder.
 *
 * @param dir the site's folder
 */
export async function measureHost(dir: string, vms: readonly VmState[]): Promise<HostMeasure> {
  const [facts, memory, growth] = await Promise.all([
    statfs(dir),
    readFile('/proc/meminfo', 'utf8'),
    Promise.all(vms.map(async (vm) => [vm.record.vmId, await growthGiB(vm)] as const)),
  ]);
  const available = Number(/^MemAvailable:\s+(\d+) kB/m.exec(memory)?.[1] ?? 0) / 1024;
  return {
    cores: cpus().length,
    memoryMiB: { total: totalmem() / 1024 ** 2, available },
    freeDiskGiB: (facts.bavail * facts.bsize) / 1024 ** 3,
    growth: new Map(growth),
  };
}

async function growthGiB(vm: VmState): Promise<number> {
  const allocated = (await allocatedBytes(vm.paths.disk)) / 1024 ** 3;
  return Math.max(0, vm.record.size.diskGiB - allocated);
}

/**
 * What the site has and what is given out. A VM that runs or is about to takes CPUs and memory; every VM takes its
 * whole disk, although its file grows only with use, so that no promise is broken later.
 *
 * @param vms all of the site, as they are now
 * @param except a VM that is not to be counted, because it is the one that asks
 */
export function capacityOf(
  host: HostMeasure,
  vms: readonly VmState[],
  limits: Limits,
  except?: VmState,
): SiteOffers['capacity'] {
  const others = vms.filter((vm) => vm !== except);
  const active = others.filter((vm) => ['starting', 'running', 'paused'].includes(vm.record.state));
  const sum = (some: VmState[], of: 'vcpus' | 'memoryMiB' | 'diskGiB') =>
    some.reduce((total, vm) => total + vm.record.size[of], 0);
  const usedMemory = sum(active, 'memoryMiB');
  const memoryByHost = Math.min(
    host.memoryMiB.total - hostMemoryMiB,
    usedMemory + Math.max(0, host.memoryMiB.available - hostMemoryMiB / 2),
  );
  const usedDisk = sum(others, 'diskGiB');
  const promised = others.reduce(
    (total, vm) => total + (host.growth.get(vm.record.vmId) ?? vm.record.size.diskGiB),
    0,
  );
  const diskByHost = usedDisk + Math.max(0, host.freeDiskGiB - promised - hostDiskGiB);
  return {
    vcpus: { total: limits.maxVcpus ?? host.cores * vcpusPerCore, used: sum(active, 'vcpus') },
    memoryMiB: {
      total: Math.floor(Math.min(limits.maxMemoryMiB ?? Number.POSITIVE_INFINITY, memoryByHost)),
      used: usedMemory,
    },
    diskGiB: {
      total: Math.floor(Math.min(limits.maxDiskGiB ?? Number.POSITIVE_INFINITY, diskByHost)),
      used: usedDisk,
    },
  };
}

/** The largest flavor that one VM could ever have here. */
export function customFlavorOf(
  host: HostMeasure,
  capacity: SiteOffers['capacity'],
): NonNullable<SiteOffers['customFlavor']> {
  return {
    maxVcpus: Math.min(host.cores, capacity.vcpus.total),
    maxMemoryMiB: capacity.memoryMiB.total,
    maxDiskGiB: capacity.diskGiB.total,
  };
}
