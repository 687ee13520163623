import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { Problem } from '../../problem';
import type { Cloud } from './cloud';
import { novaVersionHeaders, openCloud, type CloudOptions } from './session';
import { cutInTheMiddle, hang, json, openTestingCloud, type TestingCloud } from './testing-cloud';

const servers = z.object({ servers: z.array(z.object({ id: z.string() })) });
const list = { service: 'compute', path: '/servers', schema: servers } as const;
const answered = json(200, { servers: [{ id: 'a' }] });

let remote: TestingCloud;
const opened: Cloud[] = [];

beforeEach(async () => {
  remote = await openTestingCloud();
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((cloud) => cloud.close()));
  await remote.close();
});

function open(options: CloudOptions = {}, change: Partial<TestingCloud['access']['login']> = {}): Cloud {
  const access = { ...remote.access, login: { ...remote.access.login, ...change } };
  const cloud = openCloud(access, { backOffMs: 1, ...options });
  opened.push(cloud);
  return cloud;
}

async function problemOf(promise: Promise<unknown>): Promise<Problem> {
  return (await promise.then(
    () => expect.unreachable('it succeeded'),
    (error: unknown) => error,
  )) as Problem;
}

describe('logins', () => {
  it.each(['', '/', '/v3', '/v3/', '//'])('take an address that ends with “%s”', async (end) => {
    const cloud = open({}, { authUrl: remote.access.login.authUrl + end });
    expect(await cloud.who()).toMatchObject({
      projectId: 'p1',
      userId: 'u1',
      region: 'One',
      roles: ['member'],
    });
  });

  it('happen once for all who wait', async () => {
    const cloud = open();
    await Promise.all([cloud.who(), cloud.who(), cloud.has('image'), cloud.who()]);
    expect(remote.logins).toHaveLength(1);
  });

  it('are renewed before the token ends', async () => {
    let now = Date.now();
    const cloud = open({ now: () => now });
    await cloud.who();
    now += 54 * 60_000;
    await cloud.who();
    expect(remote.logins).toHaveLength(1);
    now += 2 * 60_000;
    await cloud.who();
    expect(remote.logins).toHaveLength(2);
  });

  it('are not repeated at once with a password that was refused: accounts lock', async () => {
    let now = Date.now();
    const wrong = openCloud({ ...remote.access, secret: 'wrong' }, { backOffMs: 1, now: () => now });
    opened.push(wrong);
    expect(await problemOf(wrong.who())).toMatchObject({ key: 'openstack.errors.wrongPassword' });
    const asked = remote.logins.length;
    await problemOf(wrong.who());
    expect(remote.logins).toHaveLength(asked);
    now += 60_000;
    await problemOf(wrong.who());
    expect(remote.logins.length).toBeGreaterThan(asked);
  });

  it('tell a wrong project from a wrong password, and name the projects there are', async () => {
    remote.on(
      /GET \/identity\/v3\/auth\/projects/,
      json(200, { projects: [{ name: 'yard' }, { name: 'lab' }] }),
    );
    const problem = await problemOf(open({}, { projectName: 'nowhere' }).who());
    expect(problem.key).toBe('openstack.errors.wrongProject');
    expect(problem.params).toMatchObject({ project: 'nowhere', has: 'yard, lab' });
  });

  it('say when the address is not keystone’s', async () => {
    remote.on(/POST .*tokens/, json(404, 'nothing here'));
    const problem = await problemOf(open().who());
    expect(problem.key).toBe('openstack.errors.notKeystone');
  });

  it('say that an account wants a second factor', async () => {
    remote.on(/POST .*tokens/, json(401, {}, { 'openstack-auth-receipt': 'r' }));
    expect((await problemOf(open().who())).key).toBe('openstack.errors.secondFactor');
  });

  it('by application credential name no project and no user', async () => {
    const cloud = open({}, { method: 'applicationCredential', credentialId: 'c1', userName: 'dev' });
    await cloud.who();
    expect(JSON.parse(remote.logins[0] ?? '')).toEqual({
      auth: {
        identity: {
          methods: ['application_credential'],
          application_credential: { id: 'c1', secret: remote.access.secret },
        },
      },
    });
  });

  it('go on for others when one caller gives up', async () => {
    const cloud = open();
    const given = new AbortController();
    const first = cloud.who(given.signal);
    const second = cloud.who();
    given.abort();
    await expect(first).rejects.toThrow('aborted');
    expect(await second).toMatchObject({ projectId: 'p1' });
  });
});

describe('the catalogue', () => {
  const endpoint = (url: string, region = 'One', kind = 'public') => ({ interface: kind, region, url });

  it('is read by type: services without a name and of the same name are found', async () => {
    remote.catalogue = (remote.catalogue as { name: string }[]).map((entry) => ({ ...entry, name: 'same' }));
    delete (remote.catalogue[0] as { name?: string }).name;
    remote.on(/GET \/compute\/v2.1\/servers/, answered);
    expect(await open().ask(list)).toEqual({ servers: [{ id: 'a' }] });
  });

  it.each([
    ['noRegion', { region: 'Two' }, { region: 'Two', has: 'One' }],
    ['noInterface', { interface: 'internal' }, { interface: 'internal', has: 'public' }],
  ] as const)('says what it has: %s', async (key, change, params) => {
    const problem = await problemOf(open({}, change).ask(list));
    expect(problem.key).toBe(`openstack.errors.${key}`);
    expect(problem.params).toMatchObject(params);
  });

  it('says when a service is missing, and asks for a region where there are several', async () => {
    remote.catalogue = [
      { type: 'compute', endpoints: [endpoint('http://x/v2.1'), endpoint('http://y/v2.1', 'Two')] },
    ];
    const problem = await problemOf(open().ask({ ...list, service: 'image' }));
    expect(problem.params).toEqual({ service: 'glance', has: 'compute' });
    expect((await problemOf(open({}, { region: '' }).ask(list))).key).toBe('openstack.errors.manyRegions');
    expect(await open().has('image')).toBe(false);
  });

  it('may write addresses with and without version', async () => {
    const root = remote.access.login.authUrl.replace('/identity', '');
    remote.catalogue = [
      { type: 'compute', endpoints: [endpoint(`${root}/compute/v2/p1/`)] },
      { type: 'image', endpoints: [endpoint(`${root}/image/v2/`)] },
      { type: 'network', endpoints: [endpoint(`${root}/network/v2.0`)] },
    ];
    const cloud = open();
    remote.on(/ \/(compute\/v2.1\/p1\/servers|image\/v2\/images|network\/v2.0\/ports)$/, answered);
    await cloud.ask(list);
    await cloud.ask({ ...list, service: 'image', path: '/v2/images' });
    await cloud.ask({ ...list, service: 'network', path: '/v2.0/ports' });
  });
});

describe('microversions', () => {
  it.each([
    ['2.93', { 'openstack-api-version': 'compute 2.87' }],
    ['2.87', { 'openstack-api-version': 'compute 2.87' }],
    ['2.60', { 'openstack-api-version': 'compute 2.60' }],
    ['2.12', { 'x-openstack-nova-api-version': '2.12' }],
    ['', {}],
  ])('of a nova that knows %s at most', (newest, headers) => {
    expect(novaVersionHeaders(newest)).toEqual(headers);
  });

  it('are asked for once, and never beyond 2.87', async () => {
    remote.on(/servers/, answered);
    const cloud = open();
    await cloud.ask(list);
    await cloud.ask(list);
    expect(remote.asked.filter(({ path }) => path === '/compute/v2.1/')).toHaveLength(1);
    expect(remote.asked.at(-1)?.headers['openstack-api-version']).toBe('compute 2.87');
  });
});

describe('faults on the way', () => {
  it('renews a token that died in mid-session, once', async () => {
    const cloud = open();
    await cloud.who();
    remote.revoke();
    expect(await cloud.find({ ...list, path: '/servers/gone' })).toBeUndefined();
    expect(remote.logins).toHaveLength(2);
    remote.on(/GET .*servers/, json(401, {}));
    expect((await problemOf(cloud.ask(list))).key).toBe('openstack.errors.loginLost');
    expect(remote.logins).toHaveLength(3);
  });

  it.each([429, 500, 502, 503, 504])('asks again after %d, and gives up after four times', async (status) => {
    const cloud = open();
    remote.on(/servers/, answered);
    remote.on(/servers/, json(status, {}), 3);
    expect(await cloud.ask(list)).toEqual({ servers: [{ id: 'a' }] });
    remote.on(/servers/, json(status, 'down'));
    const before = remote.asked.length;
    expect(await problemOf(cloud.ask(list))).toMatchObject({ detail: 'down' });
    expect(remote.asked.length - before).toBe(4);
  });

  it('waits as long as Retry-After says, but not for ever', async () => {
    const cloud = open();
    remote.on(/servers/, answered);
    remote.on(/servers/, json(503, {}, { 'retry-after': '1' }), 1);
    const start = Date.now();
    await cloud.ask(list);
    expect(Date.now() - start).toBeGreaterThan(950);
    remote.on(/servers/, json(429, {}, { 'retry-after': '3600' }));
    expect(await problemOf(cloud.ask(list))).toMatchObject({
      code: 'too_many',
      key: 'openstack.errors.rateLimited',
    });
  });

  it('does not repeat a POST, but after a limit, which has done nothing yet', async () => {
    const cloud = open();
    const post = { service: 'compute', method: 'POST', path: '/servers', body: {}, schema: servers } as const;
    remote.on(/POST .*servers/, json(502, {}));
    expect((await problemOf(cloud.ask(post))).key).toBe('openstack.errors.unavailable');
    expect(remote.asked.filter(({ method }) => method === 'POST')).toHaveLength(1);
    remote.on(/POST .*servers/, answered);
    remote.on(/POST .*servers/, json(413, {}, { 'retry-after': '0' }), 1);
    expect(await cloud.ask(post)).toEqual({ servers: [{ id: 'a' }] });
  });

  it('asks again when the connection is cut in the middle', async () => {
    const cloud = open();
    remote.on(/servers/, answered);
    remote.on(/servers/, cutInTheMiddle, 2);
    expect(await cloud.ask(list)).toEqual({ servers: [{ id: 'a' }] });
    remote.on(/servers/, cutInTheMiddle);
    expect((await problemOf(cloud.ask(list))).key).toBe('openstack.errors.cut');
  });

  it('gives up on a cloud that does not answer', async () => {
    const cloud = open();
    remote.on(/servers/, hang);
    const problem = await problemOf(cloud.ask({ ...list, timeoutMs: 200 }));
    expect(problem).toMatchObject({
      key: 'openstack.errors.timeout',
      params: { service: 'nova', seconds: 1 },
    });
  });

  it('stops at once when it is aborted: asking, and waiting to ask again', async () => {
    const cloud = open({ backOffMs: 60_000 });
    remote.on(/servers/, hang, 1);
    const first = new AbortController();
    const asked = cloud.ask({ ...list, signal: first.signal });
    await vi.waitFor(() => expect(remote.asked.some(({ path }) => path.endsWith('/servers'))).toBe(true));
    first.abort();
    await expect(asked).rejects.toThrow('aborted');
    remote.on(/servers/, json(503, {}, { 'retry-after': '20' }));
    const second = new AbortController();
    const waiting = cloud.ask({ ...list, signal: second.signal });
    const before = remote.asked.length;
    await vi.waitFor(() => expect(remote.asked.length).toBeGreaterThan(before));
    second.abort();
    await expect(waiting).rejects.toThrow('aborted');
  });

  it.each([
    ['<html>a proxy’s page</html>', 'not JSON'],
    ['{"servers": "none"}', 'servers'],
    ['', 'not JSON'],
  ])('says what is wrong with the answer %s', async (body, why) => {
    remote.on(/servers/, json(200, body));
    const problem = await problemOf(open().ask(list));
    expect(problem.key).toBe('openstack.errors.badAnswer');
    expect(problem.detail).toContain(why);
  });

  it('tells a port where nothing listens from a name that does not exist', async () => {
    const refused = await problemOf(open({}, { authUrl: 'http://127.0.0.1:9' }).who());
    expect(refused).toMatchObject({ key: 'openstack.errors.refused', params: { address: '127.0.0.1:9' } });
    const unknown = await problemOf(open({}, { authUrl: 'http://nowhere.invalid:5000' }).who());
    expect(unknown).toMatchObject({ key: 'openstack.errors.dns', params: { host: 'nowhere.invalid' } });
    const plain = await problemOf(
      open({}, { authUrl: remote.access.login.authUrl.replace('http:', 'https:') }).who(),
    );
    expect(plain.key).toBe('openstack.errors.tlsNone');
  });

  it('follows no redirect: the token stays with the cloud', async () => {
    remote.on(/servers/, json(302, '', { location: 'http://elsewhere.invalid/' }));
    expect(await problemOf(open().ask(list))).toMatchObject({
      key: 'openstack.errors.redirected',
      params: { to: 'http://elsewhere.invalid/' },
    });
  });

  it('counts 404 as done for DELETE alone', async () => {
    const cloud = open();
    await cloud.send({ service: 'compute', method: 'DELETE', path: '/servers/gone' });
    const post = await problemOf(
      cloud.send({ service: 'compute', method: 'POST', path: '/servers/gone/action' }),
    );
    expect(post.key).toBe('openstack.errors.notFound');
  });

  it('puts neither password nor token into what it throws or logs', async () => {
    const warn = vi.fn();
    const cloud = open({ log: { warn } });
    await cloud.who();
    const echo = `no: ${remote.access.secret} token-1`;
    remote.on(/servers/, json(503, echo));
    const problems = [await problemOf(cloud.ask(list))];
    remote.on(/POST .*tokens/, json(400, echo));
    problems.push(await problemOf(open({ log: { warn } }).who()));
    expect(problems.map((problem) => problem.detail)).toEqual([
      'no: [hidden] [hidden]',
      'no: [hidden] token-1',
    ]);
    expect(warn).toHaveBeenCalled();
    const { inspect } = await import('node:util');
    const words = inspect([problems, warn.mock.calls], { depth: 20, showHidden: true });
    expect(words).not.toContain(remote.access.secret);
  });
});
