/** The session on a real OpenStack: logins of every kind, services, faults and certificates. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Problem } from '../../problem';
import type { Cloud, Service } from './cloud';
import type { OpenStackAccess, OpenStackLogin } from './login';
import { pkgcloudCompute } from './pkgcloud';
import { openCloud, type CloudOptions } from './session';
import { testAccess } from './testing-login';
import { openWire } from './testing-wire';

const named = z.object({ id: z.string(), name: z.string() });
const endings: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

function open(change: Partial<OpenStackLogin> = {}, secret?: string, options: CloudOptions = {}): Cloud {
  const access = developer();
  const cloud = openCloud(
    { login: { ...access.login, ...change }, secret: secret ?? access.secret },
    options,
  );
  endings.push(() => cloud.close());
  return cloud;
}

const developer = (): OpenStackAccess => testAccess('developer');

async function problemOf(promise: Promise<unknown>): Promise<Problem> {
  return (await promise.then(
    () => expect.unreachable('it succeeded'),
    (error: unknown) => error,
  )) as Problem;
}

describe('a session on OpenStack', () => {
  it('signs in with a password and finds every service', async () => {
    const cloud = open();
    const who = await cloud.who();
    expect(who.projectName).toBe(developer().login.projectName);
    expect(who.roles).toContain('member');
    const services: Service[] = ['compute', 'image', 'network', 'orchestration', 'placement', 'identity'];
    for (const service of services) expect(await cloud.has(service)).toBe(true);
    const flavors = await cloud.list({
      service: 'compute',
      path: '/flavors/detail',
      // One to a page, so that there are several.
      query: { limit: 1 },
      key: 'flavors',
      schema: named,
    });
    expect(new Set(flavors.map(({ id }) => id)).size).toBe(flavors.length);
    expect(flavors.length).toBeGreaterThan(1);
    const images = await cloud.list({ service: 'image', path: '/v2/images', key: 'images', schema: named });
    expect(images.length).toBeGreaterThan(0);
    const page = {
      service: 'network',
      path: '/v2.0/networks',
      query: { limit: 1 },
      key: 'networks',
    } as const;
    expect((await cloud.list({ ...page, schema: named })).length).toBeGreaterThan(0);
    await cloud.list({ service: 'orchestration', path: '/stacks', key: 'stacks', schema: z.unknown() });
  });

  it('signs in with an application credential, and says when it is gone', async () => {
    const cloud = open();
    const { userId, projectId } = await cloud.who();
    const path = `/users/${userId}/application_credentials`;
    const { application_credential: made } = await cloud.ask({
      service: 'identity',
      method: 'POST',
      path,
      body: { application_credential: { name: `edgeyard-session-${Date.now()}` } },
      schema: z.object({ application_credential: z.object({ id: z.string(), secret: z.string() }) }),
    });
    const remove = () => cloud.send({ service: 'identity', method: 'DELETE', path: `${path}/${made.id}` });
    endings.push(remove);
    const login = { method: 'applicationCredential', credentialId: made.id } as const;
    const other = open({ ...login, userName: '', projectName: '' }, made.secret);
    expect(await other.who()).toMatchObject({ projectId, userId });
    await other.list({ service: 'compute', path: '/servers', key: 'servers', schema: named });
    const wrong = await problemOf(open(login, 'wrong').who());
    expect(wrong).toMatchObject({ key: 'openstack.errors.wrongCredential', params: { id: made.id } });
    await remove();
    expect((await problemOf(open(login, made.secret).who())).code).toBe('invalid');
  });

  it('tells wrong password, project, region, interface and address apart', async () => {
    const keys = async (cloud: Cloud) =>
      (await problemOf(cloud.list({ service: 'image', path: '/v2/images', key: 'images', schema: named })))
        .key;
    const { login } = developer();
    expect(await keys(open({}, 'wrong'))).toBe('openstack.errors.wrongPassword');
    expect(await keys(open({ projectName: 'nowhere' }))).toBe('openstack.errors.wrongProject');
    expect(await keys(open({ region: 'Nowhere' }))).toBe('openstack.errors.noRegion');
    expect(await keys(open({ authUrl: new URL('/nothing', login.authUrl).href }))).toBe(
      'openstack.errors.notKeystone',
    );
    const wrong = await problemOf(open({ projectName: 'nowhere' }).who());
    expect(wrong.params.has).toContain(login.projectName);
  });

  it('goes on when its token is revoked in mid-session', async () => {
    const wire = await openWire();
    endings.push(() => wire.close());
    const cloud = open({}, undefined, { route: wire.route });
    const list = { service: 'network', path: '/v2.0/networks', key: 'networks', schema: named } as const;
    await cloud.list(list);
    const token = String(wire.carried.at(-1)?.headers['x-auth-token']);
    const logins = () =>
      wire.carried.filter(({ method, url }) => method === 'POST' && url.endsWith('/tokens')).length;
    await cloud.send({
      service: 'identity',
      method: 'DELETE',
      path: '/auth/tokens',
      headers: { 'x-subject-token': token },
    });
    expect(
      (await cloud.ask({ service: 'identity', path: '/auth/projects', schema: z.unknown() })) !== undefined,
    ).toBe(true);
    expect(logins()).toBe(2);
  });

  it('bears a slow cloud and one that cuts, and gives up on one that hangs', async () => {
    const wire = await openWire();
    endings.push(() => wire.close());
    const cloud = open({}, undefined, { route: wire.route, backOffMs: 10 });
    const list = { service: 'image', path: '/v2/images', key: 'images', schema: named } as const;
    const images = await cloud.list(list);
    wire.trouble(/\/v2\/images/, { bytesPerSecond: 4000 }, 1);
    wire.trouble(/\/v2\/images/, { cutAfter: 100 }, 1);
    wire.trouble(/\/v2\/images/, { answer: { status: 503 } }, 1);
    for (let round = 0; round < 3; round += 1) expect(await cloud.list(list)).toEqual(images);
    wire.trouble(/\/v2\/images/, { hang: true }, 1);
    expect((await problemOf(cloud.list({ ...list, timeoutMs: 500 }))).key).toBe('openstack.errors.timeout');
  });

  it('streams an image and says when the stream is cut', async () => {
    const wire = await openWire();
    endings.push(() => wire.close());
    const cloud = open({}, undefined, { route: wire.route });
    const sized = z.object({ id: z.string(), size: z.number().nullable(), status: z.string() });
    const images = await cloud.list({ service: 'image', path: '/v2/images', key: 'images', schema: sized });
    const image = images.find(({ status, size }) => status === 'active' && (size ?? 0) > 1_000_000);
    const path = `/v2/images/${image?.id}/file`;
    const read = async () => {
      const { body } = await cloud.stream({ service: 'image', path });
      let size = 0;
      for await (const chunk of body as AsyncIterable<Buffer>) size += chunk.length;
      return size;
    };
    expect(await read()).toBe(image?.size);
    wire.trouble(/\/file$/, { cutAfter: 500_000 }, 1);
    expect((await problemOf(read())).key).toBe('openstack.errors.cut');
  });

  it('does key pairs by pkgcloud', async () => {
    const nova = pkgcloudCompute(open());
    const name = `edgeyard-session-${Date.now()}`;
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqfgbGxFAYfiXXZ1OyMGoeZk0bYbkbbbbbbbbbbbbbb';
    endings.push(() => nova.removeKeyPair(name));
    expect(await nova.keyPair(name)).toBeUndefined();
    await nova.addKeyPair(name, key);
    expect(await nova.keyPair(name)).toMatchObject({ name, public_key: key });
    expect((await problemOf(nova.addKeyPair(name, key))).code).toBe('conflict');
    await nova.removeKeyPair(name);
    expect((await problemOf(nova.start('no-such-server'))).code).toBe('not_found');
  });
});

describe('a cloud with a certificate of its own', () => {
  it('is trusted when its authority is entered, and told apart when not', async () => {
    const { port, ca } = await openTls(new URL(developer().login.authUrl));
    const authUrl = `https://127.0.0.1:${port}`;
    expect(await open({ authUrl, ca }).who()).toMatchObject({ projectName: developer().login.projectName });
    expect(await open({ authUrl, insecure: true }).who()).toBeDefined();
    const unknown = await problemOf(open({ authUrl }).who());
    expect(unknown).toMatchObject({ key: 'openstack.errors.tlsUnknownAuthority' });
    const other = await problemOf(open({ authUrl: `https://localhost:${port}`, ca }).who());
    expect(other).toMatchObject({ key: 'openstack.errors.tlsName' });
  });
});

/** A TLS front before keystone, with a certificate for 127.0.0.1 that nobody knows. */
async function openTls(keystone: URL): Promise<{ port: number; ca: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'edgeyard-tls-'));
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=cloud', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const made = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    keyFile,
    '-out',
    certFile,
  ];
  execFileSync('openssl', [...made, ...subject], { stdio: 'pipe' });
  const [key, ca] = [readFileSync(keyFile, 'utf8'), readFileSync(certFile, 'utf8')];
  rmSync(folder, { recursive: true });
  const server = createServer({ key, cert: ca }, (socket) => {
    const onward = connect(Number(keystone.port), keystone.hostname);
    for (const end of [socket, onward]) {
      end.on('error', () => {
        socket.destroy();
        onward.destroy();
      });
    }
    socket.pipe(onward).pipe(socket);
  });
  // A client that does not trust it is the point of the test.
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  endings.push(async () => {
    server.close();
    await once(server, 'close');
  });
  return { port: (server.address() as AddressInfo).port, ca };
}
