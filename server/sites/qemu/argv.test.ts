import { describe, expect, it } from 'vitest';
import { qemuArguments, type MachineFacts } from './argv';
import { vmPaths } from './vm-folder';

const facts: MachineFacts = {
  vmId: 'vm-1',
  machine: 'pc-i440fx-7.2',
  accelerator: 'tcg',
  sandbox: true,
  vcpus: 2,
  memoryMiB: 512,
  mac: '52:54:00:00:00:01',
  network: 'isolated',
  forwards: [
    { protocol: 'tcp', at: '127.0.0.1', hostPort: 40001, guestPort: 22 },
    { protocol: 'udp', at: '10.0.0.7', hostPort: 40002, guestPort: 53 },
  ],
  base: { path: '/images/a.qcow2', format: 'qcow2' },
  cd: undefined,
};

/** Values by option, in order. */
function values(argv: string[], option: string): string[] {
  return argv.flatMap((each, index) => (each === option ? [argv[index + 1] ?? ''] : []));
}

describe('arguments of QEMU', () => {
  it('are exactly these', () => {
    expect(qemuArguments(facts, vmPaths('/s', 'vm-1'))).toMatchInlineSnapshot(`
      [
        "-name",
        "guest=vm-1",
        "-machine",
        "pc-i440fx-7.2,accel=tcg",
        "-cpu",
        "max",
        "-smp",
        "2",
        "-m",
        "512",
        "-nodefaults",
        "-no-user-config",
        "-display",
        "none",
        "-rtc",
        "base=utc",
        "-action",
        "panic=none",
        "-device",
        "pvpanic",
        "-sandbox",
        "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
        "-vga",
        "std",
        "-device",
        "qemu-xhci",
        "-device",
        "usb-tablet",
        "-blockdev",
        "{"driver":"qcow2","file":{"driver":"file","filename":"/s/vm-1/disk.qcow2","discard":"unmap"},"backing":{"driver":"qcow2","read-only":true,"file":{"driver":"file","filename":"/images/a.qcow2","read-only":true},"backing":null},"node-name":"disk","discard":"unmap","detect-zeroes":"unmap"}",
        "-device",
        "virtio-blk-pci,drive=disk,bootindex=1",
        "-blockdev",
        "{"driver":"raw","node-name":"seed","read-only":true,"file":{"driver":"file","filename":"/s/vm-1/seed.iso","read-only":true}}",
        "-device",
        "virtio-blk-pci,drive=seed",
        "-netdev",
        "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:40001-:22,hostfwd=udp:10.0.0.7:40002-:53",
        "-device",
        "virtio-net-pci,netdev=net,mac=52:54:00:00:00:01,romfile=",
        "-object",
        "rng-random,id=rng,filename=/dev/urandom",
        "-device",
        "virtio-rng-pci,rng=rng",
        "-device",
        "virtio-balloon-pci",
        "-device",
        "virtio-serial-pci",
        "-chardev",
        "socket,id=agent,path=/s/vm-1/qga.sock,server=on,wait=off",
        "-device",
        "virtserialport,chardev=agent,name=org.qemu.guest_agent.0",
        "-chardev",
        "file,id=serial,path=/s/vm-1/serial.log,append=on",
        "-serial",
        "chardev:serial",
        "-vnc",
        "unix:/s/vm-1/vnc.sock,share=force-shared",
        "-qmp",
        "unix:/s/vm-1/qmp.sock,server=on,wait=off",
        "-pidfile",
        "/s/vm-1/pid",
        "-S",
      ]
    `);
  });

  it('cut an isolated guest off from everything but its forwards, and a NAT guest not', () => {
    const netdev = (network: MachineFacts['network']) =>
      values(qemuArguments({ ...facts, network, forwards: [] }, vmPaths('/s', 'vm-1')), '-netdev');
    expect(netdev('isolated')).toEqual(['user,id=net,restrict=on']);
    expect(netdev('nat')).toEqual(['user,id=net,restrict=off']);
    expect(netdev('none')).toEqual([]);
  });

  it('name every format, so that no image is probed', () => {
    const argv = qemuArguments({ ...facts, cd: '/images/install.iso' }, vmPaths('/s', 'vm-1'));
    const [disk, seed, cd] = values(argv, '-blockdev').map((each) => JSON.parse(each) as object);
    expect(disk).toMatchObject({ driver: 'qcow2', backing: { driver: 'qcow2', backing: null } });
    expect(seed).toMatchObject({ driver: 'raw', 'read-only': true });
    expect(cd).toMatchObject({ driver: 'raw', 'read-only': true });
    const raw = qemuArguments({ ...facts, base: { path: '/a', format: 'raw' } }, vmPaths('/s', 'vm-1'));
    expect(JSON.parse(values(raw, '-blockdev')[0] ?? '')).toMatchObject({ backing: { driver: 'raw' } });
  });

  it('keep a comma in a path from starting another option', () => {
    const argv = qemuArguments(facts, vmPaths('/a,b', 'vm-1'));
    expect(values(argv, '-qmp')).toEqual(['unix:/a,,b/vm-1/qmp.sock,server=on,wait=off']);
  });
});

describe('folder', () => {
  it('takes no id that leads elsewhere', () => {
    for (const id of ['..', 'a/b', '', '.x', '-x', 'a\0']) expect(() => vmPaths('/s', id)).toThrow('noVm');
  });

  it('refuses a place too deep for sockets, and says by how much', () => {
    expect(() => vmPaths(`/${'d'.repeat(100)}`, 'vm-1')).toThrow('"length":115');
  });
});
