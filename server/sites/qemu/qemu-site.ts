import { readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Log } from '../../log';
import { Problem } from '../../problem';
import { presetFlavors } from '../flavors';
import { localNetworks, mustAct } from '../power-rules';
import type { Site, SiteChange, SiteOffers, Vms } from '../site';
import { folderRecords } from '../vm-stacks/stack-records';
import { openVmStacks, type VmStacks } from '../vm-stacks/vm-stacks';
import { findAccelerator, type Finding } from './accelerator';
import { agentExec, agentRun } from './agent';
import { capacityOf, customFlavorOf, measureHost, type Limits } from './capacity';
import { captureRunning, captureStopped, diskUsage } from './capture';
import { qemuDiskCache, type HouseDisks } from './disk-cache';
import type { ImageLibrary } from '../image-library';
import type { Qmp } from './qmp';
import { readSerial } from './serial-watch';
import type { VmState } from './vm-state';
import { rebootVm, stopVm } from './vm-power';
import { openVmSet } from './vm-set';

export interface QemuSiteOptions {
  id: string;
  name: string;
  /** Absolute path of the folder for the VMs; short, because it holds unix sockets. */
  dir: string;
  library: ImageLibrary;
  limits: Limits;
  /** IPv4 address of this machine at which people reach forwarded ports; the loopback when absent. */
  forwardsAt?: string | undefined;
  /** Path of a Linux kernel that proves accelerators; undefined: KVM is not used. */
  kernel: string | undefined;
  /** The disk images this house holds of registries' disks. */
  disks?: HouseDisks | undefined;
  log: Log;
}

/**
 * The site inside: this host's QEMU, a process for each VM, driven by QMP. VMs outlive our process, and `open` finds
 * them again. Needs no root.
 */
export function openQemuSite(options: QemuSiteOptions): Site & { stacks: VmStacks } {
  const { dir, library, limits, log, forwardsAt = '127.0.0.1' } = options;
  const listeners = new Set<(change: SiteChange) => void>();
  let finding: Finding | undefined;
  let looking: Promise<Finding> | undefined;
  const accelerator = (): Promise<Finding> => {
    looking ??= findAccelerator({ kernel: options.kernel, cache: join(dir, 'accelerator.json') }).then(
      (found) => {
        log.info({ accelerator: found.name, reason: found.reason, detail: found.detail }, 'accelerator');
        return (finding = found);
      },
      (error: unknown) => {
        looking = undefined; // QEMU may be installed by the next try.
        throw error;
      },
    );
    return looking;
  };
  const set = openVmSet({
    dir,
    library,
    limits,
    log,
    accelerator,
    forwardsAt,
    changed: (vm) => {
      const change = { ref: vm.record.vmId, vmId: vm.record.vmId };
      for (const listener of listeners) listener(change);
    },
  });
  const running = (ref: string) => {
    const vm = set.find(ref);
    mustAct('look', vm.record.state);
    const { process } = vm;
    if (!process) throw new Problem('conflict', 'sites.errors.notRunning');
    return { vm, qmp: process.qmp };
  };

  const offers = async () => {
    const [host, images] = await Promise.all([measureHost(dir, set.all()), library.list()]);
    const capacity = capacityOf(host, set.all(), limits);
    const now: SiteOffers = {
      flavors: [...presetFlavors],
      customFlavor: customFlavorOf(host, capacity),
      images,
      networks: [...localNetworks],
      capacity,
      accelerator: finding && { name: finding.name, reason: finding.reason, detail: finding.detail },
    };
    return now;
  };
  const vms: Vms = {
    create: async (spec, call) => (await set.create(spec, call)).view(),
    get: async (ref) => set.get(ref)?.view(),
    list: async () => set.all().map((vm) => vm.view()),
    start: (ref, { signal }) => set.start(ref, signal),
    stop: async (ref, graceSeconds, { signal }) => {
      const vm = set.find(ref);
      await set.settled(ref);
      return stopVm(vm, graceSeconds, signal);
    },
    reboot: (ref, { signal }) => rebootVm(set.find(ref), signal),
    reset: async (ref) => {
      const vm = set.find(ref);
      mustAct('reset', vm.record.state);
      await vm.process?.qmp.run('system_reset');
    },
    pause: async (ref) => {
      const vm = set.find(ref);
      if (!mustAct('pause', vm.record.state)) return;
      await vm.process?.qmp.run('stop');
      vm.enter('paused');
    },
    resume: async (ref) => {
      const vm = set.find(ref);
      if (!mustAct('resume', vm.record.state)) return;
      await vm.process?.qmp.run('cont');
      vm.enter('running');
    },
    delete: (ref) => set.remove(ref),
  };
  const stacks = openVmStacks({
    vms,
    offers,
    // Beside the folders of VMs, whose names begin with no dot.
    records: folderRecords(join(dir, '.stacks')),
    forwardsAt,
  });

  return {
    id: options.id,
    kind: 'qemu',
    forcesOff: true,
    name: options.name,
    offers,
    vms,
    stacks,
    ...(options.disks && { diskCache: qemuDiskCache(options.disks) }),
    console: {
      vnc: async (ref) => {
        const { vm } = running(ref);
        const socket = connect(vm.paths.vncSocket);
        await new Promise<void>((resolve, reject) => {
          socket.once('connect', resolve);
          socket.once('error', () => reject(new Problem('conflict', 'sites.errors.notRunning')));
        });
        return socket;
      },
    },
    screens: {
      screenshot: async (ref) => {
        const { vm, qmp } = running(ref);
        return set.alone(`screen ${ref}`, () => screenshot(vm, qmp));
      },
    },
    serial: {
      serialLog: (ref, from) => {
        const { paths, record } = set.find(ref);
        return readSerial(paths.serialLog, record.serialCut, from);
      },
    },
    capture: {
      capture: async (ref, target, mode, call) => {
        const vm = set.find(ref);
        await set.capturing(vm, () =>
          mode === 'stopped' || mayBeCopiedOff(vm)
            ? captureStopped(vm, target, call)
            : captureRunning(vm, target, call),
        );
      },
      usage: (ref) => diskUsage(set.find(ref)),
    },
    agent: {
      exec: async (ref, command, { signal }) => agentExec(running(ref).vm.paths, command, signal),
      ping: async (ref) => {
        const vm = set.get(ref);
        if (vm?.record.state !== 'running') return false;
        return agentRun(vm.paths, 'guest-ping', {}, 2000).then(
          () => true,
          () => false,
        );
      },
    },
    open: async () => {
      await set.open();
      await stacks.open();
      accelerator().catch((error: unknown) => log.warn({ err: error }, 'no QEMU'));
    },
    close: async () => {
      listeners.clear();
      await set.close();
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** `freeze` asked of a VM that is off: nothing moves anyway. */
function mayBeCopiedOff(vm: VmState): boolean {
  return vm.record.state === 'stopped' || vm.record.state === 'failed';
}

async function screenshot(vm: VmState, qmp: Qmp): Promise<Buffer> {
  const path = vm.paths.screenshot;
  try {
    await qmp.run('screendump', { filename: path, format: 'png' });
    return await readFile(path);
  } catch (error) {
    const detail = error instanceof Error ? error.message : undefined;
    throw new Problem('failed', 'sites.errors.noPicture', {}, { detail, cause: error });
  } finally {
    await rm(path, { force: true });
  }
}
