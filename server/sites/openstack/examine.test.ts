import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Light, LightName } from '../schemas';
import { allLights } from '../sites';
import { examineCloud } from './examine';
import { openTestingCloud, json, type TestingCloud } from './testing-cloud';

const lightsOf = async (access: TestingCloud['access']) =>
  new Map<LightName, Light>(
    (await allLights(examineCloud(access))).map((light) => [light.light, light] as const),
  );

describe('a cloud that answers', () => {
  let cloud: TestingCloud;
  beforeEach(async () => {
    cloud = await openTestingCloud();
    cloud.on(/GET \/identity\/v3$/, json(200, { version: { id: 'v3.14' } }));
    cloud.on(/GET \/compute\/v2.1\/flavors/, json(200, { flavors: [] }));
    cloud.on(
      /GET \/compute\/v2.1\/limits/,
      json(200, { limits: { absolute: { maxTotalInstances: 2, totalInstancesUsed: 1, maxTotalCores: -1 } } }),
    );
    cloud.on(/GET \/image\/v2\/images/, json(200, { images: [] }));
    cloud.on(/GET \/image\/versions/, json(200, { versions: [{ id: 'v2.15' }] }));
    const extensions = ['security-group', 'router', 'port-security'].map((alias) => ({ alias }));
    cloud.on(/GET \/network\/v2.0\/extensions/, json(200, { extensions }));
    cloud.on(/GET \/heat\/v1\/p1\/stacks/, json(200, { stacks: [] }));
  });
  afterEach(() => cloud.close());

  it('has a light for each thing, its versions, and no secret in them', async () => {
    const seen = await lightsOf(cloud.access);
    const failed = [...seen.values()].filter(({ state }) => state === 'failed');
    expect(failed).toEqual([]);
    expect(seen.get('image')?.params).toEqual({ service: 'glance', version: 'v2.15' });
    expect(seen.get('catalogue')).toMatchObject({ state: 'warn', params: { missing: 'placement' } });
    expect(seen.get('placement')).toMatchObject({ state: 'skipped', says: 'sites.lights.absent.placement' });
    expect(seen.get('quota')?.params).toMatchObject({ instancesUsed: 1, instancesTotal: 2, coresTotal: '∞' });
    expect(JSON.stringify([...seen.values()])).not.toContain(cloud.access.secret);
  });

  it('may be older than what is asked for', async () => {
    cloud.nova = '2.53';
    expect((await lightsOf(cloud.access)).get('compute')).toMatchObject({
      state: 'warn',
      says: 'sites.lights.computeOld',
      params: { version: '2.53', wanted: '2.87' },
    });
  });

  it('may have its project in nova’s address', async () => {
    cloud.catalogue = JSON.parse(
      JSON.stringify(cloud.catalogue).replace('/compute/v2.1', '/compute/v2.1/p1'),
    ) as unknown[];
    cloud.on(/GET \/compute\/v2.1\/p1\/flavors/, json(200, { flavors: [] }));
    expect((await lightsOf(cloud.access)).get('compute')).toMatchObject({ params: { version: '2.93' } });
  });

  it('hides no service behind one that is down', async () => {
    cloud.on(/GET \/compute\//, json(503, { message: 'down for repair' }));
    const seen = await lightsOf(cloud.access);
    expect(seen.get('compute')).toMatchObject({
      state: 'failed',
      says: 'openstack.errors.unavailable',
      detail: 'down for repair',
    });
    expect(seen.get('network')?.state).toBe('ok');
    expect(seen.get('quota')).toMatchObject({ state: 'skipped', says: 'sites.lights.after.compute' });
  });

  it('lacks what VMs need, or is full', async () => {
    cloud.on(/GET \/network\/v2.0\/extensions/, json(200, { extensions: [{ alias: 'router' }] }));
    cloud.on(
      /GET \/compute\/v2.1\/limits/,
      json(200, { limits: { absolute: { maxTotalInstances: 1, totalInstancesUsed: 1 } } }),
    );
    const seen = await lightsOf(cloud.access);
    expect(seen.get('network')).toMatchObject({
      state: 'warn',
      params: { missing: 'security-group, port-security' },
    });
    expect(seen.get('quota')).toMatchObject({ state: 'warn', says: 'sites.lights.quotaFull' });
    cloud.catalogue = cloud.catalogue.slice(1);
    const without = await lightsOf(cloud.access);
    expect(without.get('catalogue')).toMatchObject({
      state: 'failed',
      params: { missing: 'nova, placement' },
    });
    expect(without.get('compute')).toMatchObject({
      state: 'failed',
      says: 'sites.lights.absent.compute',
    });
    expect(without.get('image')?.state).toBe('ok');
  });
});

describe('a certificate', () => {
  const folder = mkdtempSync(join(tmpdir(), 'edgeyard-tls-'));
  const path = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe', cwd: folder });
  let server: Server;
  let port = 0;

  /** An authority, and a certificate of 127.0.0.1 that it signed. */
  beforeAll(async () => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    openssl(
      'req',
      '-x509',
      ...key,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-days',
      '9',
      '-subj',
      '/O=Yard/CN=Yard CA',
    );
    openssl('req', ...key, '-keyout', 'leaf.key', '-out', 'leaf.csr', '-subj', '/O=Yard/CN=cloud');
    writeFileSync(path('san.txt'), 'subjectAltName=IP:127.0.0.1');
    const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '9'];
    openssl('x509', '-req', '-in', 'leaf.csr', ...signing, '-extfile', 'san.txt', '-out', 'leaf.pem');
    // It shows its own certificate and not its authority's, as many clouds do.
    server = createServer(
      { cert: readFileSync(path('leaf.pem')), key: readFileSync(path('leaf.key')) },
      (socket) => socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'),
    );
    server.on('tlsClientError', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  const tlsLight = async (change: { ca?: string; insecure?: boolean; host?: string } = {}) => {
    const { host = '127.0.0.1', ...login } = change;
    const base = { method: 'password', userName: 'a', projectName: 'p', userDomain: 'Default' } as const;
    const rest = { projectDomain: 'Default', credentialId: '', region: '', interface: 'public' } as const;
    const seen = await lightsOf({
      login: { ...base, ...rest, ca: '', insecure: false, authUrl: `https://${host}:${port}`, ...login },
      secret: 'x',
    });
    return { tls: seen.get('tls'), login: seen.get('login') };
  };

  it('of an unknown authority is shown, and stops the rest', async () => {
    const { tls, login } = await tlsLight();
    expect(tls).toMatchObject({
      state: 'failed',
      says: 'openstack.errors.tlsUnknownAuthority',
      certificate: { subject: 'CN=cloud, O=Yard', issuer: 'CN=Yard CA, O=Yard', trusted: false },
    });
    const shown = openssl('x509', '-in', 'leaf.pem', '-noout', '-fingerprint', '-sha256').toString();
    expect(shown).toContain(tls?.certificate?.fingerprint);
    expect(tls?.certificate?.pem.trim()).toBe(readFileSync(path('leaf.pem'), 'utf8').trim());
    expect(login).toMatchObject({ state: 'skipped', says: 'sites.lights.after.tls' });
  });

  it('is trusted once it was taken in as it was shown, or by its authority', async () => {
    const pem = (await tlsLight()).tls?.certificate?.pem;
    for (const ca of [pem, readFileSync(path('ca.pem'), 'utf8')]) {
      const { tls, login } = await tlsLight({ ca: ca ?? '' });
      expect(tls).toMatchObject({
        state: 'ok',
        says: 'sites.lights.trusted',
        certificate: { trusted: true },
      });
      // The requests themselves judge as the light does: this one got through to a server that is no keystone.
      expect(login?.says).toBe('openstack.errors.notKeystone');
    }
  });

  it('made out to another name is not mended by trust', async () => {
    const { tls } = await tlsLight({ host: 'localhost', ca: readFileSync(path('ca.pem'), 'utf8') });
    expect(tls).toMatchObject({
      state: 'failed',
      says: 'openstack.errors.tlsName',
      certificate: { trusted: true },
    });
  });

  it('is warned of where it is not checked', async () => {
    const { tls, login } = await tlsLight({ insecure: true });
    expect(tls).toMatchObject({
      state: 'warn',
      says: 'sites.lights.unchecked',
      certificate: { trusted: false },
    });
    expect(login?.says).toBe('openstack.errors.notKeystone');
  });
});
