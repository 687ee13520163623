import { createHash, randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isProblem } from '../problem';
import { decodePng } from './contract-pictures';
import { freeOf } from './flavors';
import { maxFileBytes, type Seed } from './seed';
import type { NetworkKind, Site, SiteVm, VmSpec } from './site';
import { wish as wishFor } from './wish';

/** A site made ready for its suite. */
export interface Bench {
  site: Site;
  /** A guest image that boots to a login prompt and has an agent. */
  imageId: string;
  /** Makes a captured file one of the site's guest images, and returns its id. */
  addImage(path: string): Promise<string>;
  /** Names of what the site still keeps for VMs. */
  leftovers(): string[] | Promise<string[]>;
  /** What a wish for the smallest guest says here, where it is not as on a site of our own. */
  wish?: Partial<VmSpec>;
  /** Kinds of the networks offered, where they are not as on a site of our own. */
  networkKinds?: NetworkKind[];
  /** Folder for captured files. */
  folder: string;
  close(): Promise<void>;
}

/** In what a site differs from one of our own, which decides everything about its guests by itself. */
export interface Traits {
  /** Guests may have sizes that are on no list. */
  ownFlavors: boolean;
  /** Ports of guests can be forwarded to the site's host. */
  forwards: boolean;
  agent: boolean;
  /** A guest can be switched off against its will, at once. */
  forcesOff: boolean;
  /** A stopped VM takes no memory from what is left for others. */
  freesMemory: boolean;
  /** A guest runs in it, which reads its seed. */
  guests: boolean;
}

export const ownSite: Traits = {
  ownFlavors: true,
  forwards: true,
  agent: true,
  forcesOff: true,
  freesMemory: true,
  guests: true,
};

const note = 'written at creation';
/** As much as a VM may be given, and none of it can be packed. */
const bulk = randomBytes(maxFileBytes - note.length);
const bulkSum = createHash('md5').update(bulk).digest('hex');

const seedWithFiles: Seed = {
  hostname: 'first',
  sshKeys: [],
  userData: [
    '#!/bin/sh',
    `note='/opt/my notes/first'`,
    `echo "$(stat -c %a "$note") $(cat "$note") $(md5sum </opt/bulk)" >/dev/ttyS0`,
    `# ${randomBytes(6 * 1024).toString('base64')}`,
    '',
  ].join('\n'),
  files: [
    { path: '/opt/my notes/first', contentBase64: Buffer.from(note).toString('base64'), mode: '0640' },
    { path: '/opt/bulk', contentBase64: bulk.toString('base64'), mode: '0644' },
  ],
};

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
 * @param traits what it does not do as a site of our own does: left out, by name
 */
export function siteContract(name: string, make: () => Promise<Bench>, traits = ownSite): void {
  describe(`${name}: contract`, () => {
    let bench: Bench;
    let site: Required<Site>;
    let ref = 'not created yet';
    let before: Awaited<ReturnType<Site['offers']>>['capacity'];
    const changes: string[] = [];
    const state = async () => (await site.vms.get(ref))?.state;
    const wish = (imageId: string, part: Partial<VmSpec> = {}) =>
      wishFor(imageId, { ...bench.wish, ...part });

    beforeAll(async () => {
      bench = await make();
      site = bench.site as Required<Site>;
      site.onChange((change) => changes.push(change.vmId));
      before = (await site.offers({})).capacity;
    });
    afterAll(async () => {
      for (const vm of await site.vms.list()) await site.vms.delete(vm.ref, {});
      await bench.close();
    });

    it('offers flavors, images, networks and what is left', async () => {
      const offers = await site.offers({});
      expect(offers.flavors.length).toBeGreaterThan(2);
      expect(offers.images.map((image) => image.id)).toContain(bench.imageId);
      const kinds = bench.networkKinds ?? ['none', 'isolated', 'nat'];
      expect(offers.networks.map((network) => network.kind)).toEqual(kinds);
      for (const amount of Object.values(offers.capacity)) expect(freeOf(amount)).toBeGreaterThan(0);
    });

    const sizeOfWish = async (): Promise<number> => {
      const { flavor } = wish(bench.imageId);
      if (!('id' in flavor)) return flavor.memoryMiB;
      return (await site.offers({})).flavors.find(({ id }) => id === flavor.id)?.memoryMiB ?? 0;
    };
    const refuses = async (asks: [Partial<VmSpec>, string][]) => {
      for (const [part, key] of asks) {
        expect(await refusal(site.vms.create(wish(bench.imageId, part), {}))).toBe(key);
      }
      expect(await site.vms.list()).toEqual([]);
      expect(await bench.leftovers()).toEqual([]);
    };

    it.skipIf(!traits.ownFlavors)('refuses what does not fit, and makes nothing', async () => {
      const size = { vcpus: 1, memoryMiB: 256, diskGiB: 1 };
      await refuses([
        [{ flavor: { ...size, vcpus: 999 } }, 'vcpusDoNotFit'],
        [{ flavor: { ...size, memoryMiB: 9_000_000 } }, 'memoryDoesNotFit'],
        [{ flavor: { ...size, diskGiB: 9_000_000 } }, 'diskDoesNotFit'],
        [{ flavor: { ...size, memoryMiB: 16 } }, 'imageNeedsMemory'],
        [{ flavor: { ...size, vcpus: 0.5 } }, 'badFlavor'],
      ]);
    });

    it.skipIf(traits.ownFlavors)('refuses a flavor that is on no list, and makes nothing', async () => {
      await refuses([[{ flavor: { vcpus: 1, memoryMiB: 256, diskGiB: 1 } }, 'badFlavor']]);
    });

    it('refuses what does not exist, and makes nothing', async () => {
      const forwards = [{ protocol: 'tcp', hostPort: 0, guestPort: 80 } as const];
      await refuses([
        [{ flavor: { id: 'nothing' } }, 'noFlavor'],
        [{ imageId: 'nothing' }, 'noImage'],
        [{ network: { id: 'nothing', forwards: [] } }, 'noNetwork'],
        [{ network: { id: 'none', forwards } }, 'noForwards'],
      ]);
    });

    it('makes nothing when the caller has given up', async () => {
      const gone = AbortSignal.abort();
      await expect(site.vms.create(wish(bench.imageId), { signal: gone })).rejects.toThrow();
      expect(await site.vms.list()).toEqual([]);
    });

    it('creates a VM once, however often it is asked', async () => {
      const steps: number[] = [];
      const forwards = traits.forwards ? [{ protocol: 'tcp', hostPort: 0, guestPort: 22 } as const] : [];
      const plain = wish(bench.imageId, { seed: seedWithFiles });
      const spec = { ...plain, network: { ...plain.network, forwards } };
      const [vm, same] = await Promise.all([
        site.vms.create(spec, { progress: (done, total) => steps.push(done / total) }),
        site.vms.create(spec, {}),
      ]);
      ref = vm.ref;
      expect(vm).toMatchObject({ vmId: 'vm-a', state: 'running' });
      expect(same.ref).toBe(vm.ref);
      expect(await site.vms.list()).toHaveLength(1);
      expect(steps.at(-1)).toBe(1);
      expect(vm.ssh).toMatchObject({ host: traits.forwards ? '127.0.0.1' : vm.addresses[0] });
      expect(changes).toContain('vm-a');
      if (traits.forwards) expect(vm.forwards[0]?.hostPort).toBeGreaterThan(0);
    });

    it('counts what the VM takes', async () => {
      const { capacity } = await site.offers({});
      const size = (await site.vms.get(ref))?.flavor;
      const least = await sizeOfWish();
      expect(size?.memoryMiB).toBe(least);
      expect(capacity.memoryMiB.used).toBe(before.memoryMiB.used + least);
      expect(capacity.vcpus.used).toBe(before.vcpus.used + 1);
    });

    it('watches the boot up to the login prompt', async () => {
      const vm = await untilLogin(site, ref);
      const phases = vm.boot.map((each) => each.phase);
      expect(phases[0]).toBe('firmware');
      expect(phases).toContain('kernel');
      expect(phases.at(-1)).toBe('login');
      expect(vm.boot.map((each) => each.at)).toEqual(
        vm.boot.map((each) => each.at).toSorted((a, b) => a - b),
      );
    });

    it('gives the console log in parts', async () => {
      const log = await site.serial.serialLog(ref, 0);
      expect(log.text).toContain('Linux version');
      expect(log.next).toBe(Buffer.byteLength(log.text));
      expect(await site.serial.serialLog(ref, log.next + 1_000_000)).toMatchObject({ text: '' });
    });

    it.skipIf(!traits.guests)('hands files over with the seed, before user data runs', async () => {
      const says = async () => (await site.serial.serialLog(ref, 0)).text;
      await vi.waitFor(async () => expect(await says()).toContain(`640 ${note} ${bulkSum}`), {
        timeout: 20_000,
      });
    });

    it('takes a picture with something on it', async () => {
      const picture = decodePng(await site.screens.screenshot(ref));
      expect(new Set(picture.bytes).size).toBeGreaterThan(1);
    });

    it('opens the screen for viewers, two at once', async () => {
      const screens = await Promise.all([site.console.vnc(ref), site.console.vnc(ref)]);
      for (const screen of screens) expect(await firstBytes(screen)).toMatch(/^RFB 003\./);
      for (const screen of screens) screen.destroy();
    });

    it.skipIf(!traits.agent)('runs a program by the agent', async () => {
      await untilAgent(site, ref);
      const answer = await site.agent.exec(ref, ['/bin/echo', 'hello', "it's"], {});
      expect(answer).toEqual({ exitCode: 0, stdout: "hello it's\n", stderr: '' });
    });

    it('pauses and resumes', async () => {
      await site.vms.pause(ref);
      expect(await state()).toBe('paused');
      await site.vms.pause(ref);
      expect(await refusal(site.vms.start(ref, {}))).toBe('paused');
      expect(await refusal(site.vms.reboot(ref, {}))).toBe('notRunning');
      await site.vms.resume(ref);
      await site.vms.resume(ref);
      expect(await state()).toBe('running');
    });

    it('captures a running VM, and leaves it running', async () => {
      const target = join(bench.folder, 'running.qcow2');
      const seen: number[] = [];
      await site.capture.capture(ref, target, 'freeze', {
        progress: (done, total) => seen.push(done / total),
      });
      expect(statSync(target).size).toBeGreaterThan(0);
      expect(seen.at(-1)).toBe(1);
      expect(await state()).toBe('running');
      if (traits.agent) expect(await site.agent.ping(ref)).toBe(true);
    });

    it('refuses to copy a running disk as a stopped one', async () => {
      const target = join(bench.folder, 'never.qcow2');
      expect(await refusal(site.capture.capture(ref, target, 'stopped', {}))).toBe('notStopped');
      expect(existsSync(target)).toBe(false);
    });

    it.each(['reboot', 'reset'] as const)('restarts by %s', async (action) => {
      const last = (await site.vms.get(ref))?.boot[0]?.at ?? 0;
      await site.vms[action](ref, {});
      await vi.waitFor(
        async () => expect((await site.vms.get(ref))?.boot[0]?.at).toBeGreaterThanOrEqual(last),
        { timeout: 20_000, interval: 100 },
      );
      await untilLogin(site, ref);
      expect(await state()).toBe('running');
    });

    it('shuts down when the guest is asked', async () => {
      if (traits.agent) await untilAgent(site, ref);
      expect(await site.vms.stop(ref, 60, {})).toEqual({ forced: false });
      expect(await site.vms.get(ref)).toMatchObject({ state: 'stopped', reason: 'stopped' });
      expect(await site.vms.stop(ref, 60, {})).toEqual({ forced: false });
      expect(await refusal(site.console.vnc(ref))).toBe('notRunning');
      expect(await refusal(site.screens.screenshot(ref))).toBe('notRunning');
      expect(await refusal(site.vms.pause(ref))).toBe('notRunning');
      if (traits.agent) expect(await site.agent.ping(ref)).toBe(false);
    });

    it.skipIf(!traits.freesMemory)('takes no memory while it is stopped', async () => {
      expect((await site.offers({})).capacity.memoryMiB.used).toBe(before.memoryMiB.used);
    });

    it('captures a stopped VM; giving up leaves nothing', async () => {
      const target = join(bench.folder, 'stopped.qcow2');
      const stop = new AbortController();
      const copy = site.capture.capture(ref, target, 'stopped', {
        signal: stop.signal,
        progress: () => stop.abort(),
      });
      await expect(copy).rejects.toThrow();
      expect(existsSync(target)).toBe(false);
      await site.capture.capture(ref, target, 'stopped', {});
      expect(statSync(target).size).toBeGreaterThan(0);
    });

    it('starts again', async () => {
      await site.vms.start(ref, {});
      await site.vms.start(ref, {});
      await untilLogin(site, ref);
      expect(await state()).toBe('running');
    });

    it.skipIf(!traits.forcesOff)('is switched off by force', async () => {
      expect(await site.vms.stop(ref, 0, {})).toEqual({ forced: true });
      expect(await site.vms.get(ref)).toMatchObject({ state: 'stopped', reason: 'forced' });
    });

    it.each(['running', 'stopped'])('boots the image captured from a %s VM', async (which) => {
      const imageId = await bench.addImage(join(bench.folder, `${which}.qcow2`));
      const vm = await site.vms.create(wish(imageId, { vmId: `vm-${which}` }), {});
      await untilLogin(site, vm.ref);
      await site.vms.delete(vm.ref, {});
    });

    it('deletes without a trace, also a second time', async () => {
      await site.vms.delete(ref, {});
      await site.vms.delete(ref, {});
      expect(await site.vms.get(ref)).toBeUndefined();
      expect(await site.vms.list()).toEqual([]);
      expect(await bench.leftovers()).toEqual([]);
      expect(await refusal(site.vms.start(ref, {}))).toBe('noVm');
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
