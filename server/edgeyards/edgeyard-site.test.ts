import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Problem } from '../problem';
import type { StackSite } from '../sites/site';
import type { AppTopology } from '../sites/stacks';
import { allLights } from '../sites/sites';
import { openEdgeyardSite } from '../sites/edgeyard/edgeyard-site';
import { examineEdgeyard } from '../sites/edgeyard/examine';
import { edgeyardKind } from '../sites/edgeyard/kind';
import { edgeyardLogin } from '../sites/edgeyard/login';
import { openTestYard, type TestYard } from './testing-yard';

let yard: TestYard;
let site: StackSite;
const open = (secret: string) =>
  openEdgeyardSite({ id: 'site_1', name: 'North', access: { login: { url: yard.url, ca: '' }, secret } });
beforeEach(async () => {
  yard = await openTestYard();
  site = open('operator-token');
});
afterEach(async () => {
  await site.close();
  await yard.close();
});

const topology: AppTopology = {
  name: 'camera',
  version: '1.0',
  inputs: [{ name: 'plane', type: 'string', description: '', required: false, secret: false }],
  networks: [{ node: 'VL1', name: { input: 'plane' } }],
  vms: [
    {
      node: 'VDU1',
      name: 'camera',
      vcpus: 1,
      memoryMiB: 256,
      diskGiB: 1,
      image: 'camera',
      cards: [{ node: 'CP0', network: 'VL1', serves: [{ protocol: 'tcp', port: 8080 }] }],
    },
  ],
};
const images = new Map([['camera', 'tiny']]);
const wish = async () => ({
  name: 'camera-1',
  deploymentId: 'dep_1',
  jobId: 'job_1',
  template: (await site.stacks.plan(topology, images, {})).template,
  parameters: {},
  images,
});

describe('another Edgeyard as a site', () => {
  it('offers what its own machine does', async () => {
    await site.open();
    const here = await site.offers({});
    const there = await yard.site.offers({});
    expect(here).toMatchObject({
      flavors: there.flavors,
      customFlavor: there.customFlavor,
      networks: there.networks,
      capacity: there.capacity,
    });
    expect(here.images).toEqual([expect.objectContaining({ id: 'tiny', ours: false })]);
  });

  it('plans, makes, shows and removes stacks there', async () => {
    const plan = await site.stacks.plan(topology, images, {});
    expect(plan.reasons).toEqual([]);
    expect(plan.parameters[0]).toMatchObject({ name: 'plane', choices: ['Isolated', 'NAT'] });
    const told: string[] = [];
    const made = await site.stacks.create(await wish(), {
      event: ({ resource, status }) => told.push(`${resource} ${status}`),
    });
    expect(made).toMatchObject({ ref: 'dep_1', state: 'ready', resources: [{ name: 'VDU1', type: 'VM' }] });
    expect(told).toContain('VDU1 CREATE_COMPLETE');
    expect(await site.stacks.find({ name: 'camera-1', deploymentId: 'dep_1' }, {})).toBe('dep_1');
    expect(await site.stacks.get('dep_1', {})).toMatchObject({ state: 'ready' });
    expect(await site.stacks.create(await wish(), {})).toMatchObject({ ref: 'dep_1' });
    expect(await yard.site.vms.list()).toHaveLength(1);
    await site.stacks.delete('dep_1', {});
    await site.stacks.delete('dep_1', {});
    expect(await yard.site.vms.list()).toEqual([]);
    expect(await site.stacks.get('dep_1', {})).toBeUndefined();
    expect(await site.stacks.events('dep_1', {})).toEqual([]);
    expect(yard.audited).toEqual(['stack.create dep_1', 'stack.delete dep_1']);
  });

  it('tells in its own words why a stack cannot be made, and leaves nothing', async () => {
    const order = await wish();
    yard.site.controls.failNext(
      'create',
      new Problem('conflict', 'sites.errors.memoryDoesNotFit', { asked: 9, available: 1 }),
    );
    await expect(site.stacks.create(order, {})).rejects.toMatchObject({
      code: 'conflict',
      key: 'sites.errors.memoryDoesNotFit',
      params: { asked: 9, available: 1 },
    });
    await expect(
      site.stacks.create({ ...order, images: new Map([['camera', 'somebody-elses']]) }, {}),
    ).rejects.toMatchObject({ key: 'sites.errors.noImage' });
    expect(await yard.site.vms.list()).toEqual([]);
  });

  it('leaves nothing there when the making is called off', async () => {
    const order = await wish();
    const held = yard.site.controls.hold('create');
    const stop = new AbortController();
    const made = site.stacks.create(order, { signal: stop.signal });
    await expect.poll(() => yard.site.controls.calls.some((call) => call.startsWith('create '))).toBe(true);
    stop.abort();
    await expect(made).rejects.toThrow();
    held.release();
    await expect.poll(async () => site.stacks.get('dep_1', {})).toBeUndefined();
    await expect.poll(async () => yard.site.vms.list()).toEqual([]);
  });

  it('says when it stops answering, and when it answers again', async () => {
    const troubles: (string | undefined)[] = [];
    site.onTrouble?.((trouble) => troubles.push(trouble?.key));
    await yard.cut();
    await expect(site.offers({})).rejects.toMatchObject({
      code: 'unavailable',
      key: 'workloads.errors.refused',
    });
    await yard.mend();
    await site.offers({});
    expect(troubles).toEqual(['workloads.errors.refused', undefined]);
  });

  it('is not opened with a token that is not known there', async () => {
    const other = open('old-token');
    await expect(other.open()).rejects.toMatchObject({
      code: 'invalid',
      key: 'edgeyards.errors.tokenRefused',
    });
    await expect(other.offers({})).rejects.toMatchObject({ key: 'edgeyards.errors.tokenRefused' });
    await other.close();
    const developer = open('developer-token');
    await expect(developer.stacks.get('dep_1', {})).rejects.toMatchObject({ code: 'forbidden' });
    await developer.close();
  });

  it('is none where somebody else answers', async () => {
    const server = createServer((_request, response) => response.writeHead(404).end('<h1>nginx</h1>'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const other = openEdgeyardSite({ id: 'x', name: 'x', access: { login: { url, ca: '' }, secret: 't' } });
    await expect(other.open()).rejects.toMatchObject({ key: 'edgeyards.errors.notEdgeyard' });
    await expect(other.stacks.get('dep_1', {})).rejects.toMatchObject({
      key: 'edgeyards.errors.notEdgeyard',
    });
    await other.close();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('the test of a connection to another Edgeyard', () => {
  const lightsOf = async (secret: string) =>
    (await allLights(examineEdgeyard({ login: { url: yard.url, ca: '' }, secret }))).map(
      ({ light, state, says }) => [light, state, says.split('.').at(-1)],
    );

  it('goes the whole way', async () => {
    expect(await lightsOf('operator-token')).toEqual([
      ['dns', 'ok', 'nameIsAddress'],
      ['tcp', 'ok', 'portOpen'],
      ['tls', 'warn', 'notEncrypted'],
      ['login', 'ok', 'login'],
      ['version', 'ok', 'version'],
      ['rights', 'ok', 'rights'],
    ]);
  });

  it('names what fails', async () => {
    expect((await lightsOf('old-token')).slice(3)).toEqual([
      ['login', 'failed', 'tokenRefused'],
      ['version', 'skipped', 'skipped'],
      ['rights', 'skipped', 'skipped'],
    ]);
    expect((await lightsOf('developer-token')).at(-1)).toEqual(['rights', 'failed', 'rightsMissing']);
    expect((await lightsOf('reading-token')).at(-1)).toEqual(['rights', 'failed', 'rightsMissing']);
    await yard.cut();
    expect((await lightsOf('operator-token'))[1]).toEqual(['tcp', 'failed', 'refused']);
  });
});

describe('the login of another Edgeyard', () => {
  it('is an address without a path, and a token that goes to that address only', () => {
    expect(edgeyardLogin.parse({ url: ' https://yard.example.org/ ' })).toEqual({
      url: 'https://yard.example.org',
      ca: '',
    });
    for (const url of ['yard.example.org', 'https://yard.example.org/path', 'https://user@yard.example.org'])
      expect(edgeyardLogin.safeParse({ url }).success, url).toBe(false);
    const kind = edgeyardKind();
    const stored = { url: 'https://yard.example.org', ca: '' };
    expect(kind.mayReuseSecret(stored, { ...stored })).toBe(true);
    expect(kind.mayReuseSecret(stored, { ...stored, url: 'https://other.example.org' })).toBe(false);
    expect(() => kind.check({ ...stored, ca: 'nonsense' })).toThrow('badCertificate');
  });
});
