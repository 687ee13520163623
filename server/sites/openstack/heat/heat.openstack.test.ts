import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { GuestImage } from '../../site';
import type { AppTopology, StackEvent, Stacks } from '../../stacks';
import type { Cloud } from '../cloud';
import { readOffers } from '../offers';
import { openCloud } from '../session';
import { imageBench, type ImageBench } from '../testing-images';
import { testAccess } from '../testing-login';
import { heatStacks } from './stacks';

let cloud: Cloud;
let bench: ImageBench;
let stacks: Stacks;
let image: GuestImage;
const name = `heat-test-${randomBytes(3).toString('hex')}`;
const mark = { name, deploymentId: name };

beforeAll(() => {
  cloud = openCloud(testAccess('developer'));
  bench = imageBench();
  image = bench.guest();
  stacks = heatStacks(cloud, bench.library, ({ signal }) =>
    readOffers(cloud, () => bench.library.list(), signal),
  );
});
afterAll(async () => {
  const left = await stacks.find(mark, {});
  if (left !== undefined) await stacks.delete(left, {});
  await bench.end(cloud);
  await cloud.close();
});

/** One small VM on the network that this machine reaches, and on one of the app's own. */
function topology(part: { address?: string } = {}): AppTopology {
  return {
    name: 'Heat test',
    version: '1.0',
    inputs: [
      { name: 'word', type: 'string', description: '', default: 'hello', required: false, secret: true },
    ],
    networks: [
      { node: 'VL1', name: 'provider', range: undefined },
      { node: 'VL2', name: 'inside', range: '10.91.0.0/24' },
    ],
    vms: [
      {
        node: 'VDU1',
        name,
        vcpus: 1,
        memoryMiB: 192,
        diskGiB: 1,
        image: 'guest',
        zone: undefined,
        userData: {
          contents: '#!/bin/sh\necho "$word$" >/dev/console\n',
          params: { word: { input: 'word' } },
        },
        cards: [
          { node: 'CP0', network: 'VL1', address: undefined, serves: [{ protocol: 'tcp', port: 80 }] },
          { node: 'CP1', network: 'VL2', address: part.address, serves: [] },
        ],
      },
    ],
  };
}

async function create(wanted: AppTopology, event: (event: StackEvent) => void, signal?: AbortSignal) {
  const images = new Map([['guest', image.id]]);
  const plan = await stacks.plan(wanted, images, { signal });
  expect(plan.reasons).toEqual([]);
  return stacks.create(
    { ...mark, jobId: 'job-heat', template: plan.template, parameters: { word: 'hi' }, images },
    { signal, event },
  );
}

/** What the test's stacks have in the project. */
async function ports(): Promise<string[]> {
  const schema = z.object({ name: z.string() });
  const all = await cloud.list({ service: 'network', path: '/v2.0/ports', key: 'ports', schema });
  return all.map((port) => port.name).filter((each) => each.startsWith(name));
}

describe('stacks of Heat', () => {
  it('makes all VMs of a package as one, tells its events, and removes it', async () => {
    const events: StackEvent[] = [];
    const stack = await create(topology(), (event) => events.push(event));
    expect(stack).toMatchObject({ name, state: 'ready' });
    expect(stack.outputs).toContainEqual({ name: 'address_VDU1', value: expect.stringMatching(/^10\.77\./) });
    expect(stack.resources.map(({ type }) => type)).toContain('OS::Nova::Server');
    expect(events.map(({ resource, status }) => `${resource} ${status}`)).toContain(
      'server_VDU1 CREATE_COMPLETE',
    );
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);

    // Asked for again, as after a crash, it is the same stack.
    const again = await create(topology(), () => undefined);
    expect(again.ref).toBe(stack.ref);

    await stacks.delete(stack.ref, {});
    await stacks.delete(stack.ref, {});
    expect(await stacks.get(stack.ref, {})).toBeUndefined();
    expect(await ports()).toEqual([]);
  });

  it('that fail say why, and leave nothing', async () => {
    // An address for documentation (RFC 5737) on a network that has another range.
    const wrong = create(topology({ address: '192.0.2.9' }), () => undefined);
    await expect(wrong).rejects.toMatchObject({
      name: 'Problem',
      detail: expect.stringContaining('192.0.2.9'),
    });
    expect(await stacks.find(mark, {})).toBeUndefined();
    expect(await ports()).toEqual([]);
  });

  it('given up in the middle leave nothing', async () => {
    const stop = new AbortController();
    const given = create(topology(), () => stop.abort(), stop.signal);
    await expect(given).rejects.toThrow();
    expect(await stacks.find(mark, {})).toBeUndefined();
    expect(await ports()).toEqual([]);
  });
});
