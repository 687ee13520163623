import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { request as ask } from 'undici';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { guest, type Actor } from '../access/actor';
import { asProblem, problemStatus } from '../problem';
import { edgeGalleryTree, writeTree } from './csar/foreign-fixture';
import { developer, testPackages } from './testing';

let room: ReturnType<typeof testPackages>;
let server: Server;
let origin = '';
let bytes: Buffer;

beforeAll(async () => {
  room = testPackages();
  room.jobs.run();
  bytes = readFileSync(await writeTree(join(room.dir, 'eg.csar'), await edgeGalleryTree('true')));
  server = createServer((request, response) => {
    const user = request.headers['x-user'];
    const actor: Actor = user === undefined ? guest : developer(String(user));
    const path = new URL(request.url ?? '/', 'http://x').pathname;
    const route = room.packages.rawRoutes.find((each) => each.matches(request.method ?? '', path));
    if (!route) return response.writeHead(404).end();
    return void route.handle(request, response, actor).catch((error: unknown) => {
      const problem = asProblem(error);
      response.writeHead(problemStatus[problem.code]).end(problem.key);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await room.close();
});

const tus = { 'tus-resumable': '1.0.0' };
const meta = (name: string, projectId?: string) =>
  [
    `filename ${Buffer.from(name).toString('base64')}`,
    ...(projectId === undefined ? [] : [`projectId ${Buffer.from(projectId).toString('base64')}`]),
  ].join(',');

function create(user: string, size: number, metadata = meta('eg.csar')) {
  return fetch(`${origin}/api/v1/packages/uploads`, {
    method: 'POST',
    headers: { ...tus, 'x-user': user, 'upload-length': String(size), 'upload-metadata': metadata },
  });
}

function send(user: string, url: string, offset: number, body: Buffer) {
  return fetch(url, {
    method: 'PATCH',
    headers: {
      ...tus,
      'x-user': user,
      'upload-offset': String(offset),
      'content-type': 'application/offset+octet-stream',
    },
    body: new Uint8Array(body),
  });
}

describe('resumable uploads', () => {
  it('takes a package in two pieces, and checks it', async () => {
    const created = await create('sender', bytes.length);
    expect(created.status).toBe(201);
    const url = new URL(created.headers.get('location') ?? '', `${origin}/api/v1/packages/uploads`).href;
    const id = url.split('/').at(-1) ?? '';
    expect((await send('sender', url, 0, bytes.subarray(0, 700))).status).toBe(204);
    const asked = await fetch(url, { method: 'HEAD', headers: { ...tus, 'x-user': 'sender' } });
    expect(asked.headers.get('upload-offset')).toBe('700');
    expect((await send('other', url, 700, bytes.subarray(700))).status).toBe(404);
    expect((await send('sender', url, 700, bytes.subarray(700))).status).toBe(204);
    await vi.waitFor(() => {
      expect(room.packages.get(developer('sender'), id)).toMatchObject({
        state: 'ready',
        verification: 'verified',
        digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
      });
    });
    expect(readdirSync(join(room.ports.dir, 'incoming'))).toEqual([]);
    expect(room.audit.map((entry) => entry.action)).toEqual(['packages.upload']);
  });

  it('refuses guests, nothing, too much, and other people’s projects before the first byte', async () => {
    const anonymous = await fetch(`${origin}/api/v1/packages/uploads`, { method: 'POST', headers: tus });
    expect(anonymous.status).toBe(401);
    expect((await create('sender', 0)).status).toBe(422);
    const much = await create('sender', 65 * 1024 ** 3);
    expect([much.status, await much.text()]).toEqual([413, 'packages.errors.contentTooLarge']);
    const stranger = await create('sender', 10, meta('a.csar', room.project.id));
    expect([stranger.status, await stranger.text()]).toEqual([404, 'packages.errors.noProject']);
  });

  it('removes what came of a cancelled upload', async () => {
    const created = await create('sender', bytes.length);
    const url = new URL(created.headers.get('location') ?? '', `${origin}/api/v1/packages/uploads`).href;
    await send('sender', url, 0, bytes.subarray(0, 10));
    const ended = await fetch(url, { method: 'DELETE', headers: { ...tus, 'x-user': 'sender' } });
    expect(ended.status).toBe(204);
    expect(readdirSync(join(room.ports.dir, 'incoming'))).toEqual([]);
    const id = url.split('/').at(-1) ?? '';
    expect(() => room.packages.get(developer('sender'), id)).toThrow('noPackageHere');
  });
});

describe('downloads', () => {
  const get = (id: string, headers: Record<string, string> = {}) =>
    fetch(`${origin}/api/v1/packages/${id}/content`, { headers: { 'x-user': 'owner', ...headers } });

  it('sends the package with Range, ETag and digest, to those who may see it', async () => {
    const job = await room.packages.build(developer('owner'), room.project.id, { version: '1.0' });
    await room.done(job);
    const { id } = job.subject;
    const made = room.packages.get(developer('owner'), id);
    const whole = await get(id);
    const body = Buffer.from(await whole.arrayBuffer());
    const hex = (made.digest ?? '').replace('sha256:', '');
    expect(createHash('sha256').update(body).digest('hex')).toBe(hex);
    expect(whole.headers.get('etag')).toBe(`"${hex}"`);
    expect(whole.headers.get('repr-digest')).toBe(`sha-256=:${Buffer.from(hex, 'hex').toString('base64')}:`);
    expect(whole.headers.get('content-disposition')).toContain('Edge_Cam-1.0.csar');

    const rest = await get(id, { range: `bytes=${body.length - 10}-`, 'if-range': `"${hex}"` });
    expect([rest.status, Buffer.from(await rest.arrayBuffer()).equals(body.subarray(-10))]).toEqual([
      206,
      true,
    ]);
    // Not by fetch, which adds `Cache-Control: no-cache` and so asks for the whole.
    const same = await ask(`${origin}/api/v1/packages/${id}/content`, {
      headers: { 'x-user': 'owner', 'if-none-match': `"${hex}"` },
    });
    expect(same.statusCode).toBe(304);
    const beyond = await get(id, { range: `bytes=${body.length}-` });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${body.length}`]);

    expect((await get(id, { 'x-user': 'stranger' })).status).toBe(404);
    expect((await fetch(`${origin}/api/v1/packages/${id}/content`)).status).toBe(401);
  });
});
