/** Files and tools in a real guest: Linux with dropbear and OpenSSH's SFTP server, on real QEMU. */
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { Upload } from 'tus-js-client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openJobs } from '../../jobs/jobs';
import type { Jobs } from '../../jobs/job';
import { untilLogin } from '../../sites/contract';
import { openQemuBench, type QemuBench } from '../../sites/qemu/testing';
import type { Site } from '../../sites/site';
import { wish } from '../../sites/wish';
import { newKeyPair } from '../keys';
import { openGuest, type Guest } from './guest';
import type { GuestAccess } from './ssh';
import { developer, testPorts, type TestPorts } from './testing-ports';
import { serveGuest, type TestServer } from './testing-server';

const ref = 'vm-a';
const never = new AbortController().signal;
const digestOf = (data: Buffer) => createHash('sha256').update(data).digest('hex');

let bench: QemuBench;
let site: Required<Site>;
let ports: TestPorts;
let jobs: Jobs;
let guest: Guest;
let server: TestServer;

beforeAll(async () => {
  bench = await openQemuBench();
  site = bench.site as Required<Site>;
  const keys = newKeyPair('contract');
  await site.vms.create(
    wish('tiny', { seed: { hostname: 'first', sshKeys: [keys.publicKey], userData: undefined } }),
    {},
  );
  await untilLogin(site, ref);
  const found = await site.vms.get(ref);
  if (!found?.ssh) throw new Error('The site names no way to the guest.');
  const access: GuestAccess = {
    ...found.ssh,
    username: 'root',
    privateKey: keys.privateKey,
    knownHostKey: undefined,
    pin: (key) => {
      access.knownHostKey = key;
    },
  };
  ports = testPorts(access, { sites: [site] });
  ports.vm.siteId = site.id;
  ports.vm.siteRef = ref;
  jobs = openJobs(ports);
  ports.jobs = jobs;
  guest = openGuest(ports);
  jobs.run();
  server = await serveGuest(guest, 'vm_1', () => developer);
});

afterAll(async () => {
  server.close();
  await jobs.stop();
  await guest.close();
  await bench.close();
});

/** Runs a command by the guest agent: another way in than the one under test. */
async function sh(script: string): Promise<string> {
  const { stdout, stderr, exitCode } = await site.agent.exec(ref, ['/bin/sh', '-c', script], {});
  return exitCode === 0 ? stdout.trim() : `exit ${exitCode}: ${stderr}`;
}

function send(data: Buffer, metadata: Record<string, string>, onProgress?: (sent: number) => void) {
  return new Promise<void>((resolve, reject) => {
    const upload = new Upload(data, {
      endpoint: `${server.files}/uploads`,
      metadata,
      chunkSize: 4_000_000,
      retryDelays: Array.from({ length: 60 }, () => 1000),
      onShouldRetry: (error) => [0, 503].includes(error.originalResponse?.getStatus() ?? 0),
      ...(onProgress && { onProgress }),
      onSuccess: () => resolve(),
      onError: reject,
    });
    upload.start();
  });
}

const finished = (path: string) =>
  vi.waitFor(
    () => {
      const row = guest.uploads.list(developer, 'vm_1').find((each) => each.path === path);
      expect(row?.state).toBe('done');
      return row;
    },
    { timeout: 60_000 },
  );

describe('a real guest', () => {
  it('gets 11 MB with equal digests at both ends, under a Chinese name', async () => {
    const data = randomBytes(11_000_000);
    await send(data, { filename: '镜像 data/大 文件.bin', checksum: digestOf(data) });
    const row = await finished('/root/镜像 data/大 文件.bin');
    expect(row?.guestSha256).toBe(digestOf(data));
    expect(await sh("sha256sum '/root/镜像 data/大 文件.bin'")).toContain(digestOf(data));
    expect(await sh("ls -A '/root/镜像 data' | wc -l")).toBe('1');
    const answer = await fetch(`${server.files}/content?path=${encodeURIComponent('镜像 data/大 文件.bin')}`);
    expect(digestOf(Buffer.from(await answer.arrayBuffer()))).toBe(digestOf(data));
  });

  it('lists, makes and deletes folders, and tells its free space', async () => {
    await guest.files.makeFolder(developer, 'vm_1', 'work', never);
    await sh('echo hello > /root/work/a.txt; mkdir /root/work/sub; ln -s / /root/work/sub/root');
    const listing = await guest.files.list(developer, 'vm_1', 'work', never);
    expect(listing).toMatchObject({ path: '/root/work', home: '/root' });
    expect(listing.entries.map(({ name, kind, size }) => [name, kind, kind === 'file' ? size : 0])).toEqual([
      ['sub', 'folder', 0],
      ['a.txt', 'file', 6],
    ]);
    const free = Number(await sh(`df -P -k / | tail -1 | awk '{print $4}'`)) * 1024;
    expect(Math.abs((listing.space?.free ?? 0) - free)).toBeLessThan(5_000_000);
    await guest.files.remove(developer, 'vm_1', 'work', never);
    expect(await sh('test -e /root/work || echo gone; test -d /etc && echo kept')).toBe('gone\nkept');
  });

  it('is not sent what is larger than its disk', async () => {
    const { space } = await guest.files.list(developer, 'vm_1', '', never);
    const size = (space?.free ?? 0) + 1_000_000;
    await expect(
      guest.uploads.create(developer, 'vm_1', size, { filename: 'big' }, never),
    ).rejects.toMatchObject({
      key: 'files.errors.tooLarge',
      params: { size },
    });
    expect(await sh('ls -A /root | grep big || echo none')).toBe('none');
  });

  it('says that its disk filled up meanwhile, and goes on once there is room', async () => {
    const { space } = await guest.files.list(developer, 'vm_1', '', never);
    const data = randomBytes(24_000_000);
    const row = await guest.uploads.create(developer, 'vm_1', data.length, { filename: 'fill.bin' }, never);
    const room = Math.floor(((space?.free ?? 0) - 8_000_000) / 1_000_000);
    expect(await sh(`fallocate -l ${room}000000 /root/ballast || echo no`)).toBe('');
    await expect(
      guest.uploads.receive(developer, 'vm_1', row.id, 0, Readable.from([data]), never),
    ).rejects.toMatchObject({ key: 'files.errors.guestFull' });
    await sh('rm /root/ballast');
    const { offset } = await guest.uploads.offset(developer, 'vm_1', row.id, never);
    await guest.uploads.receive(
      developer,
      'vm_1',
      row.id,
      offset,
      Readable.from([data.subarray(offset)]),
      never,
    );
    expect((await finished('/root/fill.bin'))?.guestSha256).toBe(digestOf(data));
    await guest.files.remove(developer, 'vm_1', 'fill.bin', never);
  });

  it('goes on with an upload after the guest was reset in its middle', async () => {
    const data = randomBytes(24_000_000);
    let reset = false;
    await send(data, { filename: 'reset.bin', checksum: digestOf(data) }, (sent) => {
      if (reset || sent < 9_000_000) return;
      reset = true;
      void site.vms.reset(ref);
    });
    expect(reset).toBe(true);
    expect((await finished('/root/reset.bin'))?.guestSha256).toBe(digestOf(data));
  });

  it('gets the tools that ship with the app', async () => {
    guest.tools.identities.setMep(developer, 'project_1', {
      address: '10.0.0.9',
      port: 8443,
      accessKey: 'AK',
      secretKey: 'SK',
    });
    const started = guest.tools.installChosen('vm_1', ['qemu-guest-agent', 'edgeyard-agent'], 'user_1');
    for (const { id } of started) {
      const job = await jobs.settled(id);
      expect([job.error, job.state, jobs.log(id)]).toMatchObject([undefined, 'done', expect.anything()]);
    }
    expect(await sh('/usr/local/bin/edgeyard-info')).toContain("EDGEYARD_MEP_ADDRESS='10.0.0.9'");
    expect(await sh('/usr/local/bin/edgeyard-info')).not.toContain('SK');
    expect(await sh('stat -c %a /etc/edgeyard/identity.env')).toBe('600');
    expect(await sh('. /etc/edgeyard/identity.env; echo $EDGEYARD_MEP_SECRET_KEY')).toBe('SK');
    expect(await sh('ls -A /root | grep edgeyard || echo none')).toBe('none');
  });
});
