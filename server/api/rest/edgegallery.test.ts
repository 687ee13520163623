import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guest } from '../../access/actor';
import type { House } from '../../house';
import { testImage, testOrder, testProject } from '../../packages/csar/order-fixture';
import { edgeGalleryTree, writeTree } from '../../packages/csar/foreign-fixture';
import { writeCsar } from '../../packages/csar/write-csar';
import { developer, testPackages } from '../../packages/testing';
import { openStore } from '../../store/store';
import { testStorePorts } from '../../store/testing';
import { restApp } from './app';

const base = '/mec/appstore/v1/apps';

let room: ReturnType<typeof testPackages>;
let server: Server;
let origin = '';

/** As EdgeGallery's Developer calls: with the token in its own header. */
async function call(method: string, path: string, body?: FormData, token = 'publisher') {
  const headers = { access_token: token };
  return await fetch(`${origin}${path}`, { method, headers, ...(body ? { body } : {}), redirect: 'manual' });
}

function form(bytes: Buffer, more: Record<string, string> = {}): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries({
    type: 'Game',
    shortDesc: 'Short',
    affinity: 'X86',
    industry: 'Smart Park',
    ...more,
  })) {
    data.append(name, value);
  }
  data.append('file', new Blob([new Uint8Array(bytes)]), 'edge cam.csar');
  return data;
}

beforeAll(async () => {
  room = testPackages();
  const store = openStore(testStorePorts(room).ports);
  const { db, log, jobs, events } = room.ports;
  const house = {
    db,
    log,
    jobs,
    events,
    store,
    packages: room.packages,
    config: { publicUrl: undefined },
    workbench: {},
    access: {
      actorOf: (headers: Headers) => {
        const token = headers.get('access_token');
        return Promise.resolve(token ? developer(token) : guest);
      },
    },
  } as unknown as House;
  jobs.run();
  const answer = getRequestListener(restApp(house).fetch);
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await room.close();
});

async function ownCsar(): Promise<Buffer> {
  const image = testImage(room.dir, 'eg image');
  const target = join(room.dir, 'own.csar');
  await writeCsar(target, testOrder(testProject(image.id), image), () => image.path);
  return readFileSync(target);
}

describe('a package in chunks, as EdgeGallery’s pages send it', () => {
  const chunkOf = (bytes: Buffer, number: number, guid: string, announced?: number) => {
    const size = Math.ceil(bytes.length / 3);
    const part = bytes.subarray((number - 1) * size, number * size);
    const data = new FormData();
    for (const [name, value] of Object.entries({
      chunkNumber: number,
      chunkSize: size,
      currentChunkSize: announced ?? part.length,
      totalSize: bytes.length,
      totalChunks: 3,
      identifier: guid,
      filename: 'edge cam.csar',
      relativePath: 'edge cam.csar',
    })) {
      data.append(name, String(value));
    }
    data.append('file', new Blob([new Uint8Array(part)]), 'edge cam.csar');
    return data;
  };
  const merge = (guid: string, token?: string) =>
    call('GET', `${base}/merge?fileName=edge%20cam.csar&guid=${guid}`, undefined, token);

  it('takes them in any order, and the package once all are there', async () => {
    const bytes = await ownCsar();
    for (const number of [3, 1]) {
      const sent = await call('POST', `${base}/upload`, chunkOf(bytes, number, 'guid-1'), 'publisher');
      expect([sent.status, await sent.text()]).toEqual([200, 'Upload Success']);
    }
    expect((await merge('guid-1', 'publisher')).status).toBe(409);
    await call('POST', `${base}/upload`, chunkOf(bytes, 2, 'guid-1'), 'publisher');
    expect((await merge('guid-1', 'another')).status).toBe(404);
    const fileAddress = await (await merge('guid-1', 'publisher')).text();
    const words = new FormData();
    for (const [name, value] of Object.entries({ type: 'Game', shortDesc: 'Short', fileAddress }))
      words.append(name, value);
    expect((await call('POST', `${base}/vm-register`, words, 'another')).status).toBe(404);
    const registered = await call('POST', `${base}/vm-register`, words, 'publisher');
    expect(await registered.json()).toMatchObject({ provider: 'ACME', version: '1.2.0' });
    expect((await merge('guid-1', 'publisher')).status).toBe(404);
  });

  it('refuses a chunk of another length than it says, and keeps nothing of it', async () => {
    const bytes = await ownCsar();
    const short = await call('POST', `${base}/upload`, chunkOf(bytes, 1, 'guid-2', 5), 'publisher');
    expect(short.status).toBe(422);
    for (const number of [2, 3])
      await call('POST', `${base}/upload`, chunkOf(bytes, number, 'guid-2'), 'publisher');
    expect(await (await merge('guid-2', 'publisher')).json()).toMatchObject({ params: { missing: 1 } });
  });
});

describe('EdgeGallery’s AppStore paths', () => {
  it('upload, publish, list, download: as its Developer does it', async () => {
    const bytes = await ownCsar();
    const uploaded = await call('POST', `${base}?userId=1&userName=me`, form(bytes));
    expect(uploaded.status).toBe(200);
    const { appId, packageId, ...rest } = (await uploaded.json()) as Record<string, string>;
    expect(rest).toEqual({ appName: 'Edge Cam 摄像头', provider: 'ACME', version: '1.2.0' });

    const one = `${base}/${appId}/packages/${packageId}`;
    expect(await (await call('GET', base)).json()).toEqual([]);
    expect(await (await call('GET', one)).json()).toMatchObject({ status: 'Upload', type: 'Game' });
    expect((await call('GET', one, undefined, 'other')).status).toBe(404);
    expect((await call('POST', `${one}/action/publish`, undefined, 'other')).status).toBe(404);
    expect((await call('GET', `${one}/action/download`, undefined, '')).status).toBe(404);

    const published = await call('POST', `${one}/action/publish`);
    expect([published.status, await published.text()]).toEqual([200, 'Publish Success']);
    expect(await (await call('POST', `${one}/action/publish`)).text()).toBe('Publish Success');

    const apps = (await (
      await call('GET', `${base}?name=edge&affinity=X86`, undefined, '')
    ).json()) as unknown[];
    expect(apps).toMatchObject([
      {
        appId,
        name: 'Edge Cam 摄像头',
        shortDesc: 'Short',
        type: 'Game',
        status: 'Published',
        version: '1.2.0',
      },
    ]);
    expect(await (await call('GET', `${base}/${appId}`, undefined, '')).json()).toMatchObject({ appId });
    const list = (await (await call('GET', `${base}/${appId}/packages`, undefined, '')).json()) as {
      format: string;
    }[];
    expect(list).toMatchObject([{ packageId, status: 'Published', size: String(bytes.length) }]);
    const detail = (await (await call('GET', one, undefined, '')).json()) as { format: string };
    expect(detail.format).toContain('"name":"TOSCA-Metadata"');

    const content = await call('GET', `${one}/action/download`, undefined, '');
    const got = Buffer.from(await content.arrayBuffer());
    expect(createHash('sha256').update(got).digest('hex')).toBe(
      createHash('sha256').update(bytes).digest('hex'),
    );
    expect(content.headers.get('content-disposition')).toContain('.csar');
    const part = await fetch(`${origin}${one}/action/download`, { headers: { range: 'bytes=2-5' } });
    expect([part.status, Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(2, 6))]).toEqual([
      206,
      true,
    ]);
    expect((await call('GET', `${base}/${appId}/icon`, undefined, '')).status).toBe(302);

    expect((await call('DELETE', one)).status).toBe(200);
    expect((await call('GET', `${base}/${appId}`, undefined, '')).status).toBe(410);
  });

  it('refuses what is no package, an upload without a file, and a guest', async () => {
    const bad = await call('POST', base, form(Buffer.from('no zip')));
    expect(bad.status).toBe(422);
    expect(bad.headers.get('content-type')).toBe('application/problem+json');
    expect(await bad.json()).toMatchObject({ key: 'packages.errors.notAnArchive' });
    const empty = new FormData();
    empty.append('type', 'Game');
    expect((await call('POST', base, empty)).status).toBe(422);
    expect((await call('POST', base, form(Buffer.from('x')), '')).status).toBe(401);
  });

  it('takes in a package with stale hashes, and refuses to publish it', async () => {
    const target = await writeTree(join(room.dir, 'stale.csar'), await edgeGalleryTree('stale'));
    const response = await call('POST', base, form(readFileSync(target)));
    expect(response.status).toBe(200);
    const { appId, packageId } = (await response.json()) as Record<string, string>;
    const published = await call('POST', `${base}/${appId}/packages/${packageId}/action/publish`);
    expect(published.status).toBe(409);
    expect(await published.json()).toMatchObject({ key: 'packages.gates.unverified' });
  });
});
