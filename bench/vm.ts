/** A VM of the QEMU site beside the bare programs: from the request to the first picture, and the capture of a disk. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openLog } from '../server/log';
import { builtInGuests, probeKernel } from '../server/sites/qemu/guests/guests';
import { openQemuSite } from '../server/sites/qemu/qemu-site';
import type { Site } from '../server/sites/site';
import type { Measure } from './measure';
import { endProgram, startProgram } from './process';
import { showsSomething } from './picture';

const run = promisify(execFile);
const guestId = 'tiny';
const memoryMiB = 256;

/** Measures what the adapter adds to QEMU and qemu-img. */
export async function measureVm(guestsDir: string): Promise<Measure[]> {
  const guest = builtInGuests(guestsDir).find(({ os }) => os === guestId);
  if (!guest) throw new Error(`no tiny guest image in ${guestsDir}; run npm run up first`);
  const dir = mkdtempSync(join(tmpdir(), 'bench-'));
  const site = openQemuSite({
    id: 'bench',
    name: 'bench',
    dir,
    library: {
      list: () =>
        Promise.resolve([
          {
            ...guest,
            id: guestId,
            format: 'qcow2' as const,
            size: statSync(guest.path).size,
            virtualSize: 0,
            digest: undefined,
            ours: true,
          },
        ]),
      path: () => Promise.resolve({ path: guest.path, format: 'qcow2' as const }),
    },
    limits: {},
    kernel: probeKernel(guestsDir),
    log: openLog('silent'),
  });
  // The site's own sockets keep no process alive; a server has its port for that.
  const alive = setInterval(() => undefined, 1000);
  await site.open();
  try {
    // The accelerator is proved once per boot of the host, not once per VM.
    const { accelerator } = await site.offers({});
    const bare: number[] = [];
    const ours: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      bare.push(await barePicture(guest.path, join(dir, `bare${round}`), accelerator?.name ?? 'tcg'));
      ours.push(await sitePicture(site, `bench${round}`));
    }
    const oursSeconds = Math.min(...ours);
    const bareSeconds = Math.min(...bare);
    return [
      {
        work: 'create → first picture, beyond bare QEMU (s)',
        ours: `${oursSeconds.toFixed(2)} s`,
        theirs: `${bareSeconds.toFixed(2)} s`,
        ratio: oursSeconds - bareSeconds,
        target: { atMost: 1 + 0.1 * bareSeconds },
      },
      await measureCapture(site, dir, guest.path),
    ];
  } finally {
    for (const vm of await site.vms.list()) await site.vms.delete(vm.ref, {});
    await site.close();
    clearInterval(alive);
    rmSync(dir, { recursive: true, force: true });
  }
}

async function sitePicture(site: Site, vmId: string): Promise<number> {
  const started = performance.now();
  const vm = await site.vms.create(
    {
      vmId,
      jobId: vmId,
      name: vmId,
      flavor: { vcpus: 1, memoryMiB, diskGiB: 2 },
      imageId: guestId,
      network: { id: 'nat', forwards: [] },
      seed: { hostname: vmId, sshKeys: [], userData: undefined },
    },
    {},
  );
  await picture(async () => (await site.screens?.screenshot(vm.ref)) ?? Buffer.alloc(0));
  const took = (performance.now() - started) / 1000;
  await site.vms.stop(vm.ref, 0, {});
  return took;
}

async function barePicture(image: string, prefix: string, accelerator: string): Promise<number> {
  const started = performance.now();
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', image, '-F', 'qcow2', `${prefix}.qcow2`, '2G']);
  const socket = `${prefix}.sock`;
  const qemu = await startProgram(
    'qemu-system-x86_64',
    [
      ['-machine', `q35,accel=${accelerator}`, '-cpu', 'max', '-m', String(memoryMiB), '-smp', '1'],
      ['-nodefaults', '-no-user-config', '-display', 'none', '-vga', 'std'],
      ['-drive', `if=virtio,file=${prefix}.qcow2,format=qcow2`],
      ['-netdev', 'user,id=n0', '-device', 'virtio-net-pci,netdev=n0,romfile='],
      ['-qmp', `unix:${socket},server=on,wait=off`],
    ].flat(),
  );
  try {
    while (!existsSync(socket)) await wait(5);
    const file = `${prefix}.png`;
    await picture(async () => {
      await screendump(socket, file);
      return readFileSync(file);
    });
    return (performance.now() - started) / 1000;
  } finally {
    await endProgram(qemu.child);
  }
}

async function picture(take: () => Promise<Buffer>): Promise<void> {
  for (;;) {
    const png = await take();
    if (png.length > 0 && showsSomething(png)) return;
    await wait(20);
  }
}

/** One QMP session that takes one picture. */
function screendump(socket: string, file: string): Promise<void> {
  return new Promise((done, failed) => {
    const connection = createConnection(socket);
    let received = '';
    connection.on('error', failed);
    connection.on('close', () => {
      failed(new Error(`QEMU closed the connection: ${received}`));
    });
    connection.on('data', (chunk) => {
      received += chunk.toString();
      if (received.includes('"id": "shot"')) {
        connection.end();
        done();
      }
    });
    connection.write('{"execute":"qmp_capabilities"}\n');
    connection.write(
      `${JSON.stringify({ execute: 'screendump', id: 'shot', arguments: { filename: file, format: 'png' } })}\n`,
    );
  });
}

async function measureCapture(site: Site, dir: string, image: string): Promise<Measure> {
  const vm = (await site.vms.list())[0];
  if (!vm || !site.capture) throw new Error('no stopped VM to capture');
  const disk = join(dir, vm.vmId, 'disk.qcow2');
  const options = ['-O', 'qcow2', '-c', '-o', 'compression_type=zstd', '-m', '8', '-W'];
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    ours.push(await seconds(() => site.capture?.capture(vm.ref, join(dir, 'ours.qcow2'), 'stopped', {})));
    theirs.push(
      await seconds(() =>
        run('qemu-img', ['convert', '-f', 'qcow2', ...options, disk, join(dir, 'theirs.qcow2')]),
      ),
    );
    for (const name of ['ours', 'theirs']) rmSync(join(dir, `${name}.qcow2`));
  }
  return {
    work: `capture of a ${(statSync(image).size / 2 ** 20).toFixed(0)} MiB guest`,
    ours: `${Math.min(...ours).toFixed(2)} s`,
    theirs: `${Math.min(...theirs).toFixed(2)} s`,
    ratio: Math.min(...ours) / Math.min(...theirs),
    target: { atMost: 1.1 },
  };
}

async function seconds(work: () => Promise<unknown> | undefined): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
