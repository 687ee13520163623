import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Images } from '../images/images';
import type { FakeSite } from '../sites/fake/fake-site';
import { deleteImage, listImages } from '../sites/openstack/glance';
import { openOpenStackSite } from '../sites/openstack/openstack-site';
import { openCloud } from '../sites/openstack/session';
import { testAccess } from '../sites/openstack/testing-login';
import { builtInGuests } from '../sites/qemu/guests/guests';
import type { Site } from '../sites/site';
import type { Capture } from './capture';
import { captureInput, cleanItems } from './capture-schemas';
import { ada, openBench, projectInput, vmInput, type TestBench } from './testing';
import { captureRooms } from './testing-capture';

const guests = builtInGuests(process.env['EDGEYARD_GUESTS'] ?? '.cache/guests').filter(
  ({ os }) => os === 'tiny',
);
const cloud = openCloud(testAccess('developer'));

let dir = '';
let site: Site;
let bench: TestBench;
let images: Images;
let capture: Capture;
let projectId = '';

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ey-'));
  site = openOpenStackSite({
    id: 'local',
    name: 'The cloud',
    access: testAccess('developer'),
    library: { list: () => images.library.list(), path: (id) => images.library.path(id) },
    log: pino({ level: 'silent' }),
  });
  bench = await openBench({ site: site as FakeSite, run: false });
  ({ images, capture } = captureRooms(bench, join(dir, 'images'), site));
  await images.importBuiltIn(guests, new AbortController().signal);
  await site.open();
  bench.jobs.run();
  projectId = bench.workbench.projects.create(ada, projectInput).id;
});

afterAll(async () => {
  for (const vm of bench.workbench.vms.list(ada, projectId)) {
    const ref = bench.workbench.vmById(vm.id)?.siteRef;
    if (ref) await site.vms.delete(ref, {});
  }
  const made = images.list(ada, { source: 'capture' }).map(({ digest }) => digest);
  for (const { id, edgeyard_digest: digest } of await listImages(cloud, {}, undefined)) {
    if (digest && made.includes(digest)) await deleteImage(cloud, id, undefined);
  }
  images.close();
  bench.workbench.close();
  await bench.jobs.stop();
  await site.close();
  await cloud.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Makes a VM that lets SSH in. @returns its id, and what its job said */
async function vmFrom(imageId: string, name: string): Promise<{ vmId: string; said: string[] }> {
  const { flavors, networks } = await site.offers({});
  const [flavor] = flavors.filter(({ diskGiB }) => diskGiB > 0).sort((a, b) => a.memoryMiB - b.memoryMiB);
  const network = networks.find((each) => each.name === 'provider');
  const { vm, job } = await bench.workbench.vms.create(ada, projectId, {
    ...vmInput,
    name,
    imageId,
    flavor: { id: flavor?.id ?? '' },
    network: { id: network?.id ?? '', forwards: [] },
    cloud: { moreNetworks: [], securityGroupIds: [], openPorts: [{ protocol: 'tcp', port: 22 }] },
  });
  expect(await bench.jobs.settled(job?.id ?? '')).toMatchObject({ state: 'done', error: undefined });
  return { vmId: vm.id, said: saidBy(job?.id ?? '') };
}

/** Keys of what a job said, without their namespace. */
function saidBy(jobId: string): string[] {
  return bench.jobs
    .log(jobId)
    .flatMap(({ line }) => (typeof line === 'string' ? [] : [line.key.replace('sites.events.', '')]));
}

const snapshotsOf = (vmId: string) => listImages(cloud, { edgeyard_vm: vmId }, undefined);

it('cleans by SSH, captures, keeps the copy, and makes the next VM without an upload', async () => {
  const tiny = images.list(ada, {})[0]?.id ?? '';
  const { vmId } = await vmFrom(tiny, 'origin');
  const examined = () => capture.examine(ada, vmId, new AbortController().signal);
  await expect.poll(async () => (await examined()).way, { timeout: 120_000, interval: 2000 }).toBe('ssh');
  expect(await examined()).toMatchObject({ running: true, canKeep: true, storedSize: null });

  const wish = captureInput.parse({ name: 'Kept', clean: [...cleanItems], keep: true });
  const over = await bench.jobs.settled(capture.start(ada, vmId, wish).id);
  expect(over).toMatchObject({ state: 'done', error: undefined });
  expect(saidBy(over.id)).toEqual(expect.arrayContaining(['snapshotAsked', 'downloading', 'snapshotKept']));
  const { imageId } = over.result as { imageId: string };
  const { path } = await images.library.path(imageId);
  execFileSync('qemu-img', ['check', '-q', '-f', 'qcow2', path]);
  const image = images.get(ada, imageId);
  expect(await snapshotsOf(vmId)).toMatchObject([
    { name: 'Kept', edgeyard_digest: image.digest, edgeyard_image: imageId, checksum: image.md5 },
  ]);
  await expect.poll(() => bench.workbench.vms.get(ada, vmId).state, { timeout: 60_000 }).toBe('running');
  await site.vms.delete(bench.workbench.vmById(vmId)?.siteRef ?? '', {});

  const next = await vmFrom(imageId, 'copy');
  expect(next.said).not.toContain('uploadingImage');
  const look = () => capture.examine(ada, next.vmId, new AbortController().signal);
  await expect.poll(async () => (await look()).way, { timeout: 120_000, interval: 2000 }).toBe('ssh');

  const cancelled = capture.start(ada, next.vmId, captureInput.parse({ name: 'Never', mode: 'freeze' }));
  await expect.poll(() => saidBy(cancelled.id), { timeout: 60_000, interval: 20 }).toContain('snapshotAsked');
  bench.jobs.cancel(cancelled.id);
  expect((await bench.jobs.settled(cancelled.id)).state).toBe('cancelled');
  expect(await snapshotsOf(next.vmId)).toEqual([]);
  expect(readdirSync(images.workFolder)).toEqual([]);
});
