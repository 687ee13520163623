/** Images on a bad line: what passes between us and a real cloud is cut, held back and refused. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SiteEvent } from '../site';
import { captureServer } from './capture';
import type { Cloud } from './cloud';
import { downloadImage } from './download-image';
import { findImage, listImages, type GlanceImage } from './glance';
import { openCloud } from './session';
import { copiesInAnyState, imageBench, removeServer, testServer, type ImageBench } from './testing-images';
import { testAccess } from './testing-login';
import { openWire, type TestingWire } from './testing-wire';
import { ensureImage } from './upload-image';

let wire: TestingWire;
let cloud: Cloud;
let bench: ImageBench;

beforeEach(async () => {
  wire = await openWire();
  cloud = openCloud(testAccess('developer'), { route: (url) => wire.route(url), backOffMs: 50 });
  bench = imageBench();
});

afterEach(async () => {
  await bench.end(cloud);
  await cloud.close();
  await wire.close();
});

const content = /\/v2\/images\/[^/]+\/file/;

/** What was asked for the content of images, by method. */
function contentRequests(method: string) {
  return wire.carried.filter((each) => each.method === method && content.test(each.url));
}

async function stored(size: number): Promise<GlanceImage> {
  const image = bench.random(size);
  const id = await ensureImage(cloud, bench.library, image.id, {});
  const found = await findImage(cloud, id, undefined);
  if (!found) throw new Error(`glance has no image ${id}`);
  return found;
}

describe('a download', () => {
  it('of 200 MB that is cut at 40 % goes on from there, and is whole', async () => {
    const image = await stored(200e6);
    wire.trouble(content, { cutAfter: 80e6 }, 1);
    const target = join(bench.dir, 'cut');
    const resumed: number[] = [];
    const taken = await downloadImage(cloud, image, target, { onResume: (from) => resumed.push(from) });
    expect(taken).toMatchObject({ size: 200e6, md5: image.checksum });
    const [first, second, ...more] = contentRequests('GET');
    expect(more).toEqual([]);
    expect(first?.received).toBe(80e6);
    expect(resumed).toHaveLength(1);
    expect(second).toMatchObject({ status: 206, headers: { range: `bytes=${resumed[0]}-` } });
    // Only what was on its way when the line broke comes twice.
    expect((first?.received ?? 0) + (second?.received ?? 0)).toBeLessThan(200e6 + 2e6);
  });

  it('goes on over a lost login, a busy cloud and one more cut', async () => {
    const image = await stored(30e6);
    wire.trouble(content, { cutAfter: 10e6 }, 1);
    wire.trouble(content, { answer: { status: 401 } }, 1);
    wire.trouble(content, { answer: { status: 503 } }, 1);
    wire.trouble(content, { answer: { status: 429, headers: { 'retry-after': '1' } } }, 1);
    wire.trouble(content, { cutAfter: 10e6 }, 1);
    const taken = await downloadImage(cloud, image, join(bench.dir, 'troubled'), {});
    expect(taken).toMatchObject({ size: 30e6, md5: image.checksum });
    expect(contentRequests('GET').map(({ status }) => status)).toEqual([200, 401, 503, 429, 206, 206]);
  });

  it('that is cut again and again ends with words that say so, and leaves no file', async () => {
    const image = await stored(4e6);
    wire.trouble(content, { cutAfter: 200_000 });
    const target = join(bench.dir, 'hopeless');
    const download = downloadImage(cloud, image, target, {});
    await expect(download).rejects.toMatchObject({ key: 'openstack.errors.downloadCut' });
    expect(contentRequests('GET')).toHaveLength(6);
    expect(existsSync(target)).toBe(false);
  });
});

describe('an upload', () => {
  it('that is cut starts again, and the half image is gone', async () => {
    const image = bench.random(40e6);
    wire.trouble(content, { cutUploadAfter: 10e6 }, 1);
    const heard: SiteEvent[] = [];
    const report = (event: SiteEvent) => heard.push(event);
    const id = await ensureImage(cloud, bench.library, image.id, { report });
    expect(heard.map(({ event }) => event)).toEqual(['uploadingImage', 'uploadingAgain', 'uploadingImage']);
    const copies = await copiesInAnyState(cloud, image);
    expect(copies).toMatchObject([{ id, status: 'active', size: 40e6 }]);
  });

  it('whose answer was lost is not sent again', async () => {
    const image = bench.random(4e6);
    wire.trouble(content, { cutAfter: 0 }, 1);
    const id = await ensureImage(cloud, bench.library, image.id, {});
    expect(contentRequests('PUT')).toHaveLength(1);
    expect(await copiesInAnyState(cloud, image)).toMatchObject([{ id, status: 'active' }]);
  });

  it('is not tried again when the cloud does not allow it, and leaves nothing', async () => {
    const image = bench.random(4e6);
    wire.trouble(content, { answer: { status: 403 } });
    const upload = ensureImage(cloud, bench.library, image.id, {});
    await expect(upload).rejects.toMatchObject({ key: 'openstack.errors.forbidden' });
    expect(contentRequests('PUT')).toHaveLength(1);
    expect(await copiesInAnyState(cloud, image)).toEqual([]);
  });

  it('gives up after three attempts, and leaves nothing', async () => {
    const image = bench.random(4e6);
    wire.trouble(content, { cutUploadAfter: 1e6 });
    const upload = ensureImage(cloud, bench.library, image.id, {});
    await expect(upload).rejects.toMatchObject({ code: 'unavailable' });
    expect(contentRequests('PUT')).toHaveLength(3);
    expect(await copiesInAnyState(cloud, image)).toEqual([]);
  });
});

it('a snapshot whose answer was lost is found, taken once and removed; a failing download removes it too', async () => {
  const vmId = `vm_image_faults_${process.pid}`;
  const server = await testServer(cloud, await ensureImage(cloud, bench.library, bench.guest().id, {}));
  try {
    const action = /POST .*\/action$/;
    wire.trouble(action, { cutAfter: 0 }, 1);
    const target = join(bench.dir, 'lost.qcow2');
    const taken = await captureServer(cloud, server, vmId, target, 'freeze', {});
    expect(taken.size).toBeGreaterThan(2 ** 20);
    expect(wire.carried.filter(({ method, url }) => action.test(`${method} ${url}`))).toHaveLength(1);

    wire.trouble(content, { answer: { status: 403 } });
    const refused = captureServer(cloud, server, vmId, target, 'freeze', {});
    await expect(refused).rejects.toMatchObject({ key: 'openstack.errors.forbidden' });
    expect(existsSync(target)).toBe(false);
    expect(await listImages(cloud, { edgeyard_vm: vmId }, undefined)).toEqual([]);
  } finally {
    await removeServer(cloud, server);
  }
});
