/** What a real glance and nova do not do when asked: other clouds' formats, older answers, lost snapshots. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ImageLibrary } from '../image-library';
import type { GuestImage, SiteEvent } from '../site';
import { captureServer } from './capture';
import type { Cloud } from './cloud';
import { downloadImage } from './download-image';
import { glanceImage, type GlanceImage } from './glance';
import { imageOffers } from './image-offers';
import { openCloud } from './session';
import { json, openTestingCloud, type Asked, type TestingCloud } from './testing-cloud';
import { ownerIsDead, uploadOwner } from './upload-owner';

let fake: TestingCloud;
let cloud: Cloud;
let dir: string;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'edgeyard-images-'));
  fake = await openTestingCloud();
  cloud = openCloud(fake.access, { backOffMs: 5 });
});

afterEach(async () => {
  await cloud.close();
  await fake.close();
  rmSync(dir, { recursive: true, force: true });
});

const bytes = randomBytes(512 * 1024);
const hash = (algorithm: string, of: Buffer = bytes) => createHash(algorithm).update(of).digest('hex');

function image(facts: Partial<GlanceImage> = {}): GlanceImage {
  return glanceImage.parse({
    id: 'i1',
    name: 'An image',
    status: 'active',
    owner: 'p1',
    size: bytes.length,
    checksum: hash('md5'),
    disk_format: 'qcow2',
    container_format: 'bare',
    ...facts,
  });
}

/** Answers with a part of the content, and then ends or breaks off. */
function sends(status: number, headers: Record<string, string>, part: Buffer, breaks = false) {
  return (_asked: Asked, answer: ServerResponse) => {
    answer.writeHead(status, headers);
    answer.write(part, () => (breaks ? answer.destroy() : answer.end()));
  };
}

const file = /GET \/image\/v2\/images\/i1\/file/;
const half = bytes.subarray(0, bytes.length / 2);
const whole = (status = 200) => sends(status, {}, bytes);
const cutInHalf = sends(200, { 'content-length': String(bytes.length) }, half, true);

describe('a download', () => {
  const target = () => join(dir, 'image');

  it('begins anew where the cloud ignores Range', async () => {
    fake.on(file, whole());
    fake.on(file, cutInHalf, 1);
    const taken = await downloadImage(cloud, image(), target(), {});
    expect(taken).toEqual({ size: bytes.length, md5: hash('md5'), sha256: hash('sha256') });
    expect(readFileSync(target()).equals(bytes)).toBe(true);
  });

  it('begins anew where the cloud goes on at another byte', async () => {
    fake.on(file, whole());
    fake.on(file, sends(206, { 'content-range': `bytes 0-${bytes.length - 1}/${bytes.length}` }, bytes), 1);
    fake.on(file, cutInHalf, 1);
    await expect(downloadImage(cloud, image(), target(), {})).resolves.toMatchObject({ md5: hash('md5') });
    expect(readFileSync(target()).equals(bytes)).toBe(true);
  });

  it('that ends early without an error is gone on with as well', async () => {
    fake.on(file, (asked, answer) => {
      const from = Number(/^bytes=(\d+)-$/.exec(asked.headers.range ?? '')?.[1] ?? 0);
      const rest = bytes.subarray(from);
      const range = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
      sends(206, { 'content-range': range }, rest)(asked, answer);
    });
    fake.on(file, sends(200, {}, half), 1);
    await expect(downloadImage(cloud, image(), target(), {})).resolves.toMatchObject({ md5: hash('md5') });
  });

  it('of other bytes than were stored is refused, by MD5 or by what glance has instead', async () => {
    fake.on(file, whole());
    const other = 'ab'.repeat(64);
    for (const facts of [
      { checksum: '0'.repeat(32) },
      { checksum: null, os_hash_algo: 'sha512', os_hash_value: other },
    ]) {
      const download = downloadImage(cloud, image(facts), target(), {});
      await expect(download).rejects.toMatchObject({ key: 'openstack.errors.downloadDiffers' });
      expect(existsSync(target())).toBe(false);
    }
    const sha512 = { checksum: null, os_hash_algo: 'sha512', os_hash_value: hash('sha512') };
    await expect(downloadImage(cloud, image(sha512), target(), {})).resolves.toBeDefined();
  });

  it('of more bytes than the image has is stopped', async () => {
    fake.on(file, whole());
    const download = downloadImage(cloud, image({ size: 1000 }), target(), {});
    await expect(download).rejects.toMatchObject({ key: 'openstack.errors.downloadTooLong' });
  });

  it('that the disk has no room for is refused before its first byte', async () => {
    const download = downloadImage(cloud, image({ size: 2 ** 60 }), target(), {});
    await expect(download).rejects.toMatchObject({ code: 'no_space', key: 'openstack.errors.noRoom' });
    expect(fake.asked.some(({ path }) => path.endsWith('/file'))).toBe(false);
    expect(existsSync(target())).toBe(false);
  });
});

describe('a capture', () => {
  const target = () => join(dir, 'captured.qcow2');
  const server = (facts: Record<string, unknown> = {}) =>
    json(200, { server: { status: 'SHUTOFF', image: { id: 'base' }, ...facts } });
  const capture = (mode: 'stopped' | 'freeze' = 'stopped', report?: (event: SiteEvent) => void) =>
    captureServer(cloud, 's1', 'vm_1', target(), mode, report ? { report } : {});
  const removed = () => fake.asked.filter(({ method }) => method === 'DELETE').map(({ path }) => path);

  beforeEach(() => {
    fake.on(/GET \/image\/v2\/images\?/, json(200, { images: [] }));
    fake.on(/GET \/compute\/v2.1\/servers\/s1$/, server());
    fake.on(/POST \/compute\/v2.1\/servers\/s1\/action/, json(202, { image_id: 'i1' }));
    fake.on(/GET \/image\/v2\/images\/i1$/, json(200, image()));
    fake.on(/DELETE \/image\/v2\/images\/i1$/, json(204, ''));
    fake.on(file, whole());
  });

  it('takes the id of the snapshot from Location where the body has none', async () => {
    fake.on(/POST \/compute\/v2.1\/servers\/s1\/action/, (_asked, answer) => {
      answer.writeHead(202, { location: 'http://elsewhere:9292/images/i1' }).end();
    });
    await expect(capture()).resolves.toMatchObject({ size: bytes.length, sha256: hash('sha256') });
    expect(removed()).toEqual(['/image/v2/images/i1']);
  });

  it('does not let the snapshot pass for a copy of the image the server was made from', async () => {
    await capture();
    const asked = fake.asked.find(({ path }) => path.endsWith('/action'));
    expect(JSON.parse(asked?.body ?? '')).toMatchObject({
      createImage: { metadata: { edgeyard_vm: 'vm_1', edgeyard_digest: '', edgeyard_image: '' } },
    });
  });

  it('makes a compressed image of its own of a raw snapshot', async () => {
    fake.on(/GET \/image\/v2\/images\/i1$/, json(200, image({ disk_format: 'raw' })));
    const taken = await capture();
    const made = readFileSync(target());
    expect(made.toString('latin1', 0, 3)).toBe('QFI');
    expect(taken).toMatchObject({ size: made.length, md5: hash('md5', made), sha256: hash('sha256', made) });
    expect(existsSync(`${target()}.raw`)).toBe(false);
  });

  it('refuses formats that could name other files, and removes the snapshot', async () => {
    fake.on(/GET \/image\/v2\/images\/i1$/, json(200, image({ disk_format: 'vmdk' })));
    await expect(capture()).rejects.toMatchObject({ key: 'openstack.errors.snapshotFormat' });
    expect(removed()).toEqual(['/image/v2/images/i1']);
  });

  it('of a server on a volume is refused before anything is made', async () => {
    fake.on(/GET \/compute\/v2.1\/servers\/s1$/, server({ image: '' }));
    await expect(capture()).rejects.toMatchObject({ key: 'openstack.errors.volumeBacked' });
    expect(fake.asked.some(({ path }) => path.endsWith('/action'))).toBe(false);
  });

  it('says that further volumes stay out, and that the guest was held still', async () => {
    const volumes = [{ id: 'v1' }, { id: 'v2' }];
    fake.on(
      /GET \/compute\/v2.1\/servers\/s1$/,
      server({ status: 'ACTIVE', 'os-extended-volumes:volumes_attached': volumes }),
    );
    fake.on(/GET \/image\/v2\/images\/i1$/, json(200, image({ hw_qemu_guest_agent: 'yes' })));
    const heard: SiteEvent[] = [];
    await capture('freeze', (event) => heard.push(event));
    expect(heard[0]).toEqual({ event: 'volumesLeftOut', params: { count: 2 } });
    expect(heard.map(({ event }) => event)).toContain('quiesced');
  });

  it('that nova gives up says why, in nova’s words', async () => {
    fake.on(/GET \/image\/v2\/images\/i1$/, json(404, '<html>404 Not Found</html>'));
    fake.on(/GET \/image\/v2\/images\/i1$/, json(200, image({ status: 'queued', size: null })), 1);
    const actions = '/compute/v2.1/servers/s1/os-instance-actions';
    const made = (id: string, action: string, at: string) => ({
      action,
      request_id: id,
      start_time: at,
      message: 'Error',
    });
    fake.on(
      new RegExp(`GET ${actions}$`),
      json(200, {
        instanceActions: [
          made('req-1', 'createImage', '2026-01-01T00:00:00.000000'),
          made('req-3', 'stop', '2026-01-03T00:00:00.000000'),
          made('req-2', 'createImage', '2026-01-02T00:00:00.000000'),
        ],
      }),
    );
    const details = 'There is not enough disk space on the host';
    const events = [{ result: 'Success' }, { result: 'Error', details }];
    fake.on(new RegExp(`GET ${actions}/req-2$`), json(200, { instanceAction: { events } }));
    await expect(capture()).rejects.toMatchObject({
      key: 'openstack.errors.snapshotFailed',
      detail: details,
    });
  });

  it('waits on while glance is away', async () => {
    fake.on(/GET \/image\/v2\/images\/i1$/, json(503, 'no server is available'), 9);
    await expect(capture()).resolves.toMatchObject({ size: bytes.length });
  });

  it('first removes what an interrupted one left, but nothing that was kept or is not ours', async () => {
    const left = [
      image({ id: 'half', edgeyard_vm: 'vm_1', edgeyard_digest: '' }),
      image({ id: 'kept', edgeyard_vm: 'vm_1', edgeyard_digest: 'sha256:00' }),
      image({ id: 'other', edgeyard_vm: 'vm_1', owner: 'p2' }),
    ];
    fake.on(/GET \/image\/v2\/images\?.*edgeyard_vm=vm_1/, json(200, { images: left }));
    fake.on(/DELETE \/image\/v2\/images\/half$/, json(204, ''));
    await capture();
    expect(removed()).toEqual(['/image/v2/images/half', '/image/v2/images/i1']);
  });
});

describe('the images on offer', () => {
  const ours: GuestImage = {
    id: 'img_1',
    name: 'Ours',
    os: 'debian',
    architecture: 'x86_64',
    format: 'qcow2',
    size: 1000,
    virtualSize: 2 ** 30,
    minMemoryMiB: 64,
    minDiskGiB: 1,
    cloudInit: true,
    login: 'debian',
    digest: 'sha256:aa',
    ours: true,
  };
  const library: ImageLibrary = {
    list: () => Promise.resolve([ours]),
    path: () => Promise.reject(new Error('not asked for')),
  };
  const allOffered = (...images: Partial<GlanceImage>[]) => {
    fake.on(/GET \/image\/v2\/images\?/, json(200, { images: images.map((facts) => image(facts)) }));
    return imageOffers(cloud, library, undefined);
  };
  const offered = async (...images: Partial<GlanceImage>[]) =>
    (await allOffered(...images)).filter((each) => !each.ours);

  it.each([
    ['there when a copy holds its bytes', { edgeyard_digest: 'sha256:aa', size: 1000 }, true],
    ['not there when the copy is of another length', { edgeyard_digest: 'sha256:aa', size: 999 }, false],
    [
      'not there when somebody else says so',
      { edgeyard_digest: 'sha256:aa', size: 1000, owner: 'p2' },
      false,
    ],
    ['not there without a copy', {}, false],
  ])('of ours is %s', async (_, facts, there) => {
    const found = await allOffered(facts);
    expect(found.find(({ id }) => id === ours.id)).toMatchObject({ there });
  });

  it('are those that can boot here', async () => {
    const found = await offered(
      { id: 'good' },
      { id: 'kernel', disk_format: 'aki', container_format: 'aki' },
      { id: 'container', disk_format: 'raw', container_format: 'docker' },
      { id: 'volumes', size: 0, block_device_mapping: '[{}]' },
      { id: 'mainframe', hw_architecture: 's390x' },
      { id: 'on its way to us', edgeyard_vm: 'vm_1', edgeyard_digest: '', image_type: 'snapshot' },
      { id: 'kept', edgeyard_vm: 'vm_1', edgeyard_digest: 'sha256:bb', image_type: 'snapshot' },
      { id: 'copy', edgeyard_digest: 'sha256:aa' },
      { id: 'copy of an image that we deleted', edgeyard_digest: 'sha256:cc' },
      { id: 'copy that others publish', edgeyard_digest: 'sha256:cc', owner: 'p2' },
      { id: 'snapshot of a server made from a copy', edgeyard_digest: 'sha256:aa', image_type: 'snapshot' },
    );
    expect(found.map(({ id }) => id)).toEqual([
      'good',
      'copy that others publish',
      'snapshot of a server made from a copy',
    ]);
  });

  it('tell what a VM from them needs', async () => {
    const [disk, cd] = await offered(
      {
        id: 'disk',
        virtual_size: 3 * 2 ** 30,
        min_disk: 2,
        min_ram: 512,
        os_distro: 'Ubuntu',
        os_admin_user: 'ubuntu',
        architecture: 'arm64',
        created_at: '2026-02-01T10:00:00Z',
        visibility: 'public',
      },
      { id: 'cd', name: '', disk_format: 'iso', size: 5 * 2 ** 20 },
    );
    expect(disk).toMatchObject({
      architecture: 'aarch64',
      os: 'ubuntu',
      login: 'ubuntu',
      minMemoryMiB: 512,
      minDiskGiB: 3,
      virtualSize: 3 * 2 ** 30,
      createdAt: Date.UTC(2026, 1, 1, 10),
      visibility: 'public',
    });
    expect(cd).toMatchObject({ name: 'cd', format: 'iso', cloudInit: false, minDiskGiB: 1 });
  });
});

it('an owner of a half image is dead when it ran here and runs no more', () => {
  const [host, pid, token] = uploadOwner.split(' ');
  expect(ownerIsDead(uploadOwner)).toBe(false);
  expect(ownerIsDead(`${host} ${pid} earlier`)).toBe(true);
  expect(ownerIsDead(`${host} 1 other`)).toBe(false);
  expect(ownerIsDead(`elsewhere ${pid} ${token}`)).toBe(false);
  expect(ownerIsDead(undefined)).toBe(false);
});
