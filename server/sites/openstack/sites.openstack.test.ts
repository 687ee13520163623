import pino from 'pino';
import { describe, expect, it } from 'vitest';
import type { Light } from '../schemas';
import { allLights } from '../sites';
import { admin, testSites } from '../testing';
import { examineCloud } from './examine';
import { openStackKind } from './kind';
import { testAccess } from './testing-login';

const library = { list: () => Promise.resolve([]), path: () => Promise.reject(new Error('no images here')) };
const states = (lights: Light[]) =>
  Object.fromEntries(lights.map(({ light, state }) => [light, state] as const));
const services = ['identity', 'compute', 'image', 'network', 'orchestration', 'placement'] as const;

describe('the test of a connection', () => {
  it('finds everything, service by service, with versions and the project’s quota', async () => {
    const access = testAccess('developer');
    const lights = await allLights(examineCloud(access));
    const seen = new Map(lights.map((light) => [light.light, light]));
    expect(lights.map(({ light }) => light)).toEqual([
      'dns',
      'tcp',
      'tls',
      'login',
      'catalogue',
      ...services,
      'quota',
    ]);
    expect(lights.filter(({ state }) => state === 'failed')).toEqual([]);
    expect(seen.get('login')).toMatchObject({ state: 'ok', params: { project: 'developer' } });
    expect(seen.get('compute')?.params.version).toMatch(/^2\.\d+$/);
    expect(seen.get('identity')?.params.version).toMatch(/^v3/);
    expect(seen.get('quota')?.params).toHaveProperty('instancesTotal');
    expect(JSON.stringify(lights)).not.toContain(access.secret);
  });

  it.each([
    ['a wrong password', {}, 'wrong', 'login', 'openstack.errors.wrongPassword'],
    [
      'a project that is not the account’s',
      { projectName: 'nobody’s' },
      undefined,
      'login',
      'openstack.errors.wrongProject',
    ],
    [
      'a port where nothing listens',
      { authUrl: 'http://127.0.0.1:9/v3' },
      undefined,
      'tcp',
      'openstack.errors.refused',
    ],
    [
      'a name without an address',
      { authUrl: 'http://cloud.invalid:5000' },
      undefined,
      'dns',
      'openstack.errors.dns',
    ],
    ['TLS where there is none', { authUrl: 'https' }, undefined, 'tls', 'openstack.errors.tlsCut'],
    ['a region that is not there', { region: 'Atlantis' }, undefined, 'compute', 'openstack.errors.noRegion'],
  ] as const)('names %s', async (_, change, secret, light, key) => {
    const access = testAccess('developer');
    const login = { ...access.login, ...change };
    if (login.authUrl === 'https') login.authUrl = access.login.authUrl.replace('http:', 'https:');
    const lights = await allLights(examineCloud({ login, secret: secret ?? access.secret }));
    const first = lights.find(({ state }) => state === 'failed');
    expect(first).toMatchObject({ light, says: key });
    expect(states(lights).quota).toBe('skipped');
  });

  it('ends with its signal', async () => {
    const ending = new AbortController();
    const lights = examineCloud(testAccess('developer'), ending.signal);
    await lights.next();
    ending.abort();
    await expect(lights.next()).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('a real cloud in the room', () => {
  it('is added, offers what it has, and says why it cannot be used with a wrong login', async () => {
    const { login: config, secret } = testAccess('developer');
    const kinds = { openstack: openStackKind({ library, log: pino({ level: 'silent' }) }) };
    const { room } = testSites({ kinds });
    await room.open();
    try {
      const input = { kind: 'openstack', name: 'sites-test', purpose: 'sandbox', config, secret } as const;
      const { id } = room.create(admin, input);
      const site = await room.registry.opened(id);
      const offers = await site.offers({});
      expect(offers.flavors.length).toBeGreaterThan(0);
      expect(room.get(id)).toMatchObject({ state: 'ready' });
      expect(room.get(id).capabilities).toEqual(expect.arrayContaining(['console', 'serial', 'capture']));

      room.update(admin, id, { secret: 'wrong' });
      await expect(room.registry.opened(id)).rejects.toMatchObject({ key: 'sites.errors.unavailable' });
      expect(room.get(id).problem).toMatchObject({ key: 'openstack.errors.wrongPassword' });
      room.update(admin, id, { secret });
      await expect(room.registry.opened(id)).resolves.toMatchObject({ id });
    } finally {
      await room.close();
    }
  });
});
