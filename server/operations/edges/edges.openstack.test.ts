import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import pino from 'pino';
import { stringify } from 'yaml';
import type { ImageLibrary } from '../../sites/image-library';
import { openStackKind } from '../../sites/openstack/kind';
import { testAccess } from '../../sites/openstack/testing-login';
import { admin } from '../../sites/testing';
import { testEdges } from './testing';

let bench: ReturnType<typeof testEdges>;
beforeAll(() => {
  const log = pino({ level: 'silent' });
  const library: ImageLibrary = {
    list: () => Promise.resolve([]),
    path: () => Promise.reject(new Error('No image is brought there.')),
  };
  bench = testEdges({}, { openstack: openStackKind({ library, log }) });
});
afterAll(async () => {
  await bench.edges.close();
  await bench.sites.room.close();
});

it('is an edge with the quota of its project, and not well with a wrong password', async () => {
  const { login, secret } = testAccess('developer');
  const entry = { name: 'cloud', kind: 'openstack', config: login, secret };
  const importing = (entries: object[]) =>
    bench.edges.import(admin, { format: 'yaml', text: stringify(entries) });
  const [made] = importing([entry]);
  const id = made?.edgeId ?? '';
  await bench.sites.room.registry.opened(id);
  const { health, capacity } = await bench.edges.check(id);
  expect(health).toMatchObject({ state: 'well', problem: null });
  expect(capacity?.cpus.total).not.toBe(0);
  expect(capacity?.nodes).toEqual([]);
  expect(bench.edges.mecHosts.list()).toMatchObject([{ mechostName: 'cloud', vim: 'OpenStack' }]);
  importing([{ ...entry, secret: 'not the password' }]);
  await vi.waitFor(
    () => expect(bench.edges.get(id).health).toMatchObject({ state: 'unwell', problem: { code: 'invalid' } }),
    { timeout: 30_000 },
  );
});
