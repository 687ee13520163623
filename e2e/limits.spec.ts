/** What is too large, too full, too slow or too often. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { openSync, closeSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { sha256OfBytes } from './stacks/csar';
import { diskBench, type DiskBench } from './stacks/disks';
import { startServer, virtualMachinesOf } from './stacks/edgeyard';
import { imageUploads, leftovers, removeImage, sendImage, settledImage } from './stacks/images';
import { largeContent, peakMemory, resetPeakMemory } from './stacks/large';
import type { RestJob } from './stacks/rest';
import { expect, test } from './stacks/test';
import { announce, announceRaw, upload } from './stacks/tus';
import { bootTiny, makeProject, removeProject, tinyRequest, type TestVm } from './stacks/vms';

const mebibyte = 2 ** 20;

let disks: DiskBench;
let projectId: string;
let vm: TestVm;
let blankId: string;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ bo }) => {
  disks = diskBench();
  projectId = await makeProject(bo);
  // Made first, since it takes three minutes until a guest without a login prompt is called silent.
  const { id: imageId } = await sendImage(bo, 'qcow2', disks.make('qcow2'));
  const job = await bo.rest.expect<RestJob & { subject: { id: string } }>(
    202,
    'POST',
    `/api/v1/projects/${projectId}/vms`,
    { ...(await tinyRequest(bo, 'blank')), imageId, flavor: { vcpus: 1, memoryMiB: 512, diskGiB: 1 } },
  );
  blankId = job.subject.id;
  await bo.rest.done(job.id);
  vm = await bootTiny(bo, projectId);
});
test.afterAll(async ({ bo }) => {
  await removeProject(bo, projectId);
  disks.close();
});

const namesIn = async (list: () => Promise<{ body: { entries: { name: string }[] } }>) =>
  (await list()).body.entries.map(({ name }) => name);

test('a file larger than the guest’s disk is refused before its first byte, with the numbers @S4', async ({
  bo,
}) => {
  const list = () =>
    bo.rest.call<{ entries: { name: string }[]; space: { free: number; total: number } }>(
      'GET',
      `/api/v1/vms/${vm.id}/files`,
    );
  const before = await namesIn(list);
  const { space } = (await list()).body;
  const size = 3 * 2 ** 30;
  const refused = await announceRaw(bo, `/api/v1/vms/${vm.id}/files/uploads`, size, {
    filename: 'too-large.bin',
  });
  expect(refused.status).toBe(507);
  const problem = (await refused.json()) as { key: string; params: Record<string, number>; detail: string };
  expect(problem).toMatchObject({
    key: 'files.errors.tooLarge',
    params: { size, free: space.free, total: space.total },
  });
  expect(space.total).toBeLessThan(size);
  expect(await namesIn(list)).toEqual(before);
  const { uploads } = await bo.rest.expect<{ uploads: unknown[] }>(
    200,
    'GET',
    `/api/v1/vms/${vm.id}/files/uploads`,
  );
  expect(uploads).toEqual([]);
});

test('11 MB go into the guest and come back the same @S4', async ({ bo }) => {
  const content = randomBytes(11 * mebibyte);
  const checksum = sha256OfBytes(content);
  await upload(bo, `/api/v1/vms/${vm.id}/files/uploads`, content, { filename: 'eleven.bin', checksum });
  const back = await bo.rest.until(
    async () => bo.rest.fetch(`/api/v1/vms/${vm.id}/files/content?path=eleven.bin`),
    ({ ok }) => ok,
  );
  expect(sha256OfBytes(Buffer.from(await back.arrayBuffer()))).toBe(checksum);
});

test('3 GB come in as an image, whole, while the server stays small @S2', async ({ server, bo }) => {
  const content = largeContent(3 * 1024 * mebibyte, 512 * mebibyte);
  resetPeakMemory(server.pid);
  const sending = await announce(bo, imageUploads, content.size, {
    filename: 'large.raw',
    name: 'Large',
    format: 'raw',
    checksum: content.sha256,
  });
  const sent = await bo.rest.fetch(sending.location, {
    method: 'PATCH',
    headers: {
      'tus-resumable': '1.0.0',
      'upload-offset': '0',
      'content-type': 'application/offset+octet-stream',
      'content-length': String(content.size),
    },
    body: content.stream(),
    duplex: 'half',
  } as RequestInit);
  expect(sent.status).toBe(204);
  const image = await settledImage(bo, sending.location.split('/').at(-1) ?? '', 180);
  expect(image).toMatchObject({
    state: 'ready',
    virtualSize: content.size,
    source: { sha256: content.sha256 },
  });
  expect(peakMemory(server.pid)).toBeLessThanOrEqual(400);

  // What a guest would read of it: the random blocks, at their places.
  const stored = join(server.dataDir, 'images', `${image.id}.qcow2`);
  const raw = join(disks.dir, 'large.raw');
  execFileSync('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', stored, raw]);
  const file = openSync(raw, 'r');
  for (const [at, block] of content.blocks) {
    const read = Buffer.alloc(block.length);
    readSync(file, read, 0, read.length, at);
    expect(read.equals(block), `block at ${at}`).toBe(true);
  }
  closeSync(file);
  await removeImage(bo, image.id);
  expect(leftovers(server.dataDir)).toEqual([]);
});

test('a second server on the same data folder does not start, and the first goes on @S1', async ({
  server,
  bo,
}) => {
  await expect(startServer({ dataDir: server.dataDir })).rejects.toThrow(
    /code 1 before it listened:[^]*Another Edgeyard is running on .*Stop it, or set EDGEYARD_DATA/,
  );
  await bo.rest.expect(200, 'GET', '/api/v1/me');
});

test('a guest that never boots is said to run without a login prompt, and is left to run @S2', async ({
  server,
  bo,
  bosPage,
}) => {
  const ask = async () =>
    (
      await bo.rest.call<{ state: string; boot: { verdict: string; phases: { phase: string }[] } }>(
        'GET',
        `/api/v1/vms/${blankId}`,
      )
    ).body;
  const before = virtualMachinesOf(server.dataDir);
  await bosPage.goto(`${server.url}/projects/${projectId}/vms/${blankId}`);
  const seen = await bo.rest.until(ask, ({ boot }) => boot.verdict !== 'booting', 200);
  expect(seen.state).toBe('running');
  expect(seen.boot.verdict).toBe('silent');
  expect(seen.boot.phases.map(({ phase }) => phase)).toEqual(['firmware']);
  // The page finds out by itself.
  await expect(bosPage.getByText(/Running, but no login prompt after/)).toBeVisible({ timeout: 40_000 });
  expect(virtualMachinesOf(server.dataDir)).toEqual(before);
});
