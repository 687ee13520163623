import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { guest } from '../access/actor';
import { developer, testPackages } from '../packages/testing';
import { asProblem, problemStatus } from '../problem';
import type { PublishResult } from './schemas';
import { testStorePorts } from './testing';
import { openStore, type Store } from './store';

const owner = developer('owner');

let room: ReturnType<typeof testPackages>;
let store: Store;
let server: Server;
let origin = '';
let published: PublishResult;

beforeAll(async () => {
  room = testPackages();
  store = openStore(testStorePorts(room).ports);
  const job = await room.packages.build(owner, room.project.id, { version: '1.0' });
  await room.done(job);
  published = (await room.done(await store.publish(owner, job.subject.id, {}))).result as PublishResult;
  server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname;
    const route = store.rawRoutes.find((each) => each.matches(request.method ?? '', path));
    if (!route) return response.writeHead(404).end();
    return void route.handle(request, response, guest).catch((error: unknown) => {
      response.writeHead(problemStatus[asProblem(error).code]).end();
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

const content = (headers: Record<string, string> = {}) =>
  fetch(`${origin}/api/v1/store/releases/${published.releaseId}/content`, { headers });

it('lets guests download, and counts each download once, however often it is cut', async () => {
  const bytes = Buffer.from(await (await content()).arrayBuffer());
  expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(published.digest);
  const rest = await content({ range: 'bytes=100-' });
  expect([rest.status, (await rest.arrayBuffer()).byteLength]).toEqual([206, bytes.length - 100]);
  await fetch(`${origin}/api/v1/store/releases/${published.releaseId}/content`, { method: 'HEAD' });
  expect(store.app(guest, published.appId)).toMatchObject({ downloads: 1 });
  expect(store.release(published.releaseId).downloads).toBe(1);
});

it('sends a drawn icon that cannot run a script', async () => {
  const icon = await fetch(`${origin}/api/v1/store/apps/${published.appId}/icon`);
  expect(icon.headers.get('content-type')).toBe('image/svg+xml');
  expect(icon.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(icon.headers.get('content-security-policy')).toContain('sandbox');
  expect((await fetch(`${origin}/api/v1/store/apps/app_none/icon`)).status).toBe(404);
  expect((await fetch(`${origin}/api/v1/store/proofs/none/screenshot`)).status).toBe(404);
});

it('says 410 for what was taken down', async () => {
  store.unpublish(owner, published.releaseId);
  expect((await content()).status).toBe(410);
});
