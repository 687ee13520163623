import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Images } from '../images/images';
import type { FakeSite } from '../sites/fake/fake-site';
import { builtInGuests } from '../sites/qemu/guests/guests';
import { openQemuSite } from '../sites/qemu/qemu-site';
import type { Site } from '../sites/site';
import type { Capture } from './capture';
import { captureInput, cleanItems } from './capture-schemas';
import { ada, openBench, projectInput, vmInput, type TestBench } from './testing';
import { captureRooms } from './testing-capture';

// The real site and the real guest, which the test run builds; EDGEYARD_GUESTS says where it lies.
const guests = builtInGuests(process.env['EDGEYARD_GUESTS'] ?? '.cache/guests').filter(
  ({ os }) => os === 'tiny',
);

let dir = '';
let site: Site;
let bench: TestBench;
let images: Images;
let capture: Capture;
let tiny = '';
let projectId = '';

beforeAll(async () => {
  expect(guests).toHaveLength(1);
  dir = mkdtempSync(join(tmpdir(), 'ey-'));
  site = openQemuSite({
    id: 'local',
    name: 'This machine',
    dir: join(dir, 'vms'),
    library: { list: () => images.library.list(), path: (id) => images.library.path(id) },
    limits: {},
    kernel: undefined,
    log: pino({ level: 'silent' }),
  });
  bench = await openBench({ site: site as FakeSite, run: false });
  ({ images, capture } = captureRooms(bench, join(dir, 'images'), site));
  await images.importBuiltIn(guests, new AbortController().signal);
  await site.open();
  bench.jobs.run();
  tiny = images.list(ada, {})[0]?.id ?? '';
  projectId = bench.workbench.projects.create(ada, projectInput).id;
});
afterAll(async () => {
  for (const { ref } of await site.vms.list()) await site.vms.delete(ref, {});
  images.close();
  bench.workbench.close();
  await bench.jobs.stop();
  await site.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Makes a VM and waits until its agent answers. */
async function vmFrom(imageId: string, name: string): Promise<{ vmId: string; ref: string }> {
  const { vm, job } = await bench.workbench.vms.create(ada, projectId, { ...vmInput, imageId, name });
  if (job) expect(await bench.jobs.settled(job.id)).toMatchObject({ state: 'done' });
  const ref = bench.workbench.vmById(vm.id)?.siteRef ?? '';
  await answers(ref);
  return { vmId: vm.id, ref };
}

async function answers(ref: string): Promise<void> {
  await expect.poll(() => site.agent?.ping(ref), { timeout: 120_000, interval: 500 }).toBe(true);
}

async function inGuest(ref: string, script: string): Promise<string> {
  const done = await site.agent?.exec(ref, ['/bin/sh', '-c', script], {});
  return done?.stdout ?? '';
}

describe('a capture on the real site', () => {
  it('carries the files, not the identity, and boots', async () => {
    const { vmId, ref } = await vmFrom(tiny, 'origin');
    await inGuest(ref, 'echo mine >/root/mine.txt; echo "secret" >/root/.ash_history; sync');
    const doctor = await capture.examine(ada, vmId, new AbortController().signal);
    expect(doctor).toMatchObject({ running: true, way: 'agent' });
    expect(doctor.lights.filter(({ state }) => state === 'found').map(({ item }) => item)).toEqual(
      expect.arrayContaining(['cloudInit', 'loginKeys', 'history']),
    );
    const job = capture.start(ada, vmId, captureInput.parse({ name: 'Clean copy', clean: [...cleanItems] }));
    const over = await bench.jobs.settled(job.id);
    expect(over).toMatchObject({ state: 'done', error: undefined });
    const { imageId } = over.result as { imageId: string };
    const image = images.get(ada, imageId);
    const { path } = await images.library.path(imageId);
    execFileSync('qemu-img', ['check', '-q', '-f', 'qcow2', path]);
    expect(image.size).toBeLessThan(image.sizeBefore ?? 0);
    expect(readdirSync(images.workFolder)).toEqual([]);

    const test = images.bootTest(ada, imageId, {});
    expect(await bench.jobs.settled(test.id)).toMatchObject({ state: 'done', result: { phase: 'login' } });
    expect(images.get(ada, imageId).proofs[0]).toMatchObject({ passed: true, hasScreenshot: true });

    await answers(ref);
    const identity = 'sha256sum /etc/dropbear/*_host_key 2>/dev/null; cat /etc/instance-id';
    const copy = await vmFrom(imageId, 'copy');
    expect(await inGuest(copy.ref, 'cat /root/mine.txt; cat /root/.ash_history 2>/dev/null')).toBe('mine\n');
    expect(await inGuest(copy.ref, identity)).not.toBe(await inGuest(ref, identity));
    await expect(images.remove(ada, imageId)).rejects.toMatchObject({ key: 'images.gates.inUse' });
  });

  it('copies a guest that runs on, and leaves nothing when it is cancelled', async () => {
    const { vmId, ref } = await vmFrom(tiny, 'alive');
    const uptime = async () => Number((await inGuest(ref, 'cut -d. -f1 /proc/uptime')).trim());
    const before = await uptime();
    const frozen = capture.start(ada, vmId, captureInput.parse({ name: 'Alive', mode: 'freeze' }));
    expect(await bench.jobs.settled(frozen.id)).toMatchObject({ state: 'done' });
    expect(await uptime()).toBeGreaterThanOrEqual(before);

    const cancelled = capture.start(ada, vmId, captureInput.parse({ name: 'Never' }));
    await expect
      .poll(
        () =>
          bench.jobs
            .get(cancelled.id)
            ?.steps.some((step) => step.name === 'copy' && step.state === 'running'),
        { timeout: 120_000, interval: 20 },
      )
      .toBe(true);
    bench.jobs.cancel(cancelled.id);
    expect((await bench.jobs.settled(cancelled.id)).state).toBe('cancelled');
    expect(readdirSync(images.workFolder)).toEqual([]);
    expect(images.list(ada, { search: 'Never' })).toEqual([]);
    await answers(ref);
    await expect.poll(() => bench.workbench.vms.get(ada, vmId).state, { timeout: 30_000 }).toBe('running');
  });
});
