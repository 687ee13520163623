import { afterEach, expect, it } from 'vitest';
import { guest } from '../../access/actor';
import type { House } from '../../house';
import {
  memoryRegistry,
  operator,
  testDistributions,
  testEdge,
  testRelease,
} from '../../operations/distribution/testing';
import { Problem } from '../../problem';
import type { FakeWorkloadSite } from '../../sites/fake/fake-workloads';
import { houseWith } from '../testing';
import { restApp } from './app';

const base = '/apm/v1/tenants/5abdf29d-71fb-4c37-a1d5-4a5fe3d9b2f6/packages';
const ips = new Map([
  ['e1', '10.0.0.1'],
  ['e2', '10.0.0.2'],
]);
const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});

/** The API on operations with two hosts and one release. */
function open() {
  const edges = [...ips.keys()].map((id) => testEdge({ id }));
  const home = memoryRegistry();
  const releases = [
    testRelease({ id: 'syn_1', releaseId: 'pkg1', appId: 'app1', description: 'Sees cars' }, [
      home.add('web', { base: 10 }),
    ]),
  ];
  const made = testDistributions({ edges, releases, home });
  endings.push(() => made.jobs.stop());
  made.jobs.run();
  const edgeOf = (ip: string) => {
    const edge = edges.find(({ id }) => ips.get(id) === ip);
    if (!edge) throw new Problem('not_found', 'edges.errors.noHost', { ip });
    return edge;
  };
  const house = houseWith({
    db: made.db,
    jobs: made.jobs,
    log: { error: () => undefined },
    access: {
      actorOf: (headers: Headers) =>
        Promise.resolve(
          headers.get('access_token') === 'operator'
            ? operator
            : headers.get('access_token') === 'developer'
              ? { ...operator, role: 'developer' }
              : guest,
        ),
    },
    operations: {
      distributions: made.room,
      sync: { releases: () => releases, release: () => releases[0] },
      edges: { mecHosts: { edgeOf, ipOf: (id: string) => ips.get(id) } },
    },
  } as unknown as Partial<House>);
  const app = restApp(house);
  const call = async (method: string, path: string, body?: unknown, token = 'operator') =>
    app.request(`${base}${path}`, {
      method,
      headers: { access_token: token, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const packageNow = async () => (await (await call('GET', '/pkg1')).json()) as unknown;
  return { ...made, call, packageNow, site: (at: number) => made.sites[at] as FakeWorkloadSite };
}

/** As EdgeGallery's page sends it. */
const sent = {
  appId: 'app1',
  appPkgId: 'pkg1',
  appPkgName: 'Camera',
  appPkgVersion: '1.0',
  appPkgPath: '/package/pkg1',
  appPkgAffinity: 'X86',
  appPkgDesc: 'Sees cars',
  appProvider: 'Acme',
  appIconUrl: '/icon',
  createdTime: '2021-01-01',
  modifiedTime: '2021-01-01',
  mecHostInfo: [{ hostIp: '10.0.0.1' }, { hostIp: '10.0.0.2' }],
};

it('brings a package to hosts and tells how it stands at each', async () => {
  const { call, packageNow, site } = open();
  const hold = site(0).controls.hold('pull');
  site(1).controls.failNext('pull', new Problem('failed', 'distribution.reasons.noImages'));
  const answer = await call('POST', '', sent);
  expect(answer.status).toBe(202);
  expect(await answer.json()).toEqual({ appPackageId: 'pkg1', packageId: 'pkg1', appId: 'app1' });
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string;
  const told = {
    appPkgId: 'pkg1',
    appPkgName: 'Camera',
    appPkgVersion: '1.0',
    appPkgPath: '/apm/v1/tenants/default/packages/pkg1/download',
    appProvider: 'Acme',
    appPkgDesc: 'Sees cars',
    appPkgAffinity: 'X86',
    appIconUrl: '',
    createdTime: time,
    modifiedTime: time,
    appId: 'app1',
  };
  await expect.poll(packageNow).toEqual({
    ...told,
    mecHostInfo: [
      { hostIp: '10.0.0.1', status: 'Processing', error: '' },
      { hostIp: '10.0.0.2', status: 'Error', error: 'The package names no image.' },
    ],
  });
  hold.release();
  await expect.poll(packageNow).toMatchObject({
    mecHostInfo: [{ hostIp: '10.0.0.1', status: 'Distributed', error: '' }, { status: 'Error' }],
  });
  expect(await (await call('GET', '')).json()).toEqual([await packageNow()]);
  const template = await (await call('GET', '/pkg1/apptemplate')).json();
  expect(template).toEqual({ appId: 'app1', appPackageId: 'pkg1', inputs: [] });
});

it('takes a package away from a host and from all', async () => {
  const { call, packageNow, room, site } = open();
  site(1).controls.failNext('pull', new Problem('failed', 'distribution.reasons.noImages'));
  await call('POST', '', sent);
  await expect.poll(() => room.list()[0]?.state).toBe('failed');
  // One that never came there is gone from the list all the same.
  const gone = await call('DELETE', '/pkg1/hosts/10.0.0.2');
  expect([gone.status, await gone.text()]).toEqual([200, 'success']);
  expect(await packageNow()).toMatchObject({ mecHostInfo: [{ hostIp: '10.0.0.1', status: 'Distributed' }] });
  expect((await call('DELETE', '/pkg1/hosts/10.0.0.2')).status).toBe(404);
  expect((await call('DELETE', '/pkg1')).status).toBe(200);
  expect(room.placements({})).toEqual([]);
  expect((await call('GET', '/pkg1')).status).toBe(404);
  expect(await (await call('GET', '')).json()).toEqual([]);
});

it('keeps a package that runs, and says so', async () => {
  const { call, room, running } = open();
  await call('POST', '', sent);
  await expect.poll(() => room.list()[0]?.state).toBe('done');
  running.push({ id: 'dep_1', name: 'camera-1' });
  const refused = await call('DELETE', '/pkg1/hosts/10.0.0.1');
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({ key: 'distribution.errors.runsThere' });
});

it('refuses hosts and packages that it does not know, and people who may only look', async () => {
  const { call } = open();
  const unknown = { ...sent, mecHostInfo: [{ hostIp: '10.9.9.9' }] };
  expect((await call('POST', '', unknown)).status).toBe(404);
  expect((await call('POST', '', { ...sent, appPkgId: 'none' })).status).toBe(404);
  expect((await call('POST', '', { ...sent, mecHostInfo: [] })).status).toBe(422);
  expect((await call('POST', '', sent, 'developer')).status).toBe(403);
  expect((await call('GET', '', undefined, 'developer')).status).toBe(200);
  expect((await call('GET', '', undefined, 'nobody')).status).toBe(401);
});
