import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { firstBytes, untilAgent, untilLogin } from '../contract';
import type { Site } from '../site';
import { wish } from '../wish';
import { isoImage } from './seed-iso';
import { openQemuBench, type QemuBench } from './testing';

let bench: QemuBench;
let site: Required<Site>;

beforeEach(async () => {
  bench = await openQemuBench();
  site = bench.site as Required<Site>;
});
afterEach(() => bench.close());

/** A VM with its agent up. */
async function readyVm(part: Parameters<typeof wish>[1] = {}): Promise<void> {
  await site.vms.create(wish('tiny', part), {});
  await untilLogin(site, 'vm-a');
  await untilAgent(site, 'vm-a');
}

async function sh(script: string, where = site, ref = 'vm-a'): Promise<string> {
  const { stdout, stderr, exitCode } = await where.agent.exec(ref, ['/bin/sh', '-c', script], {});
  return exitCode === 0 ? stdout.trim() : `exit ${exitCode}: ${stderr}`;
}

async function nextSite(): Promise<Required<Site>> {
  await site.close();
  site = (await bench.another()) as Required<Site>;
  return site;
}

const problem = (key: string, params?: object) =>
  expect.objectContaining({ key: `sites.errors.${key}`, ...(params && { params }) }) as Error;

describe('QEMU: what goes wrong', () => {
  it.each([1, 2, 3])('app killed at step %i of a creation: asked again, it goes on', async (step) => {
    const creator = creatorProcess(bench.dir, step);
    await creator.reached;
    process.kill(creator.pid, 'SIGKILL');
    await creator.ended;
    site = (await bench.another()) as Required<Site>;
    const vm = await site.vms.create(wish('tiny'), {});
    expect(vm.state).toBe('running');
    expect(bench.processes()).toHaveLength(1);
    if (step === 3) await untilLogin(site, 'vm-a');
    await site.vms.delete('vm-a', {});
    expect(bench.leftovers()).toEqual([]);
  });

  it('app gone and back: finds its VM as it was, and is in control', async () => {
    await readyVm();
    const before = await site.vms.get('vm-a');
    const [pid] = bench.processes();
    await nextSite();
    expect(await site.vms.get('vm-a')).toEqual(before);
    expect(bench.processes()).toEqual([pid]);
    expect(await sh('echo here')).toBe('here');
    await site.vms.pause('vm-a');
    await nextSite();
    expect(await site.vms.get('vm-a')).toMatchObject({ state: 'paused' });
    await site.vms.resume('vm-a');
    expect(await site.vms.stop('vm-a', 60, {})).toEqual({ forced: false });
    await nextSite();
    expect(await site.vms.get('vm-a')).toMatchObject({ state: 'stopped', reason: 'stopped' });
  });

  it('QEMU killed: failed with what is known, and can be started again', async () => {
    await site.vms.create(wish('tiny'), {});
    process.kill(bench.processes()[0] ?? 0, 'SIGKILL');
    await vi.waitFor(async () => expect((await site.vms.get('vm-a'))?.state).toBe('failed'));
    expect(await site.vms.get('vm-a')).toMatchObject({ reason: 'died', detail: 'killed by SIGKILL' });
    await site.vms.start('vm-a', {});
    await untilLogin(site, 'vm-a');
  });

  it('QEMU killed while the app was away: stopped, with the reason', async () => {
    await site.vms.create(wish('tiny'), {});
    await site.close();
    process.kill(bench.processes()[0] ?? 0, 'SIGKILL');
    await vi.waitFor(() => expect(bench.processes()).toEqual([]));
    await nextSite();
    expect(await site.vms.get('vm-a')).toMatchObject({ state: 'stopped', reason: 'diedWhileAway' });
    await site.vms.start('vm-a', {});
    expect((await site.vms.get('vm-a'))?.state).toBe('running');
  });

  it('QEMU killed after the app came back: failed', async () => {
    await site.vms.create(wish('tiny'), {});
    await nextSite();
    process.kill(bench.processes()[0] ?? 0, 'SIGKILL');
    await vi.waitFor(async () =>
      expect(await site.vms.get('vm-a')).toMatchObject({ state: 'failed', reason: 'died' }),
    );
  });

  it('guest powers itself off: stopped, and by itself', async () => {
    await readyVm();
    await site.agent.exec('vm-a', ['/sbin/poweroff'], {}).catch(() => undefined); // The agent ends first.
    await vi.waitFor(
      async () =>
        expect(await site.vms.get('vm-a')).toMatchObject({ state: 'stopped', reason: 'guestPowerOff' }),
      { timeout: 30_000 },
    );
  });

  it('guest that does not react to the power button is forced off; giving up the wait leaves it on', async () => {
    await site.vms.create(wish('tiny'), {});
    await site.vms.pause('vm-a');
    const wait = new AbortController();
    const stopped = site.vms.stop('vm-a', 60, { signal: wait.signal });
    wait.abort();
    await expect(stopped).rejects.toThrow();
    expect((await site.vms.get('vm-a'))?.state).toBe('running');
    expect(await site.vms.stop('vm-a', 1, {})).toEqual({ forced: true });
    expect(await site.vms.get('vm-a')).toMatchObject({ state: 'stopped', reason: 'forced' });
  });

  it('creation given up in the middle: nothing is left', async () => {
    for (const step of [1, 2]) {
      const stop = new AbortController();
      const made = site.vms.create(wish('tiny'), {
        signal: stop.signal,
        progress: (done) => done === step && stop.abort(),
      });
      await expect(made).rejects.toThrow();
      expect(bench.leftovers()).toEqual([]);
      expect(await site.vms.list()).toEqual([]);
    }
  });

  it('VM deleted while it is being created: nothing is left', async () => {
    const made = site.vms.create(wish('tiny'), {}).catch(() => undefined);
    await vi.waitFor(async () => expect(await site.vms.list()).toHaveLength(1), { interval: 1 });
    await site.vms.delete('vm-a', {});
    await made;
    await site.vms.delete('vm-a', {});
    expect(bench.leftovers()).toEqual([]);
  });

  it('capture of a running VM holds what was written before, and is given up without a trace', async () => {
    await readyVm();
    await sh('echo kept >/root/kept; dd if=/dev/urandom of=/root/noise bs=1M count=120 2>/dev/null');
    const target = join(bench.folder, 'image.qcow2');
    const stop = new AbortController();
    const given = site.capture.capture('vm-a', target, 'freeze', {
      signal: stop.signal,
      progress: (done) => done > 0 && stop.abort(),
    });
    await expect(given).rejects.toThrow();
    expect(existsSync(target)).toBe(false);
    expect(await sh('echo on >/root/on && sync && cat /root/on')).toBe('on');
    await site.capture.capture('vm-a', target, 'freeze', {});
    execFileSync('qemu-img', ['check', '-q', '-f', 'qcow2', target]);
    expect(qcow2Facts(target)).toMatchObject({ compression: 'zstd', backing: undefined });
    const image = await bench.addImage(target);
    await site.vms.create(wish(image, { vmId: 'vm-b' }), {});
    await untilLogin(site, 'vm-b');
    await untilAgent(site, 'vm-b');
    expect(await sh('cat /root/kept', site, 'vm-b')).toBe('kept');
  });

  it('QEMU killed in the middle of a capture: an error, and no file', async () => {
    await readyVm();
    await sh('dd if=/dev/urandom of=/root/noise bs=1M count=120 2>/dev/null');
    const target = join(bench.folder, 'image.qcow2');
    const captured = site.capture.capture('vm-a', target, 'freeze', {
      progress: () => bench.processes().forEach((pid) => process.kill(pid, 'SIGKILL')),
    });
    await expect(captured).rejects.toEqual(problem('captureFailed'));
    expect(existsSync(target)).toBe(false);
  });

  it('app gone in the middle of a capture: the next one ends what was left and can capture', async () => {
    await readyVm();
    await sh('dd if=/dev/urandom of=/root/noise bs=1M count=120 2>/dev/null');
    const target = join(bench.folder, 'image.qcow2');
    const begun = new Promise<void>((resolve) => {
      site.capture.capture('vm-a', target, 'freeze', { progress: () => resolve() }).catch(() => undefined);
    });
    await begun;
    await nextSite();
    expect(await sh('echo on >/root/on && sync && cat /root/on')).toBe('on');
    await site.capture.capture('vm-a', join(bench.folder, 'second.qcow2'), 'freeze', {});
  });

  it('says how much is asked and how much there is, also when two ask at once', async () => {
    await bench.close();
    bench = await openQemuBench({ maxMemoryMiB: 400, maxVcpus: 8, maxDiskGiB: 2 });
    site = bench.site as Required<Site>;
    const asked = await Promise.allSettled(
      ['vm-a', 'vm-b'].map((vmId) => site.vms.create(wish('tiny', { vmId }), {})),
    );
    const refused = asked.flatMap((each) => (each.status === 'rejected' ? [each.reason as Error] : []));
    expect(refused).toEqual([problem('memoryDoesNotFit', { asked: 256, available: 144 })]);
    const [one] = await site.vms.list();
    await site.vms.stop(one?.ref ?? '', 0, {});
    await site.vms.create(wish('tiny', { vmId: 'vm-c' }), {});
    await expect(site.vms.start(one?.ref ?? '', {})).rejects.toEqual(
      problem('memoryDoesNotFit', { asked: 256, available: 144 }),
    );
    await site.vms.stop('vm-c', 0, {});
    await expect(site.vms.create(wish('tiny', { vmId: 'vm-d' }), {})).rejects.toEqual(
      problem('diskDoesNotFit', { asked: 1, available: 0 }),
    );
  });

  it('forwards ports on loopback, and says which one is taken', async () => {
    const blocker = createTcpServer().listen(0, '127.0.0.1');
    const port = await vi.waitFor(() => (blocker.address() as AddressInfo).port);
    const forward = { protocol: 'tcp' as const, hostPort: port, guestPort: 22 };
    const taken = site.vms.create(wish('tiny', { network: { id: 'nat', forwards: [forward] } }), {});
    await expect(taken).rejects.toEqual(problem('portTaken', { port }));
    expect(bench.leftovers()).toEqual([]);
    await new Promise((resolve) => blocker.close(resolve));
    await readyVm({ network: { id: 'nat', forwards: [forward] } });
    const vm = await site.vms.get('vm-a');
    expect(vm?.forwards).toEqual([forward]);
    for (const each of [port, vm?.ssh?.port ?? 0]) {
      const socket = connect(each, '127.0.0.1');
      expect(await firstBytes(socket)).toMatch(/^SSH-2\.0-/);
      socket.destroy();
    }
  });

  it('gives each network what it says: nothing, forwards only, a way out', async () => {
    const server = createServer((_, response) => response.end('outside')).listen(0, '127.0.0.1');
    const port = await vi.waitFor(() => (server.address() as AddressInfo).port);
    const fetch = `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 3 10.0.2.2 ${port} | grep -o outside || echo no way`;
    const reach = async (id: string): Promise<[string, string]> => {
      const ref = `vm-${id}`;
      await site.vms.create(wish('tiny', { vmId: ref, network: { id, forwards: [] } }), {});
      await untilLogin(site, ref);
      await untilAgent(site, ref);
      if (id === 'none') expect(await sh('ls /sys/class/net', site, ref)).toBe('lo');
      else
        await vi.waitFor(async () => expect(await sh('ip addr', site, ref)).toContain('10.0.2.15'), 20_000);
      return [id, await sh(fetch, site, ref)];
    };
    const found = Object.fromEntries(await Promise.all(['none', 'isolated', 'nat'].map(reach)));
    expect(found).toEqual({ none: 'no way', isolated: 'no way', nat: 'outside' });
    await new Promise((resolve) => server.close(resolve));
  });

  it('starts from raw images and installation media too', async () => {
    const raw = join(bench.folder, 'disk.raw');
    const tiny = join(process.env['EDGEYARD_GUESTS'] ?? '.cache/guests', 'tiny.qcow2');
    execFileSync('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', tiny, raw]);
    await site.vms.create(wish(await bench.addImage(raw)), {});
    await untilLogin(site, 'vm-a');
    const medium = join(bench.folder, 'install.iso');
    writeFileSync(medium, isoImage({ readme: 'nothing to boot' }, 'install'));
    const vm = await site.vms.create(wish(await bench.addImage(medium), { vmId: 'vm-b' }), {});
    expect(vm.state).toBe('running');
  });

  it('starts a VM whose image has moved with the data folder', async () => {
    const image = join(bench.folder, 'image.qcow2');
    copyFileSync(join(process.env['EDGEYARD_GUESTS'] ?? '.cache/guests', 'tiny.qcow2'), image);
    await site.vms.create(wish(await bench.addImage(image)), {});
    await site.vms.stop('vm-a', 0, {});
    const moved = join(bench.folder, 'moved.qcow2');
    renameSync(image, moved);
    await expect(site.vms.start('vm-a', {})).rejects.toEqual(problem('startFailed'));
    expect(await site.vms.get('vm-a')).toMatchObject({ state: 'failed', reason: 'startFailed' });
    expect((await site.vms.get('vm-a'))?.detail).toContain(image);
    bench.moveImage(image, moved);
    await site.vms.start('vm-a', {});
    expect((await site.vms.get('vm-a'))?.state).toBe('running');
    expect(bench.processes()).toHaveLength(1);
  });

  it('keeps seeds to itself: not in arguments, not readable by others', async () => {
    const secret = 'open-sesame-4711';
    const userData = `#!/bin/sh\necho ${secret} >/root/got\n`;
    await readyVm({ seed: { hostname: 'first', sshKeys: [], userData } });
    const [pid] = bench.processes();
    for (const file of ['cmdline', 'environ'])
      expect(readFileSync(`/proc/${pid}/${file}`, 'utf8')).not.toContain(secret);
    expect(statSync(join(bench.dir, 'vm-a')).mode & 0o077).toBe(0);
    expect(await sh('cat /root/got; hostname')).toBe(`${secret}\nfirst`);
  });
});

/** Another process that creates `vm-a` and stops at a step to be killed there. */
function creatorProcess(dir: string, step: number) {
  const code = `
    const { openTestSite } = await import('./server/sites/qemu/testing.ts');
    const { wish } = await import('./server/sites/wish.ts');
    const site = await openTestSite(${JSON.stringify(dir)});
    await site.vms.create(wish('tiny'), { progress: (done) => {
      if (done !== ${step}) return;
      console.log('reached');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    } });`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const reached = new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', () => reject(new Error('ended before it got there')));
  });
  return { pid: child.pid ?? 0, reached, ended };
}

function qcow2Facts(path: string): { compression: unknown; backing: unknown } {
  const info = JSON.parse(
    execFileSync('qemu-img', ['info', '-f', 'qcow2', '--output=json', path], { encoding: 'utf8' }),
  ) as Record<string, unknown> & { 'format-specific': { data: Record<string, unknown> } };
  return {
    compression: info['format-specific'].data['compression-type'],
    backing: info['backing-filename'],
  };
}
