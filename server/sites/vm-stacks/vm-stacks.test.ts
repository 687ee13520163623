import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { fakeImage, openFakeSite, type FakeSite } from '../fake/fake-site';
import { Problem } from '../../problem';
import type { AppTopology, AppVm } from '../stacks';
import { folderRecords } from './stack-records';
import { openVmStacks, stackVmId } from './vm-stacks';

const front: AppVm = {
  node: 'VDU1',
  name: 'Edge_camera 1',
  vcpus: 1,
  memoryMiB: 256,
  diskGiB: 1,
  image: 'camera',
  zone: { input: 'az_dc' },
  userData: { contents: '#!/bin/sh\necho $sk$ $HOME $other$ ${sk}\n', params: { sk: { input: 'sk' } } },
  cards: [{ node: 'CP0', network: 'VL1', address: undefined, serves: [{ protocol: 'tcp', port: 8080 }] }],
};
const back: AppVm = { ...front, node: 'VDU2', name: 'back', userData: undefined, cards: [] };

const input = { type: 'string' as const, description: '', secret: false };
const topology: AppTopology = {
  name: 'camera',
  version: '1.0',
  inputs: [
    { ...input, name: 'az_dc', default: undefined, required: true },
    { ...input, name: 'plane', default: 'mec_network_n6', required: false },
    { ...input, name: 'sk', default: undefined, required: true, secret: true },
  ],
  networks: [{ node: 'VL1', name: { input: 'plane' }, range: undefined }],
  vms: [front, back],
};
const images = new Map([['camera', 'tiny']]);

let folder: string;
let site: FakeSite;
const open = () =>
  openVmStacks({
    vms: site.vms,
    offers: (call) => site.offers(call),
    records: folderRecords(folder),
    forwardsAt: '127.0.0.1',
  });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vm-stacks-'));
  site = openFakeSite({ id: 'fake', images: [fakeImage({ id: 'tiny' })] });
});
afterEach(() => rmSync(folder, { recursive: true }));

const wishOf = async (stacks = open(), parameters: Record<string, string> = { sk: 'open sesame' }) => ({
  name: 'camera-1',
  deploymentId: 'dep_1',
  jobId: 'job_1',
  template: (await stacks.plan(topology, images, {})).template,
  parameters,
  images,
});

describe('the plan of a stack of VMs', () => {
  it('says each VM, and asks for the networks and what user data needs', async () => {
    const plan = await open().plan(topology, images, {});
    expect(plan.reasons).toEqual([]);
    expect(plan.parameters).toEqual([
      expect.objectContaining({ name: 'az_dc', required: false }),
      expect.objectContaining({ name: 'plane', default: 'Isolated', choices: ['Isolated', 'NAT'] }),
      expect.objectContaining({ name: 'sk', required: true, secret: true }),
    ]);
    expect(parse(plan.template)).toEqual({
      edgeyardStack: 1,
      description: 'camera 1.0',
      parameters: {
        az_dc: { type: 'string' },
        plane: { type: 'string', default: 'Isolated' },
        sk: { type: 'string' },
      },
      vms: {
        VDU1: {
          name: 'Edge_camera 1',
          image: 'camera',
          vcpus: 1,
          memoryMiB: 256,
          diskGiB: 1,
          network: { parameter: 'plane' },
          serves: [{ protocol: 'tcp', port: 8080 }],
          userData: { contents: front.userData?.contents, params: { sk: { parameter: 'sk' } } },
        },
        VDU2: { name: 'back', image: 'camera', vcpus: 1, memoryMiB: 256, diskGiB: 1, serves: [] },
      },
    });
  });

  it('keeps a network of the site that the package names, and asks what stands for another', async () => {
    const named = (name: string) => ({ ...topology, networks: [{ node: 'VL1', name, range: undefined }] });
    const names = async (name: string) =>
      (await open().plan(named(name), images, {})).parameters.map((p) => p.name);
    expect(await names('NAT')).not.toContain('network_VL1');
    expect(await names('mec_network_n6')).toContain('network_VL1');
  });

  it('keeps a card without a way out where the package has that as default', async () => {
    const [, , sk] = topology.inputs;
    if (!sk) throw new Error('the topology has three inputs');
    const inputs = [{ ...input, name: 'plane', default: 'None', required: false }, sk];
    const plan = await open().plan({ ...topology, inputs }, images, {});
    expect(plan.parameters[0]).toMatchObject({ default: 'None', choices: ['None', 'Isolated', 'NAT'] });
  });

  it('says what stands in the way', async () => {
    const [card] = front.cards;
    if (!card) throw new Error('the VM has a card');
    const wide: AppTopology = {
      ...topology,
      networks: [{ node: 'VL1', name: 'inside', range: '10.5.0.0/24' }],
      vms: [
        { ...front, image: 'unknown' },
        { ...front, node: 'B', cards: [card, { ...card, node: 'CP1', address: '10.5.0.7' }] },
        { ...front, node: 'C', memoryMiB: 64 },
        { ...front, node: 'D', vcpus: 12 },
        { ...front, node: 'E', memoryMiB: 20_000 },
      ],
    };
    const { reasons } = await open().plan(wide, images, {});
    expect(reasons.map(({ key }) => key.split('.').at(-1))).toEqual([
      'noImage',
      'cards',
      'fixedAddress',
      'imageNeedsMemory',
      'vcpusDoNotFit',
      'ownNetwork',
      'memoryDoesNotFit',
    ]);
  });
});

describe('a stack of VMs', () => {
  it('is made with the parameters in its user data, and says where it is reached', async () => {
    const stacks = open();
    const events: string[] = [];
    const made = await stacks.create(await wishOf(stacks), {
      event: ({ resource, status }) => events.push(`${resource} ${status}`),
    });
    expect(made).toMatchObject({
      ref: 'dep_1',
      name: 'camera-1',
      state: 'ready',
      reason: '',
      outputs: [{ name: 'VDU1 tcp/8080', value: expect.stringMatching(/^127\.0\.0\.1:\d+$/) }],
      resources: [
        { name: 'VDU1', type: 'VM', status: 'RUNNING', id: stackVmId('dep_1', 'VDU1') },
        { name: 'VDU2', type: 'VM', status: 'RUNNING', id: stackVmId('dep_1', 'VDU2') },
      ],
    });
    expect(events).toEqual([
      'VDU1 CREATE_IN_PROGRESS',
      'VDU1 CREATE_COMPLETE',
      'VDU2 CREATE_IN_PROGRESS',
      'VDU2 CREATE_COMPLETE',
    ]);
    const [first] = site.controls.specs;
    expect(first).toMatchObject({
      name: 'Edge_camera 1',
      network: { id: 'isolated', forwards: [{ protocol: 'tcp', hostPort: 0, guestPort: 8080 }] },
      seed: { hostname: 'edge-camera-1', userData: '#!/bin/sh\necho open sesame $HOME $other$ ${sk}\n' },
    });
    expect(site.controls.specs[1]?.network).toEqual({ id: 'none', forwards: [] });
    expect((await stacks.events('dep_1', {})).map(({ status }) => status)).toContain('BOOT');
  });

  it('is found by a repeated call, and by the next process', async () => {
    const stacks = open();
    await stacks.create(await wishOf(stacks), {});
    const later = open();
    await later.open();
    expect(await later.find({ name: 'camera-1', deploymentId: 'dep_1' }, {})).toBe('dep_1');
    expect(await later.find({ name: 'camera-1', deploymentId: 'dep_2' }, {})).toBeUndefined();
    expect(await later.create(await wishOf(later), {})).toMatchObject({ state: 'ready' });
    expect(site.controls.calls.filter((call) => call.startsWith('create '))).toHaveLength(2);
    expect(later.madeFrom('tiny')).toEqual([{ ref: 'dep_1', name: 'camera-1' }]);
  });

  it('leaves nothing when one of its VMs cannot be made', async () => {
    const stacks = open();
    const wish = await wishOf(stacks);
    await stacks.create({ ...wish, deploymentId: 'dep_0' }, {});
    site.controls.failNext('create', new Problem('conflict', 'sites.errors.memoryDoesNotFit'));
    await expect(stacks.create(wish, {})).rejects.toThrow('memoryDoesNotFit');
    expect(await stacks.get('dep_1', {})).toBeUndefined();
    expect(await site.vms.list()).toHaveLength(2);
    expect(readdirSync(folder)).toEqual(['dep_0.json']);
  });

  it('is made whole for who asks again while the first is being taken away', async () => {
    const stacks = open();
    const wish = await wishOf(stacks);
    const stop = new AbortController();
    const first = stacks.create(wish, { signal: stop.signal, event: () => stop.abort() });
    const second = stacks.create(wish, {});
    await expect(first).rejects.toThrow();
    expect((await second).state).toBe('ready');
    expect(await stacks.find(wish, {})).toBe('dep_1');
    expect(await site.vms.list()).toHaveLength(2);
  });

  it('leaves nothing when it is aborted half-way', async () => {
    const stacks = open();
    const controller = new AbortController();
    const wish = await wishOf(stacks);
    const made = stacks.create(wish, {
      signal: controller.signal,
      event: ({ resource, status }) => {
        if (resource === 'VDU1' && status === 'CREATE_COMPLETE') controller.abort();
      },
    });
    await expect(made).rejects.toThrow('abort');
    expect(await site.vms.list()).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is failed when a VM of it does not run, and says why', async () => {
    const stacks = open();
    await stacks.create(await wishOf(stacks), {});
    site.controls.die(stackVmId('dep_1', 'VDU2'), 'died', 'killed by signal 9');
    expect(await stacks.get('dep_1', {})).toMatchObject({
      state: 'failed',
      reason: 'VDU2 · failed · died · killed by signal 9',
    });
    await site.vms.delete(stackVmId('dep_1', 'VDU1'), {});
    expect((await stacks.get('dep_1', {}))?.resources[0]).toMatchObject({ status: 'MISSING' });
  });

  it('is started again where its machine was off', async () => {
    const stacks = open();
    await stacks.create(await wishOf(stacks), {});
    site.controls.die(stackVmId('dep_1', 'VDU1'), 'diedWhileAway');
    site.controls.die(stackVmId('dep_1', 'VDU2'), 'guestPowerOff');
    const later = open();
    await later.open();
    await expect
      .poll(async () => (await site.vms.list()).map(({ state }) => state))
      .toEqual(['running', 'stopped']);
  });

  it('goes with its VMs', async () => {
    const stacks = open();
    await stacks.create(await wishOf(stacks), {});
    await stacks.delete('dep_1', {});
    await stacks.delete('dep_1', {});
    expect(await site.vms.list()).toEqual([]);
    expect(await stacks.get('dep_1', {})).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of another text, or for no proper id, is refused', async () => {
    const stacks = open();
    const wish = await wishOf(stacks);
    await expect(stacks.create({ ...wish, template: 'vms: []' }, {})).rejects.toThrow('badStack');
    await expect(stacks.create({ ...wish, deploymentId: '../x' }, {})).rejects.toThrow('badStackId');
  });
});
