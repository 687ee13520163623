import type { VmPaths } from './vm-folder';

/** Everything that decides how a guest's machine looks; kept with the VM, so that it stays the same machine. */
export interface MachineFacts {
  vmId: string;
  /** Versioned machine type, for example `pc-i440fx-7.2`: the same hardware after a QEMU update. */
  machine: string;
  accelerator: 'kvm' | 'tcg';
  sandbox: boolean;
  vcpus: number;
  memoryMiB: number;
  mac: string;
  network: 'none' | 'isolated' | 'nat';
  /** Loopback ports of the host that lead to ports of the guest. */
  forwards: { protocol: 'tcp' | 'udp'; at: string; hostPort: number; guestPort: number }[];
  /** What lies under the guest's disk; undefined for an empty disk. */
  base: { path: string; format: 'qcow2' | 'raw' } | undefined;
  /** An installation medium. */
  cd: string | undefined;
}

/**
 * The arguments of `qemu-system-x86_64` for a guest. They hold no secrets: anybody on the host can read them.
 *
 * @param facts the machine
 * @param paths absolute paths, since QEMU's working folder is `/`
 */
export function qemuArguments(facts: MachineFacts, paths: VmPaths): string[] {
  const cpu = facts.accelerator === 'kvm' ? 'host' : 'max';
  return [
    ['-name', `guest=${facts.vmId}`],
    ['-machine', `${facts.machine},accel=${facts.accelerator}`],
    ['-cpu', cpu, '-smp', String(facts.vcpus), '-m', String(facts.memoryMiB)],
    ['-nodefaults', '-no-user-config', '-display', 'none', '-rtc', 'base=utc'],
    // The picture of a panicked guest is worth more than its end.
    ['-action', 'panic=none', '-device', 'pvpanic'],
    facts.sandbox ? ['-sandbox', sandbox] : [],
    ['-vga', 'std', '-device', 'qemu-xhci', '-device', 'usb-tablet'],
    disks(facts, paths),
    network(facts),
    ['-object', 'rng-random,id=rng,filename=/dev/urandom', '-device', 'virtio-rng-pci,rng=rng'],
    ['-device', 'virtio-balloon-pci', '-device', 'virtio-serial-pci'],
    ['-chardev', `socket,id=agent,path=${quoted(paths.agentSocket)},server=on,wait=off`],
    ['-device', 'virtserialport,chardev=agent,name=org.qemu.guest_agent.0'],
    ['-chardev', `file,id=serial,path=${quoted(paths.serialLog)},append=on`, '-serial', 'chardev:serial'],
    ['-vnc', `unix:${quoted(paths.vncSocket)},share=force-shared`],
    ['-qmp', `unix:${quoted(paths.qmpSocket)},server=on,wait=off`],
    // Not -daemonize: the sandbox forbids new processes. The CPUs wait until somebody listens to QMP.
    ['-pidfile', paths.pidFile, '-S'],
  ].flat();
}

/** What a guest's QEMU never needs: old calls, more rights, other programs, other scheduling. */
export const sandbox = 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny';

/**
 * The disk as QEMU is told about it: every format by name, at every level, so that nothing is ever probed.
 *
 * @returns a tree for `-blockdev` and for `json:` file names of qemu-img
 */
export function diskTree(diskPath: string, base: MachineFacts['base']): Record<string, unknown> {
  return {
    driver: 'qcow2',
    file: { driver: 'file', filename: diskPath, discard: 'unmap' },
    backing: base
      ? {
          driver: base.format,
          'read-only': true,
          file: { driver: 'file', filename: base.path, 'read-only': true },
          ...(base.format === 'qcow2' ? { backing: null } : {}),
        }
      : null,
  };
}

function disks(facts: MachineFacts, paths: VmPaths): string[] {
  const disk = {
    ...diskTree(paths.disk, facts.base),
    'node-name': 'disk',
    discard: 'unmap',
    'detect-zeroes': 'unmap',
  };
  const readOnly = (name: string, filename: string) =>
    JSON.stringify({
      driver: 'raw',
      'node-name': name,
      'read-only': true,
      file: { driver: 'file', filename, 'read-only': true },
    });
  return [
    ['-blockdev', JSON.stringify(disk), '-device', 'virtio-blk-pci,drive=disk,bootindex=1'],
    // A disk and not a CD: Debian's cloud kernel has no AHCI, and cloud-init looks at every disk's label.
    ['-blockdev', readOnly('seed', paths.seed), '-device', 'virtio-blk-pci,drive=seed'],
    facts.cd === undefined
      ? []
      : ['-blockdev', readOnly('cd', facts.cd), '-device', 'ide-cd,drive=cd,bootindex=2'],
  ].flat();
}

function network({ network: kind, forwards, mac }: MachineFacts): string[] {
  if (kind === 'none') return [];
  const rules = forwards.map(
    (each) => `,hostfwd=${each.protocol}:${each.at}:${each.hostPort}-:${each.guestPort}`,
  );
  const way = kind === 'isolated' ? 'on' : 'off';
  return [
    ['-netdev', `user,id=net,restrict=${way}${rules.join('')}`],
    // Without its boot ROM the card does not try PXE first.
    ['-device', `virtio-net-pci,netdev=net,mac=${mac},romfile=`],
  ].flat();
}

/** QEMU's option lists end a value at a comma; two stand for one. */
function quoted(path: string): string {
  return path.replaceAll(',', ',,');
}
