/** Disk images from outside: what is taken in, and what is refused before any tool opens it. */
import { randomBytes } from 'node:crypto';
import { statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { sha256OfBytes } from './stacks/csar';
import { bigEndian, content, diskBench, isoVolume, type DiskBench } from './stacks/disks';
import { removeDataDir, startServer, virtualMachinesOf, type RunningServer } from './stacks/edgeyard';
import {
  imageUploads,
  leftovers,
  removeImage,
  sendImage,
  settledImage,
  type ImageAnswer,
} from './stacks/images';
import { becomeAdministrator, signIn, type Person } from './stacks/people';
import type { RestJob } from './stacks/rest';
import { expect, test } from './stacks/test';
import { announce, announceRaw } from './stacks/tus';

let disks: DiskBench;
let server: RunningServer;
let ada: Person;
let mirror: Server;
let mirrorUrl: string;
const asked: string[] = [];

test.beforeAll(async () => {
  disks = diskBench();
  const config = join(disks.dir, 'edgeyard.yaml');
  writeFileSync(config, 'images:\n  allowPrivateUrls: true\n  bootTestSeconds: 15\n');
  server = await startServer({ environment: { EDGEYARD_CONFIG: config } });
  ada = await becomeAdministrator(server);
  mirror = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/disk.raw') response.end(content);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => mirror.listen(0, '127.0.0.1', resolve));
  mirrorUrl = `http://127.0.0.1:${(mirror.address() as AddressInfo).port}`;
});
test.afterAll(async () => {
  mirror.close();
  await server.stop();
  removeDataDir(server.dataDir);
  disks.close();
});

const sizeOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** The image was refused for this reason, its files are gone, and so can its row be. */
async function expectRefused(
  image: ImageAnswer,
  key: string,
  params: Record<string, unknown> = {},
): Promise<void> {
  expect(image).toMatchObject({ state: 'failed', digest: null, error: { code: 'invalid', key, params } });
  // The row says why a moment before the job has cleared its files away.
  await expect.poll(() => leftovers(server.dataDir)).toEqual([]);
  await removeImage(ada, image.id);
}

interface Hostile {
  name: string;
  said: string;
  bytes: () => Buffer;
  key: string;
  params?: Record<string, unknown>;
}

/** What arrives of a file whose transfer broke off: whole sectors, so that nothing but the missing end is wrong. */
const cutShort = (bytes: Buffer) => bytes.subarray(0, Math.floor((bytes.length * 0.6) / 512) * 512);

const descriptor = (extent: string) =>
  Buffer.from(
    `# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType="monolithicFlat"\n\n${extent}\n`.padEnd(
      1024,
    ),
  );

const hostile: Hostile[] = [
  {
    name: 'qcow2 over another file',
    said: 'qcow2',
    bytes: () => disks.make('qcow2', ['-u', '-F', 'raw', '-b', '/etc/shadow']),
    key: 'images.hostile.backingFile',
    params: { file: '/etc/shadow' },
  },
  {
    name: 'qcow2 with its data elsewhere',
    said: 'qcow2',
    bytes: () => disks.make('qcow2', ['-o', `data_file=${join(disks.dir, 'elsewhere')}`]),
    key: 'images.hostile.dataFile',
    params: { file: expect.stringContaining('elsewhere') },
  },
  {
    name: 'qcow2 with a huge L1 table',
    said: 'qcow2',
    bytes: () => disks.forge('qcow2', [{ at: 36, bytes: bigEndian(0x7fffffff) }]),
    key: 'images.hostile.qcow2L1',
  },
  {
    name: 'encrypted qcow2',
    said: 'qcow2',
    bytes: () => disks.forge('qcow2', [{ at: 32, bytes: bigEndian(2) }]),
    key: 'images.hostile.encrypted',
  },
  {
    name: 'VMDK that takes its data from a file of the server',
    said: 'vmdk',
    bytes: () => descriptor('RW 32768 FLAT "/etc/shadow" 0'),
    key: 'images.hostile.vmdkDescriptor',
    params: { file: '/etc/shadow' },
  },
  {
    name: 'VDI called qcow2',
    said: 'qcow2',
    bytes: () => disks.make('vdi'),
    key: 'images.hostile.otherFormat',
    params: { said: 'qcow2', found: 'vdi' },
  },
  {
    name: 'qcow2 over another file, called raw',
    said: 'raw',
    bytes: () => disks.make('qcow2', ['-u', '-F', 'raw', '-b', '/etc/shadow']),
    key: 'images.hostile.otherFormat',
    params: { said: 'raw', found: 'qcow2' },
  },
  {
    name: 'damaged qcow2',
    said: 'qcow2',
    // The first entry of the reference table points nowhere: only a look into the whole structure shows it.
    bytes: () => disks.forge('qcow2', [{ at: 0x10000, bytes: Buffer.alloc(8) }]),
    key: 'images.errors.damaged',
  },
  {
    name: 'cut VDI',
    said: 'vdi',
    bytes: () => cutShort(disks.filled('vdi')),
    key: 'images.hostile.truncated',
  },
  {
    name: 'cut VMDK',
    said: 'vmdk',
    bytes: () => cutShort(disks.filled('vmdk')),
    key: 'images.errors.damaged',
  },
  {
    name: 'cut stream-optimised VMDK',
    said: 'vmdk',
    bytes: () => cutShort(disks.filled('vmdk', ['-o', 'subformat=streamOptimized'])),
    key: 'images.errors.damaged',
  },
  {
    name: 'cut VHDX',
    said: 'vhdx',
    bytes: () => cutShort(disks.filled('vhdx')),
    key: 'images.errors.damaged',
  },
  {
    name: 'cut qcow2',
    said: 'qcow2',
    bytes: () => cutShort(disks.filled('qcow2')),
    key: 'images.errors.damaged',
  },
];

for (const { name, said, bytes, key, params } of hostile) {
  test(`refused: ${name} @S2`, async () => {
    await expectRefused(await sendImage(ada, said, bytes()), key, params);
  });
}

test('the refusal is said in words on the image’s page @S2', async ({ browser }) => {
  const image = await sendImage(ada, 'qcow2', disks.make('qcow2', ['-u', '-F', 'raw', '-b', '/etc/shadow']));
  const context = await browser.newContext({ locale: 'en-US' });
  await signIn(context, server, ada);
  const page = await context.newPage();
  await page.goto(`${server.url}/images/${image.id}`);
  await expect(page.getByText('only the difference to another file, “/etc/shadow”').first()).toBeVisible();
  await context.close();
  await removeImage(ada, image.id);
});

for (const [format, options] of [
  ['raw', []],
  ['qcow2', ['-c']],
  ['vmdk', []],
  ['vmdk', ['-o', 'subformat=streamOptimized']],
  ['vdi', []],
  ['vhdx', []],
] as [string, string[]][]) {
  test(`taken in: ${format} ${options.at(-1) ?? ''} with the same content @S2`, async () => {
    const bytes = disks.filled(format, options);
    const image = await sendImage(ada, format, bytes, { checksum: sha256OfBytes(bytes) });
    expect(image).toMatchObject({ state: 'ready', format: 'qcow2', virtualSize: content.length });
    const kept = Buffer.from(
      await (await ada.rest.fetch(`/api/v1/images/${image.id}/content`)).arrayBuffer(),
    );
    expect(`sha256:${sha256OfBytes(kept)}`).toBe(image.digest);
    expect(disks.rawOf(kept).equals(content)).toBe(true);
    expect(leftovers(server.dataDir)).toEqual([]);
    await removeImage(ada, image.id);
  });
}

test('taken in: an installation medium, as it is @S2', async () => {
  const bytes = isoVolume();
  const image = await sendImage(ada, 'iso', bytes);
  expect(image).toMatchObject({ state: 'ready', format: 'iso', digest: `sha256:${sha256OfBytes(bytes)}` });
  await removeImage(ada, image.id);
});

test('an upload that was cut goes on where it was; one that is given up leaves nothing @S2', async () => {
  const bytes = randomBytes(24 * 1024 * 1024);
  const facts = { filename: 'half.raw', name: 'Half', format: 'raw', checksum: sha256OfBytes(bytes) };
  const upload = await announce(ada, imageUploads, bytes.length, facts);
  const cut = new AbortController();
  const sending = ada.rest.fetch(upload.location, {
    method: 'PATCH',
    headers: {
      'tus-resumable': '1.0.0',
      'upload-offset': '0',
      'content-type': 'application/offset+octet-stream',
    },
    // Half of it, and then silence until the connection breaks.
    body: new ReadableStream({
      start: (stream) => stream.enqueue(new Uint8Array(bytes.subarray(0, bytes.length / 2))),
    }),
    duplex: 'half',
    signal: cut.signal,
  } as RequestInit);
  const name = upload.location.split('/').at(-1) ?? '';
  await ada.rest.until(
    async () => sizeOf(join(server.dataDir, 'images/incoming', name)),
    (size) => size >= bytes.length / 4,
  );
  cut.abort();
  await expect(sending).rejects.toThrow();
  const offset = await ada.rest.until(upload.offset, (have) => have > 0);
  expect(offset).toBeLessThanOrEqual(bytes.length / 2);
  await ada.rest.until(
    async () => (await upload.send(await upload.offset(), bytes.subarray(await upload.offset()))).status,
    (status) => status === 204,
  );
  const image = await settledImage(ada, name);
  expect(image).toMatchObject({ state: 'ready', virtualSize: bytes.length });
  await removeImage(ada, image.id);

  const second = await announce(ada, imageUploads, bytes.length, facts);
  const given = await ada.rest.fetch(second.location, {
    method: 'DELETE',
    headers: { 'tus-resumable': '1.0.0' },
  });
  expect(given.status).toBe(204);
  expect(leftovers(server.dataDir)).toEqual([]);
  await ada.rest.expect(404, 'GET', `/api/v1/images/${second.location.split('/').at(-1) ?? ''}`);
});

test('refused before the first byte: unknown format, no size, a name that is missing @S2', async () => {
  const good = { filename: 'a.raw', name: 'A', format: 'raw' };
  const refusals: [number, Record<string, string>, string][] = [
    [512, { ...good, format: 'qed' }, 'images.errors.badMetadata'],
    [0, good, 'images.errors.uploadLength'],
    [512, { filename: 'a.raw', format: 'raw' }, 'images.errors.badMetadata'],
    [512, { ...good, checksum: 'abc' }, 'images.errors.badMetadata'],
  ];
  for (const [size, metadata, key] of refusals) {
    const response = await announceRaw(ada, imageUploads, size, metadata);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ key });
  }
  expect(leftovers(server.dataDir)).toEqual([]);
});

test('bytes that are not those of the promised SHA-256 are refused, uploaded or fetched @S2', async () => {
  const wrong = sha256OfBytes(Buffer.from('something else'));
  const params = { expected: wrong, found: sha256OfBytes(content) };
  const sent = await sendImage(ada, 'raw', content, { checksum: wrong });
  await expectRefused(sent, 'images.errors.checksum', params);

  const wish = { name: 'Fetched', format: 'raw', url: `${mirrorUrl}/disk.raw` };
  const fetchImage = async (more: object) => {
    const job = await ada.rest.expect<RestJob & { subject: { id: string } }>(202, 'POST', '/api/v1/images', {
      ...wish,
      ...more,
    });
    return settledImage(ada, job.subject.id);
  };
  await expectRefused(await fetchImage({ sha256: wrong }), 'images.errors.checksum', params);
  await expectRefused(
    await fetchImage({ url: `${mirrorUrl}/none`, sha256: wrong }),
    'images.errors.urlAnswer',
    { status: 404 },
  );
  const right = await fetchImage({ sha256: sha256OfBytes(content) });
  expect(right).toMatchObject({ state: 'ready', virtualSize: content.length });
  await removeImage(ada, right.id);
});

test('addresses inside the server’s own network are not asked, unless an administrator allowed it @S2', async ({
  bo,
}) => {
  const before = asked.length;
  const port = new URL(mirrorUrl).port;
  const names = ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '0.0.0.0'];
  for (const host of [...names, '169.254.169.254', '10.0.0.1']) {
    const answer = await bo.rest.call<RestJob & { key: string; subject: { id: string } }>(
      'POST',
      '/api/v1/images',
      {
        name: 'Inside',
        format: 'raw',
        url: `http://${host}:${port}/disk.raw`,
        sha256: sha256OfBytes(content),
      },
    );
    // An address is refused at once; a name once it was looked up.
    if (answer.status === 202) {
      const image = await settledImage(bo, answer.body.subject.id);
      expect(image, host).toMatchObject({ state: 'failed', error: { key: 'images.errors.urlPrivate' } });
      await removeImage(bo, image.id);
    } else expect(answer.body.key, host).toBe('images.errors.urlPrivate');
  }
  expect(asked.length).toBe(before);
});

test('a boot test of a disk that never boots says where it stopped, and leaves no VM @S9', async () => {
  const image = await sendImage(ada, 'qcow2', disks.make('qcow2'));
  expect(image.state).toBe('ready');
  const job = await ada.rest.expect<RestJob>(202, 'POST', `/api/v1/images/${image.id}/boot-test`, {});
  const vms = () => virtualMachinesOf(server.dataDir).length;
  await expect.poll(vms).toBe(1);
  const over = await ada.rest.until(
    async () => (await ada.rest.call<RestJob>('GET', `/api/v1/jobs/${job.id}`)).body,
    ({ state }) => state !== 'running' && state !== 'queued',
  );
  expect(over).toMatchObject({ state: 'failed', error: { key: 'images.errors.bootStopped.firmware' } });
  expect(Number(over.error?.params.seconds)).toBeGreaterThanOrEqual(15);
  await expect.poll(vms).toBe(0);
  const seen = await settledImage(ada, image.id);
  expect(seen.proofs).toEqual([
    expect.objectContaining({ phase: 'firmware', passed: false, hasScreenshot: true }),
  ]);
  await removeImage(ada, image.id);
});
