/** A file into a VM, beside the `sftp` command: both into the same guest, over the same SSH server. */
import { execFile } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openJobs } from '../server/jobs/jobs';
import { openLog } from '../server/log';
import { builtInGuests, probeKernel } from '../server/sites/qemu/guests/guests';
import { openQemuSite } from '../server/sites/qemu/qemu-site';
import type { Site } from '../server/sites/site';
import { openGuest } from '../server/workbench/guest/guest';
import type { GuestAccess } from '../server/workbench/guest/ssh';
import { developer, testPorts } from '../server/workbench/guest/testing-ports';
import { serveGuest } from '../server/workbench/guest/testing-server';
import { newKeyPair } from '../server/workbench/keys';
import type { Measure } from './measure';

const run = promisify(execFile);
const megabytes = 64;
const rounds = 3;
const vmId = 'upload';

/** Measures throughput, and the memory the server needs for it. */
export async function measureUpload(guestsDir: string): Promise<Measure[]> {
  const dir = mkdtempSync(join(tmpdir(), 'bench-'));
  const file = join(dir, 'payload.bin');
  const digest = writeRandom(file);
  const keys = newKeyPair('bench');
  const keyFile = join(dir, 'key');
  writeFileSync(keyFile, keys.privateKey, { mode: 0o600 });
  const site = await openSite(guestsDir, join(dir, 'vms'));
  const alive = setInterval(() => undefined, 1000);
  try {
    const access = await startGuest(site, keys);
    const ours: Sent[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      theirs.push(await bySftp(file, access, keyFile));
      ours.push(await byApp(file, digest, access));
    }
    const seconds = Math.min(...ours.map((sent) => sent.seconds));
    const sftpSeconds = Math.min(...theirs);
    const rate = (time: number) => `${(megabytes / time).toFixed(1)} MB/s`;
    const rss = Math.max(...ours.map((sent) => sent.peakMB));
    return [
      {
        work: `upload of ${megabytes} MB into a VM (throughput)`,
        ours: rate(seconds),
        theirs: rate(sftpSeconds),
        ratio: sftpSeconds / seconds,
        target: { atLeast: 1 },
      },
      {
        work: 'memory while it uploads (MB)',
        ours: `${rss.toFixed(0)} MB`,
        theirs: '',
        ratio: rss,
        target: { atMost: 200 },
      },
    ];
  } finally {
    for (const vm of await site.vms.list()) await site.vms.delete(vm.ref, {});
    await site.close();
    clearInterval(alive);
    rmSync(dir, { recursive: true, force: true });
  }
}

function writeRandom(file: string): string {
  const hash = createHash('sha256');
  const block = Buffer.alloc(1_000_000);
  for (let i = 0; i < megabytes; i += 1) {
    randomFillSync(block);
    hash.update(block);
    writeFileSync(file, block, { flag: 'a' });
  }
  return hash.digest('hex');
}

async function openSite(guestsDir: string, dir: string): Promise<Site> {
  const guest = builtInGuests(guestsDir).find(({ os }) => os === 'tiny');
  if (!guest) throw new Error(`no tiny guest image in ${guestsDir}; run npm run up first`);
  const image = {
    ...guest,
    id: 'tiny',
    format: 'qcow2' as const,
    virtualSize: 0,
    digest: undefined,
    ours: true,
  };
  const site = openQemuSite({
    id: 'bench',
    name: 'bench',
    dir,
    library: {
      list: () => Promise.resolve([{ ...image, size: statSync(guest.path).size }]),
      path: () => Promise.resolve({ path: guest.path, format: 'qcow2' as const }),
    },
    limits: {},
    kernel: probeKernel(guestsDir),
    log: openLog('silent'),
  });
  await site.open();
  return site;
}

async function startGuest(site: Site, keys: { privateKey: string; publicKey: string }): Promise<GuestAccess> {
  const { ref } = await site.vms.create(
    {
      vmId,
      jobId: vmId,
      name: vmId,
      flavor: { vcpus: 1, memoryMiB: 512, diskGiB: 2 },
      imageId: 'tiny',
      network: { id: 'nat', forwards: [] },
      seed: { hostname: vmId, sshKeys: [keys.publicKey], userData: undefined },
    },
    {},
  );
  for (;;) {
    const vm = await site.vms.get(ref);
    if (vm?.ssh && vm.boot.some(({ phase }) => phase === 'login'))
      return {
        ...vm.ssh,
        username: 'root',
        privateKey: keys.privateKey,
        knownHostKey: undefined,
        pin: () => undefined,
      };
    await wait(100);
  }
}

async function bySftp(file: string, access: GuestAccess, keyFile: string): Promise<number> {
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR'];
  const batch = `${keyFile}.batch`;
  writeFileSync(batch, `put ${file} theirs.bin\n`);
  const started = performance.now();
  await run('sftp', [
    ...options.flatMap((option) => ['-o', option]),
    '-q',
    '-b',
    batch,
    '-i',
    keyFile,
    '-P',
    String(access.port),
    `${access.username}@${access.host}`,
  ]);
  return (performance.now() - started) / 1000;
}

interface Sent {
  seconds: number;
  peakMB: number;
}

/** From the first request to the last byte in the guest; the verification after it is no part of what sftp does. */
async function byApp(file: string, digest: string, access: GuestAccess): Promise<Sent> {
  const ports = testPorts(access);
  ports.jobs = openJobs(ports);
  const guest = openGuest(ports);
  const server = await serveGuest(guest, ports.vm.id, () => developer);
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 50);
  try {
    const started = performance.now();
    const text = (value: string) => Buffer.from(value).toString('base64');
    const made = await fetch(`${server.files}/uploads`, {
      method: 'POST',
      headers: {
        'tus-resumable': '1.0.0',
        'upload-length': String(statSync(file).size),
        'upload-metadata': `filename ${text('ours.bin')},onConflict ${text('replace')},checksum ${text(digest)}`,
      },
    });
    if (made.status !== 201) throw new Error(await made.text());
    await sendBody(new URL(made.headers.get('location') ?? '', server.files), file);
    const seconds = (performance.now() - started) / 1000;
    await guest.uploads.idle();
    const [row] = guest.uploads.list(developer, ports.vm.id);
    if (row?.state !== 'done') throw new Error(`not done: ${JSON.stringify(row)}`);
    return { seconds, peakMB: peak / 2 ** 20 };
  } finally {
    clearInterval(watch);
    server.close();
    await guest.close();
  }
}

async function sendBody(url: URL, file: string): Promise<void> {
  const patch = request(url, {
    method: 'PATCH',
    headers: {
      'tus-resumable': '1.0.0',
      'upload-offset': '0',
      'content-type': 'application/offset+octet-stream',
      'content-length': String(statSync(file).size),
    },
  });
  const answered = new Promise<number>((resolve, reject) => {
    patch.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    patch.on('error', reject);
  });
  await pipeline(createReadStream(file), patch);
  const status = await answered;
  if (status !== 204) throw new Error(`the upload was answered with ${status}`);
}
