import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDatabase } from '../db/testing';
import { openDisk } from '../images/artifact/open-disk';
import { memoryRegistry, type MemoryRegistry } from '../images/artifact/testing';
import { pushTestDisk } from '../images/taken/testing-disks';
import { asProblem, problemStatus } from '../problem';
import { diskDownloads } from './disk-downloads';
import type { ReleaseRow } from './shelves';
import { storeImages } from './tables';

const repository = 'acme/sensor';
let registry: MemoryRegistry;
let server: Server;
let origin = '';
let expected: Buffer;

beforeAll(async () => {
  registry = memoryRegistry();
  const { digest } = await pushTestDisk(registry, 'memory', `store/${repository}`);
  expected = await buffer(
    (await openDisk({ registry, repository: `store/${repository}`, reference: digest })).qcow2(),
  );
  const db = testDatabase();
  db.insert(storeImages).values({ repository, digest }).run();
  const send = diskDownloads({
    db,
    openDisk,
    registries: {
      of: (role) =>
        Promise.resolve({
          role,
          registry,
          repository: (...path) => [role, ...path].join('/'),
          address: 'memory',
        }),
    },
  });
  const artifact = { repository, digest, tag: '1', mediaType: '', platforms: [], size: null };
  const image = { mediaType: null };
  // What a download reads of a release.
  const release = {
    images: [
      { ...image, name: 'sensor: disk' },
      { ...image, name: 'elsewhere' },
      { mediaType: 'application/vnd.oci.image.manifest.v1+json', name: 'web' },
    ],
    locations: [
      { name: 'sensor: disk', digest: null, artifact },
      { name: 'elsewhere', digest: null, artifact: null },
      { name: 'web', digest: null, artifact },
    ],
  } as unknown as ReleaseRow;
  server = createServer((request, response) => {
    send(release, Number(request.url?.slice(1)), request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(problemStatus[asProblem(error).code]).end(asProblem(error).key);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const ask = (index: number, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${origin}/${index}`, { headers, method });
const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer());

it('gives the same file every time, and tells its SHA-256 once somebody has had all of it', async () => {
  const first = await ask(0);
  expect(first.headers.get('repr-digest')).toBeNull();
  expect(first.headers.get('content-disposition')).toContain('filename="sensor-_disk.qcow2"');
  expect((await bytesOf(first)).equals(expected)).toBe(true);
  const sha256 = createHash('sha256').update(expected).digest('base64');
  await expect
    .poll(async () => (await ask(0, {}, 'HEAD')).headers.get('repr-digest'))
    .toBe(`sha-256=:${sha256}:`);
  const second = await ask(0);
  expect(second.headers.get('etag')).toBe(first.headers.get('etag'));
  expect((await bytesOf(second)).equals(expected)).toBe(true);
});

it('gives any one range, fetching nothing else', async () => {
  const { length } = expected;
  const cases = [
    ['bytes=0-99', 0, 100],
    ['bytes=1234567-2345678', 1_234_567, 2_345_679],
    [`bytes=${length - 5}-${length + 100}`, length - 5, length],
    ['bytes=-1000', length - 1000, length],
    ['bytes=3000000-', 3_000_000, length],
  ] as const;
  for (const [range, from, to] of cases) {
    const answer = await ask(0, { range });
    expect(answer.status, range).toBe(206);
    expect(answer.headers.get('content-range')).toBe(`bytes ${from}-${to - 1}/${length}`);
    expect((await bytesOf(answer)).equals(expected.subarray(from, to)), range).toBe(true);
  }
  registry.asked.length = 0;
  await bytesOf(await ask(0, { range: 'bytes=2000000-2000099' }));
  expect(registry.asked).toHaveLength(1);
});

it('answers a HEAD without reading, a range behind the end with 416, and several ranges with everything', async () => {
  registry.asked.length = 0;
  const head = await ask(0, {}, 'HEAD');
  expect(head.headers.get('content-length')).toBe(String(expected.length));
  expect(registry.asked).toEqual([]);
  expect((await ask(0, { range: `bytes=${expected.length}-` })).status).toBe(416);
  const several = await ask(0, { range: 'bytes=0-1,5-6' });
  expect([several.status, (await bytesOf(several)).length]).toEqual([200, expected.length]);
});

it('goes by the ETag: unchanged, or no longer what a range was begun of', async () => {
  const etag = (await ask(0, {}, 'HEAD')).headers.get('etag') ?? '';
  expect((await ask(0, { 'if-none-match': `"x", ${etag}` })).status).toBe(304);
  expect((await ask(0, { range: 'bytes=0-9', 'if-range': etag })).status).toBe(206);
  const other = await ask(0, { range: 'bytes=0-9', 'if-range': '"other"' });
  expect(other.status).toBe(200);
  await other.body?.cancel();
});

it('has no file of what is no disk or is not held', async () => {
  for (const [index, key] of [
    [1, 'store.images.notHeld'],
    [2, 'store.errors.noDiskImage'],
    [3, 'store.errors.noDiskImage'],
  ] as const) {
    const answer = await ask(index);
    expect([answer.status, await answer.text()]).toEqual([404, key]);
  }
});
