import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { guest, scopes, type Actor, type Role } from '../../access/actor';
import type { House } from '../../house';
import { memoryStore, testRelease, testSync } from '../../operations/sync/testing';
import { houseWith } from '../testing';
import { restApp } from './app';
import type { RestApp } from './route';

const user = (role: Role): Actor => ({ userId: role, name: role, role, scopes, via: 'token' });
const actors: Record<string, Actor> = {
  developer: user('developer'),
  operator: user('operator'),
  admin: user('admin'),
};
const registrySet: unknown[] = [];

let dir: string;
let room: ReturnType<typeof testSync>;
let app: RestApp;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'edgeyard-mec-'));
  room = testSync(memoryStore([await testRelease(dir)]).source);
  await room.sync.open();
  room.jobs.run();
  const shown = { role: 'operations', address: '127.0.0.1:5000', prefix: 'operations' };
  app = restApp(
    houseWith({
      db: room.db,
      jobs: room.jobs,
      operations: { sync: room.sync },
      registries: {
        list: () => [shown],
        adminList: () => Promise.resolve([{ ...shown, config: { user: 'eg' } }]),
        set: (_actor: unknown, ...what: unknown[]) => Promise.resolve(registrySet.push(what)),
      },
      access: {
        actorOf: (headers: Headers) => Promise.resolve(actors[headers.get('access_token') ?? ''] ?? guest),
      },
    } as unknown as Partial<House>),
  );
});

afterEach(async () => {
  await room.close();
  rmSync(dir, { recursive: true, force: true });
});

async function send(method: string, path: string, as: string, body?: unknown) {
  const answer = await app.request(path, {
    method,
    headers: { access_token: as, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: (text === '' ? undefined : JSON.parse(text)) as unknown };
}

const words = {
  appId: 'app-web',
  packageId: 'web-1.0',
  name: 'web',
  provider: 'ACME',
  version: '1.0',
  type: 'Other',
  affinity: 'X86',
  industry: 'Other',
  shortDesc: '',
};
const status = {
  ...words,
  appstoreIp: '127.0.0.1',
  appstoreEndpoint: '',
  size: expect.stringMatching(/^\d+$/) as string,
  testTaskId: '',
  status: 'Published',
  operationalInfo: '',
  createTime: '1970-01-01T00:00:00.001Z',
};

describe('apm', () => {
  it('lists what a store has', async () => {
    expect(await send('GET', '/apm/v1/apps/info/appstores/127.0.0.1', 'developer')).toEqual({
      status: 200,
      body: [{ id: expect.stringMatching(/^srel_/) as string, ...words }],
    });
    expect(await send('GET', '/apm/v1/apps/info/appstores/192.0.2.1', 'developer')).toMatchObject({
      status: 404,
    });
  });

  it('syncs, and says of each what became of it', async () => {
    const wanted = { appstoreIp: '127.0.0.1', appId: 'app-web', packageId: 'web-1.0' };
    const unknown = { ...wanted, packageId: 'web-9' };
    expect(await send('POST', '/apm/v1/apps/sync', 'operator', [wanted, unknown])).toEqual({
      status: 202,
      body: [
        { ...wanted, status: 'accepted' },
        { ...unknown, status: 'There is no such release in the catalogues.' },
      ],
    });
    const one = '/apm/v1/apps/app-web/packages/web-1.0/syncstatus';
    await vi.waitFor(async () =>
      expect(await send('GET', one, 'developer')).toEqual({
        status: 200,
        body: { ...status, syncStatus: 'IN_SYNC' },
      }),
    );
    expect(await send('GET', '/apm/v1/apps/syncstatus', 'developer')).toEqual({
      status: 200,
      body: [{ ...status, syncStatus: 'IN_SYNC' }],
    });
  });

  it('takes one to four hundred, and of operators only', async () => {
    const one = { appstoreIp: '127.0.0.1', appId: 'a', packageId: 'p' };
    expect((await send('POST', '/apm/v1/apps/sync', 'operator', [])).status).toBe(422);
    expect(
      (
        await send(
          'POST',
          '/apm/v1/apps/sync',
          'operator',
          Array.from({ length: 401 }, () => one),
        )
      ).status,
    ).toBe(422);
    expect((await send('POST', '/apm/v1/apps/sync', 'developer', [one])).status).toBe(403);
    expect((await send('GET', '/apm/v1/apps/syncstatus', '')).status).toBe(401);
  });
});

describe('the inventory', () => {
  const store = {
    appstoreIp: '192.0.2.7',
    appstorePort: '30099',
    appstoreName: 'Gallery',
    appstoreRepo: '192.0.2.7:443',
    appstoreRepoName: 'appstore',
    appstoreRepoUserName: 'admin',
    appstoreRepoPassword: 'Harbor12345',
    producer: 'EdgeGallery',
  };

  it.each(['/inventory/v1', '/inventory/v1/tenants/t1'])('keeps stores below %s', async (base) => {
    const all = `${base}/appstores`;
    expect(await send('POST', all, 'admin', store)).toEqual({ status: 200, body: { response: 'Saved' } });
    const shown = { ...store, appstoreRepoPassword: '' };
    expect(await send('GET', `${all}/192.0.2.7`, 'developer')).toEqual({ status: 200, body: shown });
    const own = {
      appstoreIp: '127.0.0.1',
      appstorePort: '',
      appstoreName: 'This Edgeyard',
      appstoreRepo: '',
      appstoreRepoName: '',
      appstoreRepoUserName: '',
      appstoreRepoPassword: '',
      producer: '',
    };
    expect(await send('GET', all, 'developer')).toEqual({ status: 200, body: [own, shown] });
    const changed = { ...store, appstoreName: 'Other', appstoreRepoPassword: '', producer: 'ACME' };
    expect(await send('PUT', `${all}/192.0.2.7`, 'admin', changed)).toEqual({
      status: 200,
      body: { response: 'Updated' },
    });
    expect(await send('GET', `${all}/192.0.2.7`, 'developer')).toMatchObject({ body: changed });
    expect(room.sync.stores.list()[1]).toMatchObject({ kind: 'edgegallery', hasRegistryPassword: true });
    expect(await send('DELETE', `${all}/192.0.2.7`, 'admin')).toEqual({
      status: 200,
      body: { response: 'Deleted' },
    });
    expect((await send('POST', all, 'operator', store)).status).toBe(403);
    expect((await send('POST', all, 'admin', { ...store, appstoreRepoName: 'A b' })).status).toBe(422);
  });

  it('tells of the registry of operations, and sets it', async () => {
    const repo = {
      repoEndPoint: '127.0.0.1:5000',
      repoName: 'operations',
      repoUserName: 'eg',
      repoPassword: '',
    };
    expect(await send('GET', '/inventory/v1/apprepos', 'admin')).toEqual({ status: 200, body: [repo] });
    const one = '/inventory/v1/apprepos/127.0.0.1:5000';
    expect(await send('GET', one, 'admin')).toEqual({ status: 200, body: repo });
    // Whom the registry lets in is a setting, and settings are for administrators.
    const known = { ...repo, repoUserName: '' };
    expect(await send('GET', '/inventory/v1/apprepos', 'developer')).toEqual({ status: 200, body: [known] });
    expect(await send('GET', one, 'operator')).toEqual({ status: 200, body: known });
    expect(await send('GET', '/inventory/v1/apprepos/other:1', 'developer')).toMatchObject({ status: 404 });
    const next = {
      repoEndPoint: '192.0.2.8:443',
      repoName: '',
      repoUserName: 'admin',
      repoPassword: 'Harbor12345',
    };
    expect(await send('PUT', one, 'admin', next)).toEqual({ status: 200, body: { response: 'Updated' } });
    expect(registrySet).toContainEqual([
      'operations',
      expect.objectContaining({
        config: { url: 'https://192.0.2.8:443', prefix: '', user: 'admin' },
        password: 'Harbor12345',
      }),
    ]);
    expect(await send('DELETE', one, 'admin')).toEqual({ status: 200, body: { response: 'Deleted' } });
    expect(registrySet).toContainEqual(['operations', { kind: 'bundled' }]);
  });
});

describe('our own paths', () => {
  it('keep stores, tell of releases, and start syncs', async () => {
    const made = await send('POST', '/api/v1/stores', 'admin', {
      kind: 'edgeyard',
      name: 'Far',
      url: 'https://far.example',
      token: 'eyt_secret',
    });
    expect(made).toMatchObject({ status: 201, body: { hasToken: true, rules: [], everyMinutes: null } });
    expect(JSON.stringify(made)).not.toContain('eyt_secret');
    const { id } = made.body as { id: string };
    const rules = [{ provider: 'ACME' }];
    expect(await send('PATCH', `/api/v1/stores/${id}`, 'admin', { rules, everyMinutes: 60 })).toMatchObject({
      body: { rules: [{ provider: 'ACME', name: '*', newestOnly: true }], everyMinutes: 60 },
    });
    // What is absent stays.
    expect(await send('PATCH', `/api/v1/stores/${id}`, 'admin', { name: 'Near' })).toMatchObject({
      body: { name: 'Near', everyMinutes: 60, rules: [{ provider: 'ACME' }] },
    });
    expect((await send('POST', '/api/v1/stores/own/refresh', 'operator')).status).toBe(202);
    const { body } = await send('GET', '/api/v1/releases?storeId=own&change=new', 'developer');
    const [release] = (body as { releases: { id: string }[] }).releases;
    const page = async (offset: number) =>
      await send('GET', `/api/v1/releases?limit=1&offset=${offset}`, 'developer');
    const { total } = (await page(0)).body as { total: number };
    expect(await page(0)).toMatchObject({ body: { releases: [{ storeId: 'own' }] } });
    expect((await page(total)).body).toEqual({ releases: [], total });
    expect((await send('GET', '/api/v1/releases?limit=0', 'developer')).status).toBe(422);
    const started = await send('POST', '/api/v1/sync', 'operator', { releaseIds: [release?.id] });
    expect(started).toMatchObject({ status: 202, body: { jobs: [{ kind: 'release.sync' }] } });
    const path = `/api/v1/releases/${release?.id}`;
    await vi.waitFor(async () =>
      expect(await send('GET', path, 'developer')).toMatchObject({ body: { state: 'inSync' } }),
    );
    expect((await send('DELETE', path, 'operator')).status).toBe(204);
    expect((await send('DELETE', `/api/v1/stores/${id}`, 'admin')).status).toBe(204);
    expect((await send('DELETE', '/api/v1/stores/own', 'admin')).status).toBe(403);
  });
});
