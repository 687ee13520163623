import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isProblem } from '../problem';
import { decodePng } from './contract-pictures';
import type { Site, SiteVm, VmSpec } from './site';
import { wish } from './wish';

/** A site made ready for its suite. */
export interface Bench {
  site: Site;
  /** A guest image that boots to a login prompt and has an agent. */
  imageId: string;
  /** Makes a captured file one of the site's guest images, and returns its id. */
  addImage(path: string): Promise<string>;
  /** Names of what the site still keeps for VMs. */
  leftovers(): string[];
  /** Folder for captured files. */
  folder: string;
  close(): Promise<void>;
}

/** How long a guest may take to boot on a busy machine without hardware help. */
const bootMs = 150_000;

/** Waits until the newest boot has reached its login prompt. */
export async function untilLogin(site: Site, ref: string): Promise<SiteVm> {
  return vi.waitFor(
    async () => {
      const vm = await site.vms.get(ref);
      expect(vm?.boot.map((each) => each.phase)).toContain('login');
      return vm as SiteVm;
    },
    { timeout: bootMs, interval: 100 },
  );
}

/** Waits until the guest's agent answers. */
export async function untilAgent(site: Site, ref: string): Promise<void> {
  await vi.waitFor(async () => expect(await site.agent?.ping(ref)).toBe(true), {
    timeout: 30_000,
    interval: 200,
  });
}

/** The key of the Problem that an action ends in. */
async function refusal(action: Promise<unknown>): Promise<string> {
  return action.then(
    () => 'no refusal',
    (error: unknown) => (isProblem(error) ? error.key.replace('sites.errors.', '') : String(error)),
  );
}

/**
 * The suite that every site passes against its real system, and the fake as well.
 *
 * @param name of the site
 * @param make opens it, empty
 */
export function siteContract(name: string, make: () => Promise<Bench>): void {
  describe(`${name}: contract`, () => {
    let bench: Bench;
    let site: Required<Site>;
    const changes: string[] = [];
    const state = async () => (await site.vms.get('vm-a'))?.state;

    beforeAll(async () => {
      bench = await make();
      site = bench.site as Required<Site>;
      site.onChange((change) => changes.push(change.vmId));
    });
    afterAll(async () => {
      for (const vm of await site.vms.list()) await site.vms.delete(vm.ref, {});
      await bench.close();
    });

    it('offers flavors, images, networks and what is left', async () => {
      const offers = await site.offers({});
      expect(offers.flavors.length).toBeGreaterThan(2);
      expect(offers.images.map((image) => image.id)).toContain(bench.imageId);
      expect(offers.networks.map((network) => network.kind)).toEqual(['none', 'isolated', 'nat']);
      for (const amount of Object.values(offers.capacity)) expect(amount.total).toBeGreaterThan(0);
    });

    it('refuses what does not fit or does not exist, and makes nothing', async () => {
      const size = { vcpus: 1, memoryMiB: 256, diskGiB: 1 };
      const asks: [Partial<VmSpec>, string][] = [
        [{ flavor: { ...size, vcpus: 999 } }, 'vcpusDoNotFit'],
        [{ flavor: { ...size, memoryMiB: 9_000_000 } }, 'memoryDoesNotFit'],
        [{ flavor: { ...size, diskGiB: 9_000_000 } }, 'diskDoesNotFit'],
        [{ flavor: { ...size, memoryMiB: 16 } }, 'imageNeedsMemory'],
        [{ flavor: { ...size, vcpus: 0.5 } }, 'badFlavor'],
        [{ flavor: { id: 'nothing' } }, 'noFlavor'],
        [{ imageId: 'nothing' }, 'noImage'],
        [{ network: { id: 'nothing', forwards: [] } }, 'noNetwork'],
        [
          { network: { id: 'none', forwards: [{ protocol: 'tcp', hostPort: 0, guestPort: 80 }] } },
          'noForwards',
        ],
      ];
      for (const [part, key] of asks) {
        expect(await refusal(site.vms.create(wish(bench.imageId, part), {}))).toBe(key);
      }
      expect(await site.vms.list()).toEqual([]);
      expect(bench.leftovers()).toEqual([]);
    });

    it('makes nothing when the caller has given up', async () => {
      const gone = AbortSignal.abort();
      await expect(site.vms.create(wish(bench.imageId), { signal: gone })).rejects.toThrow();
      expect(await site.vms.list()).toEqual([]);
    });

    it('creates a VM once, however often it is asked', async () => {
      const steps: number[] = [];
      const spec = wish(bench.imageId, {
        network: { id: 'isolated', forwards: [{ protocol: 'tcp', hostPort: 0, guestPort: 22 }] },
      });
      const [vm, same] = await Promise.all([
        site.vms.create(spec, { progress: (done, total) => steps.push(done / total) }),
        site.vms.create(spec, {}),
      ]);
      expect(vm).toMatchObject({ vmId: 'vm-a', state: 'running', flavor: { memoryMiB: 256 } });
      expect(same.ref).toBe(vm.ref);
      expect(await site.vms.list()).toHaveLength(1);
      expect(steps.at(-1)).toBe(1);
      expect(vm.forwards[0]?.hostPort).toBeGreaterThan(0);
      expect(vm.ssh).toMatchObject({ host: '127.0.0.1' });
      expect(changes).toContain('vm-a');
    });

    it('counts what the VM takes', async () => {
      const { capacity } = await site.offers({});
      expect(capacity.memoryMiB.used).toBe(256);
      expect(capacity.vcpus.used).toBe(1);
    });

    it('watches the boot up to the login prompt', async () => {
      const vm = await untilLogin(site, 'vm-a');
      const phases = vm.boot.map((each) => each.phase);
      expect(phases[0]).toBe('firmware');
      expect(phases).toContain('kernel');
      expect(phases.at(-1)).toBe('login');
      expect(vm.boot.map((each) => each.at)).toEqual(
        vm.boot.map((each) => each.at).toSorted((a, b) => a - b),
      );
    });

    it('gives the console log in parts', async () => {
      const log = await site.serial.serialLog('vm-a', 0);
      expect(log.text).toContain('Linux version');
      expect(log.next).toBe(Buffer.byteLength(log.text));
      expect(await site.serial.serialLog('vm-a', log.next + 1_000_000)).toMatchObject({ text: '' });
    });

    it('takes a picture with something on it', async () => {
      const picture = decodePng(await site.screens.screenshot('vm-a'));
      expect(new Set(picture.bytes).size).toBeGreaterThan(1);
    });

    it('opens the screen for viewers, two at once', async () => {
      const screens = await Promise.all([site.console.vnc('vm-a'), site.console.vnc('vm-a')]);
      for (const screen of screens) expect(await firstBytes(screen)).toMatch(/^RFB 003\./);
      for (const screen of screens) screen.destroy();
    });

    it('runs a program by the agent', async () => {
      await untilAgent(site, 'vm-a');
      const answer = await site.agent.exec('vm-a', ['/bin/echo', 'hello', "it's"], {});
      expect(answer).toEqual({ exitCode: 0, stdout: "hello it's\n", stderr: '' });
    });

    it('pauses and resumes', async () => {
      await site.vms.pause('vm-a');
      expect(await state()).toBe('paused');
      await site.vms.pause('vm-a');
      expect(await refusal(site.vms.start('vm-a', {}))).toBe('paused');
      expect(await refusal(site.vms.reboot('vm-a', {}))).toBe('notRunning');
      await site.vms.resume('vm-a');
      await site.vms.resume('vm-a');
      expect(await state()).toBe('running');
    });

    it('captures a running VM, and leaves it running', async () => {
      const target = join(bench.folder, 'running.qcow2');
      const seen: number[] = [];
      await site.capture.capture('vm-a', target, 'freeze', {
        progress: (done, total) => seen.push(done / total),
      });
      expect(statSync(target).size).toBeGreaterThan(0);
      expect(seen.at(-1)).toBe(1);
      expect(await state()).toBe('running');
      expect(await site.agent.ping('vm-a')).toBe(true);
    });

    it('refuses to copy a running disk as a stopped one', async () => {
      const target = join(bench.folder, 'never.qcow2');
      expect(await refusal(site.capture.capture('vm-a', target, 'stopped', {}))).toBe('notStopped');
      expect(existsSync(target)).toBe(false);
    });

    it.each(['reboot', 'reset'] as const)('restarts by %s', async (action) => {
      const before = (await site.vms.get('vm-a'))?.boot[0]?.at ?? 0;
      await site.vms[action]('vm-a', {});
      await vi.waitFor(async () =>
        expect((await site.vms.get('vm-a'))?.boot[0]?.at).toBeGreaterThanOrEqual(before),
      );
      await untilLogin(site, 'vm-a');
      expect(await state()).toBe('running');
    });

    it('shuts down when the guest is asked', async () => {
      await untilAgent(site, 'vm-a');
      expect(await site.vms.stop('vm-a', 60, {})).toEqual({ forced: false });
      expect(await site.vms.get('vm-a')).toMatchObject({ state: 'stopped', reason: 'stopped' });
      expect(await site.vms.stop('vm-a', 60, {})).toEqual({ forced: false });
      expect(await refusal(site.console.vnc('vm-a'))).toBe('notRunning');
      expect(await refusal(site.screens.screenshot('vm-a'))).toBe('notRunning');
      expect(await refusal(site.vms.pause('vm-a'))).toBe('notRunning');
      expect(await site.agent.ping('vm-a')).toBe(false);
      expect((await site.offers({})).capacity.memoryMiB.used).toBe(0);
    });

    it('captures a stopped VM; giving up leaves nothing', async () => {
      const target = join(bench.folder, 'stopped.qcow2');
      const stop = new AbortController();
      const copy = site.capture.capture('vm-a', target, 'stopped', {
        signal: stop.signal,
        progress: () => stop.abort(),
      });
      await expect(copy).rejects.toThrow();
      expect(existsSync(target)).toBe(false);
      await site.capture.capture('vm-a', target, 'stopped', {});
      expect(statSync(target).size).toBeGreaterThan(0);
    });

    it('starts again, and is switched off by force', async () => {
      await site.vms.start('vm-a', {});
      await site.vms.start('vm-a', {});
      await untilLogin(site, 'vm-a');
      expect(await site.vms.stop('vm-a', 0, {})).toEqual({ forced: true });
      expect(await site.vms.get('vm-a')).toMatchObject({ state: 'stopped', reason: 'forced' });
    });

    it.each(['running', 'stopped'])('boots the image captured from a %s VM', async (which) => {
      const imageId = await bench.addImage(join(bench.folder, `${which}.qcow2`));
      await site.vms.create(wish(imageId, { vmId: `vm-${which}` }), {});
      await untilLogin(site, `vm-${which}`);
      await site.vms.delete(`vm-${which}`, {});
    });

    it('deletes without a trace, also a second time', async () => {
      await site.vms.delete('vm-a', {});
      await site.vms.delete('vm-a', {});
      expect(await site.vms.get('vm-a')).toBeUndefined();
      expect(await site.vms.list()).toEqual([]);
      expect(bench.leftovers()).toEqual([]);
      expect(await refusal(site.vms.start('vm-a', {}))).toBe('noVm');
    });
  });
}

/** The first bytes of a stream, as text. */
export async function firstBytes(stream: Duplex): Promise<string> {
  return new Promise((resolve, reject) => {
    stream.once('data', (bytes: Buffer) => resolve(bytes.toString('latin1')));
    stream.once('error', reject);
  });
}
