import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteEvent } from '../site';
import { captureServer, forgetKept } from './capture';
import type { Cloud } from './cloud';
import { downloadImage } from './download-image';
import { deleteImage, findImage, listImages, makeImage, type GlanceImage } from './glance';
import { dropCopies } from './image-copies';
import { imageOffers } from './image-offers';
import { openCloud } from './session';
import {
  copiesInAnyState,
  imageBench,
  removeServer,
  serverAction,
  serverIs,
  testServer,
  type ImageBench,
} from './testing-images';
import { testAccess } from './testing-login';
import { ensureImage } from './upload-image';
import { uploadOwner } from './upload-owner';

let cloud: Cloud;
let bench: ImageBench;

beforeAll(() => {
  cloud = openCloud(testAccess('developer'));
  bench = imageBench();
});

afterAll(async () => {
  await bench.end(cloud);
  await cloud.close();
});

/** Collects what is reported. */
function events() {
  const heard: string[] = [];
  return { heard, report: ({ event }: SiteEvent) => heard.push(event) };
}

async function requireImage(id: string): Promise<GlanceImage> {
  const image = await findImage(cloud, id, undefined);
  if (!image) throw new Error(`glance has no image ${id}`);
  return image;
}

describe('an image of ours in the cloud', () => {
  it('is put there once per content, with its facts and the right checksum', async () => {
    const image = bench.guest();
    const { heard, report } = events();
    const seen: number[] = [];
    const progress = (done: number) => seen.push(done);
    const first = await ensureImage(cloud, bench.library, image.id, { report, progress });
    expect(await ensureImage(cloud, bench.library, image.id, { report })).toBe(first);
    expect(heard).toEqual(['uploadingImage']);
    expect(seen.at(-1)).toBe(image.size);
    const copy = await requireImage(first);
    const md5 = createHash('md5').update(readFileSync((await bench.library.path(image.id)).path));
    expect(copy).toMatchObject({
      status: 'active',
      size: image.size,
      checksum: md5.digest('hex'),
      disk_format: 'qcow2',
      os_distro: 'tiny',
      os_admin_user: 'root',
      edgeyard_image: image.id,
    });
  });

  it('is uploaded once when two ask at once, also from two sessions', async () => {
    const image = bench.random(8 * 2 ** 20);
    const other = openCloud(testAccess('developer'));
    const ids = await Promise.all(
      [cloud, cloud, other].map((each) => ensureImage(each, bench.library, image.id, {})),
    );
    await other.close();
    expect(new Set(ids).size).toBe(1);
    expect(await copiesInAnyState(cloud, image)).toHaveLength(1);
  });

  it('leaves nothing when the upload is aborted in its middle', async () => {
    const image = bench.random(64 * 2 ** 20);
    const stop = new AbortController();
    const progress = (done: number, total: number) => {
      if (done > total / 3) stop.abort(new Error('enough'));
    };
    const upload = ensureImage(cloud, bench.library, image.id, { signal: stop.signal, progress });
    await expect(upload).rejects.toThrow('enough');
    expect(await copiesInAnyState(cloud, image)).toEqual([]);
  });

  it('takes the place of what a dead process left half done', async () => {
    const image = bench.random(2 ** 20);
    const [host] = uploadOwner.split(' ');
    const left = await makeImage(
      cloud,
      {
        name: image.name,
        disk_format: 'raw',
        container_format: 'bare',
        edgeyard_digest: image.digest ?? '',
        edgeyard_owner: `${host} ${process.pid} earlier`,
      },
      undefined,
    );
    const id = await ensureImage(cloud, bench.library, image.id, {});
    expect(id).not.toBe(left.id);
    expect(await findImage(cloud, left.id, undefined)).toBeUndefined();
  });

  it('is not taken for a copy because of its property alone', async () => {
    const image = bench.random(2 ** 20);
    const fraud = bench.random(2 ** 20);
    // Another content of the same size under our image's digest.
    const forged = imageBench();
    const { path, format } = await bench.library.path(fraud.id);
    const posing = forged.add(format as 'raw', path, { digest: image.digest });
    const poser = await ensureImage(cloud, forged.library, posing.id, {});
    const id = await ensureImage(cloud, bench.library, image.id, {});
    expect(id).not.toBe(poser);
    await deleteImage(cloud, poser, undefined);
    await forged.end(cloud);
  });

  it('is listed once, as ours, beside the images of the cloud', async () => {
    const image = bench.random(2 ** 20);
    const id = await ensureImage(cloud, bench.library, image.id, {});
    const offers = await imageOffers(cloud, bench.library, undefined);
    expect(offers.filter(({ digest }) => digest === image.digest)).toEqual([{ ...image, there: true }]);
    expect(offers.some((offer) => offer.id === id)).toBe(false);
    expect(offers.some(({ ours, size }) => !ours && size > 0)).toBe(true);
    // Of the cloud's own, the id is the image.
    const own = offers.find(({ ours }) => !ours);
    expect(await ensureImage(cloud, bench.library, own?.id ?? '', {})).toBe(own?.id);
    const missing = ensureImage(cloud, bench.library, '00000000-0000-4000-8000-000000000000', {});
    await expect(missing).rejects.toMatchObject({ key: 'sites.errors.noImage' });
  });
});

describe('copies of an image that is gone', () => {
  const without = (id: string) => ({
    list: async () => (await bench.library.list()).filter((image) => image.id !== id),
  });

  it('are removed, and those of others are left', async () => {
    const [image, other] = [bench.random(2 ** 20), bench.random(2 ** 20)];
    const copy = await ensureImage(cloud, bench.library, image.id, {});
    const left = await ensureImage(cloud, bench.library, other.id, {});
    await dropCopies(cloud, without(image.id), image, undefined);
    await dropCopies(cloud, without(image.id), image, undefined);
    expect(await findImage(cloud, copy, undefined)).toBeUndefined();
    expect(await findImage(cloud, left, undefined)).toBeDefined();
    // As if somebody else had uploaded it.
    await dropCopies(cloud, without(other.id), { ...other, id: 'img_elsewhere' }, undefined);
    expect(await findImage(cloud, left, undefined)).toBeDefined();
  });

  it('go over to another image of the same content, and then go with that', async () => {
    const image = bench.random(2 ** 20);
    const copy = await ensureImage(cloud, bench.library, image.id, {});
    const twin = bench.add('raw', (await bench.library.path(image.id)).path);
    await dropCopies(cloud, without(image.id), image, undefined);
    expect(await requireImage(copy)).toMatchObject({ edgeyard_image: twin.id });
    const empty = { list: () => Promise.resolve([]) };
    await dropCopies(cloud, empty, twin, undefined);
    expect(await findImage(cloud, copy, undefined)).toBeUndefined();
  });

  it('stay while a server was made from them', async () => {
    const image = bench.guest();
    const copy = await ensureImage(cloud, bench.library, image.id, {});
    const server = await testServer(cloud, copy);
    await dropCopies(cloud, without(image.id), image, undefined);
    expect(await findImage(cloud, copy, undefined)).toBeDefined();
    await removeServer(cloud, server);
    await dropCopies(cloud, without(image.id), image, undefined);
    expect(await findImage(cloud, copy, undefined)).toBeUndefined();
  });
});

describe('a download', () => {
  it('gives the bytes that glance stored, and their digests', async () => {
    const image = bench.random(8 * 2 ** 20);
    const stored = await requireImage(await ensureImage(cloud, bench.library, image.id, {}));
    const target = join(bench.dir, 'download');
    const taken = await downloadImage(cloud, stored, target, {});
    expect(taken).toMatchObject({ size: image.size, md5: stored.checksum });
    expect(`sha256:${taken.sha256}`).toBe(image.digest);
    const sent = readFileSync((await bench.library.path(image.id)).path);
    expect(readFileSync(target).equals(sent)).toBe(true);
  });

  it('removes what it wrote when it is aborted', async () => {
    const image = bench.random(32 * 2 ** 20);
    const stored = await requireImage(await ensureImage(cloud, bench.library, image.id, {}));
    const target = join(bench.dir, 'aborted');
    const stop = new AbortController();
    const progress = (done: number) => {
      if (done > 2 ** 20) stop.abort(new Error('enough'));
    };
    const download = downloadImage(cloud, stored, target, { signal: stop.signal, progress });
    await expect(download).rejects.toThrow('enough');
    expect(existsSync(target)).toBe(false);
  });
});

describe('a capture', () => {
  const vmId = `vm_images_${process.pid}`;
  let server: string;

  beforeAll(async () => {
    server = await testServer(cloud, await ensureImage(cloud, bench.library, bench.guest().id, {}));
  });

  afterAll(async () => {
    await removeServer(cloud, server);
  });

  const snapshots = () => listImages(cloud, { edgeyard_vm: vmId }, undefined);

  it('of a running server says what it is, and refuses when it was to be off', async () => {
    const target = join(bench.dir, 'running.qcow2');
    const refused = captureServer(cloud, server, vmId, target, 'stopped', {});
    await expect(refused).rejects.toMatchObject({ key: 'sites.errors.notStopped' });
    const { heard, report } = events();
    const taken = await captureServer(cloud, server, vmId, target, 'freeze', { report });
    expect(heard).toContain('notQuiesced');
    expect(heard.at(-1)).toBe('snapshotRemoved');
    expect(taken.glanceId).toBeUndefined();
    execFileSync('qemu-img', ['check', '-f', 'qcow2', target]);
    expect(await snapshots()).toEqual([]);
  });

  it('that is aborted leaves neither file nor snapshot, and the server as it was', async () => {
    const target = join(bench.dir, 'aborted.qcow2');
    const stop = new AbortController();
    const report = ({ event }: SiteEvent) => {
      if (event === 'snapshotQueued' || event === 'snapshotSaving') stop.abort(new Error('enough'));
    };
    const capture = captureServer(cloud, server, vmId, target, 'freeze', { signal: stop.signal, report });
    await expect(capture).rejects.toThrow('enough');
    expect(existsSync(target)).toBe(false);
    expect(await snapshots()).toEqual([]);
    await serverIs(cloud, server, 'ACTIVE');
  });

  it('of a stopped server is a whole disk of its own, kept as the copy of the new image', async () => {
    await serverAction(cloud, server, { 'os-stop': null });
    await serverIs(cloud, server, 'SHUTOFF');
    const target = join(bench.dir, 'stopped.qcow2');
    const keep = { imageId: 'img_to_be', name: 'images-test-kept' };
    const taken = await captureServer(cloud, server, vmId, target, 'stopped', { keep });
    const info = JSON.parse(
      execFileSync('qemu-img', ['info', '-f', 'qcow2', '--output=json', target]).toString(),
    ) as Record<string, unknown>;
    expect(info).toMatchObject({ format: 'qcow2', 'virtual-size': 2 ** 30 });
    expect(info['backing-filename']).toBeUndefined();
    execFileSync('qemu-img', ['check', '-f', 'qcow2', target]);

    const kept = await requireImage(taken.glanceId ?? '');
    expect(kept).toMatchObject({ name: keep.name, edgeyard_digest: `sha256:${taken.sha256}` });
    const made = bench.add('qcow2', target, { virtualSize: 2 ** 30 });
    expect(await ensureImage(cloud, bench.library, made.id, {})).toBe(kept.id);

    await forgetKept(cloud, keep.imageId, undefined);
    expect(await snapshots()).toEqual([]);
  });
});
