import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startRegistry, type TestRegistry } from '../../../e2e/stacks/registry';
import { pushImage, testImage } from '../../../e2e/stacks/test-image';
import { guest } from '../../access/actor';
import { testContainers } from '../../containers/testing';
import { testRegistries } from '../../registries/testing';
import { ada, bob, openBench } from '../../workbench/testing';
import { houseWith } from '../testing';
import { restApp } from './app';
import type { House } from '../../house';

const v1 = '/mec/developer/v1/image';
const v2 = '/mec/developer/v2/containerimages';
const dir = mkdtempSync(join(tmpdir(), 'edgeyard-eg-images-'));
const chunkSize = 200_000;
const imageId = '4c22f069-e489-47cd-9c3c-e21741c857df';

let ours: Awaited<ReturnType<typeof testRegistries>>;
let theirs: TestRegistry;
let bench: Awaited<ReturnType<typeof openBench>>;
let at: ReturnType<typeof testContainers>;
let server: Server;
let origin = '';
let archive: Buffer;

beforeAll(async () => {
  ours = await testRegistries();
  await vi.waitFor(() => ours.room.of('workbench'), { timeout: 20_000 });
  theirs = await startRegistry({ tls: undefined });
  await pushImage(testImage({ version: '1' }), { url: theirs.url, repository: 'acme/web', tag: '1' });
  const file = join(dir, 'edge web.tar');
  const source = `docker://${new URL(theirs.url).host}/acme/web:1`;
  execFileSync('skopeo', ['copy', '--src-tls-verify=false', source, `docker-archive:${file}:a/web:1`]);
  archive = readFileSync(file);
  bench = await openBench();
  const { workbench } = bench;
  at = testContainers(ours.room, bench.db, [], {
    patienceMs: 300,
    canSee: (actor, id) => workbench.canSee(actor, id),
    isContainerProject: (id) => workbench.kindOf(id) === 'container',
  });
  at.jobs.run();
  const actors: Record<string, typeof ada> = { ada, bob };
  const house = houseWith({
    db: bench.db,
    workbench,
    containers: at.room,
    config: { publicUrl: undefined },
    log: { error: () => undefined },
    access: {
      users: { get: (id: string) => (id === ada.userId ? { name: 'Ada' } : undefined) },
      actorOf: (headers: Headers) => Promise.resolve(actors[headers.get('access_token') ?? ''] ?? guest),
    },
  } as unknown as Partial<House>);
  const answer = getRequestListener(restApp(house).fetch);
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await at.close();
  await theirs.stop();
  await ours.close();
  rmSync(dir, { recursive: true, force: true });
});

const total = () => Math.ceil(archive.length / chunkSize);

/** The form of a chunk, as vue-simple-uploader fills it. */
function chunk(chunkNumber: number, more: Record<string, string> = {}): FormData {
  const bytes = archive.subarray((chunkNumber - 1) * chunkSize, chunkNumber * chunkSize);
  const form = new FormData();
  for (const [name, value] of Object.entries({
    chunkNumber: String(chunkNumber),
    chunkSize: String(chunkSize),
    currentChunkSize: String(bytes.length),
    totalSize: String(archive.length),
    identifier: `${archive.length}-edgewebtar`,
    filename: 'edge web.tar',
    relativePath: 'edge web.tar',
    totalChunks: String(total()),
    ...more,
  })) {
    form.append(name, value);
  }
  form.append('file', new Blob([new Uint8Array(bytes)]), 'edge web.tar');
  return form;
}

async function call(
  method: string,
  path: string,
  body?: FormData | object,
  token = 'ada',
): Promise<Response> {
  const json = body !== undefined && !(body instanceof FormData);
  return await fetch(origin + path, {
    method,
    headers: { access_token: token, ...(json ? { 'content-type': 'application/json' } : {}) },
    ...(body === undefined ? {} : { body: json ? JSON.stringify(body) : body }),
  });
}

async function sendAll(path: string, more: Record<string, string> = {}): Promise<void> {
  const order = Array.from({ length: total() }, (_, i) => i + 1);
  [order[0], order[1]] = [2, 1];
  const answers = await Promise.all(order.map((n) => call('POST', path, chunk(n, more))));
  expect(answers.map(({ status }) => status)).toEqual(order.map(() => 200));
}

const list = async (ask: object = {}, token = 'ada') =>
  (await (await call('POST', `${v2}/action/get-all-images`, ask, token)).json()) as {
    results: { imageId: string; imageName: string; imageVersion: string }[];
    total: number;
  };
const guid = () => `${archive.length}-edgewebtar`;
const mergePath = () => `/merge?fileName=${encodeURIComponent('edge web.tar')}&guid=${guid()}`;

describe('EdgeGallery’s paths of container images', () => {
  it('v1: chunks and merge, into a project called as the file', async () => {
    await sendAll(`${v1}/upload`);
    const merged = await call('GET', `${v1}${mergePath()}`);
    expect([merged.status, await merged.text()]).toEqual([200, 'Merge Success']);
    expect((await call('GET', `${v1}${mergePath()}`, undefined, 'bob')).status).toBe(404);
    const [project, ...more] = bench.workbench.projects.list(ada);
    expect([project?.name, project?.kind, more]).toEqual(['edge web', 'container', []]);
    const found = await list({
      imageName: 'web',
      limit: 10,
      offset: 0,
      sortBy: 'createTime',
      sortOrder: 'DESC',
    });
    expect(found).toEqual({
      limit: 10,
      offset: 0,
      total: 1,
      results: [
        {
          imageId: expect.stringMatching(/^ctr_/) as unknown,
          imageName: 'a/web',
          imageVersion: '1',
          userId: ada.userId,
          userName: 'Ada',
          uploadTime: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
          createTime: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
          imageStatus: 'UPLOAD_SUCCEED',
          imageType: 'private',
          imagePath: 'a/web:1',
          fileName: 'edge web.tar',
        },
      ],
    });
    expect((await list({}, 'bob')).total).toBe(0);
  });

  it('v2: the same under an id of the sender’s; what is there is a success and stays one image', async () => {
    const before = await list();
    await sendAll(`${v2}/${imageId}/action/upload`);
    const merged = await call('GET', `${v2}/${imageId}/action${mergePath()}`);
    expect(await merged.json()).toMatchObject({ imageName: 'a/web', imageVersion: '1' });
    expect((await list()).results.map((image) => image.imageId)).toEqual(
      before.results.map((image) => image.imageId),
    );
    expect(await (await call('GET', `${v2}/action/synchronize`)).json()).toBe(true);
  });

  it('v2: download, change, remove', async () => {
    const answer = await call('GET', `${v2}/${imageId}/action/download`);
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="a-web-1.tar"');
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(String(bytes.length)).toBe(answer.headers.get('content-length'));
    const file = join(dir, 'got.tar');
    writeFileSync(file, bytes);
    const raw = execFileSync('skopeo', ['inspect', '--raw', `oci-archive:${file}`]);
    const [project] = bench.workbench.projects.list(ada);
    const [stored] = at.room.list(ada, project?.id ?? '');
    expect(`sha256:${createHash('sha256').update(raw).digest('hex')}`).toBe(stored?.digest);
    expect((await call('GET', `${v2}/${stored?.id}/action/download`, undefined, 'bob')).status).toBe(404);

    const open = await call('PUT', `${v2}/${stored?.id}`, { imageType: 'public' });
    expect(await open.json()).toMatchObject({ status: 409, key: 'containers.errors.neverPublic' });
    const changed = await call('PUT', `${v2}/${stored?.id}`, { imageName: 'b/web', imageVersion: '2' });
    const { imageId: now } = (await changed.json()) as { imageId: string };
    expect((await list()).results).toMatchObject([{ imageId: now, imageName: 'b/web', imageVersion: '2' }]);
    expect((await call('DELETE', `${v2}/${now}`, undefined, 'bob')).status).toBe(404);
    expect(await (await call('DELETE', `${v2}/${now}`)).json()).toBe(true);
    expect((await list()).total).toBe(0);
  });

  it('takes a project that is named, and cancels', async () => {
    const [project] = bench.workbench.projects.list(ada);
    const to = `${v2}/other/action/upload?projectId=${project?.id}`;
    expect((await call('POST', to, chunk(1), 'bob')).status).toBe(404);
    expect((await call('POST', to, chunk(1))).status).toBe(200);
    const early = await call('GET', `${v2}/other/action${mergePath()}`);
    expect(await early.json()).toMatchObject({ status: 409, key: 'containers.errors.chunksMissing' });
    expect(await (await call('DELETE', `${v2}/other/action/upload`)).json()).toBe(true);
    expect((await call('GET', `${v2}/other/action${mergePath()}`)).status).toBe(404);
  });

  it.each<[string, number, Record<string, string>]>([
    ['chunkField', 422, { filename: '../../etc/passwd' }],
    ['chunkField', 422, { identifier: '../x' }],
    ['chunkField', 422, { chunkNumber: 'one' }],
    ['chunkSizes', 422, { currentChunkSize: '7' }],
    ['chunkSizes', 422, { totalChunks: '1' }],
    ['chunkOrder', 409, { chunkNumber: '2', identifier: 'fresh' }],
  ])('refuses by name: %s %i %o', async (rule, status, more) => {
    const answer = await call('POST', `${v1}/upload`, chunk(1, more));
    expect(await answer.json()).toMatchObject({ status, key: `containers.errors.${rule}` });
  });

  it('refuses a form without file, and a guest', async () => {
    const form = chunk(1);
    form.delete('file');
    expect(await (await call('POST', `${v1}/upload`, form)).json()).toMatchObject({
      key: 'containers.errors.chunkField',
      params: { field: 'file' },
    });
    expect((await call('POST', `${v1}/upload`, chunk(1), '')).status).toBe(401);
  });
});
