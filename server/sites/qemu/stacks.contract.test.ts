/** A stack on real QEMU: user data with its parameters, a port that answers, a process that ends and comes again. */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Site } from '../site';
import type { AppTopology, Stacks } from '../stacks';
import { openQemuBench, type QemuBench } from './testing';

const topology: AppTopology = {
  name: 'greeter',
  version: '1.0',
  inputs: [
    { name: 'plane', type: 'string', description: '', default: 'n6', required: false, secret: false },
    { name: 'greeting', type: 'string', description: '', required: true, secret: false },
  ],
  networks: [{ node: 'VL1', name: { input: 'plane' } }],
  vms: [
    {
      node: 'VDU1',
      name: 'greeter',
      vcpus: 1,
      memoryMiB: 256,
      diskGiB: 1,
      image: 'greeter image',
      userData: {
        contents: [
          '#!/bin/sh',
          'mkdir -p /www',
          "echo '$greeting$' >/www/index.html",
          'busybox httpd -p 8080 -h /www',
          '',
        ].join('\n'),
        params: { greeting: { input: 'greeting' } },
      },
      cards: [{ node: 'CP0', network: 'VL1', serves: [{ protocol: 'tcp', port: 8080 }] }],
    },
  ],
};
const images = new Map([['greeter image', 'tiny']]);

const stacksOf = (site: Site): Stacks => {
  if (!site.stacks) throw new Error('the QEMU site has stacks');
  return site.stacks;
};

describe('a stack on QEMU', () => {
  let bench: QemuBench;
  beforeAll(async () => {
    bench = await openQemuBench();
  });
  afterAll(() => bench.close());

  it('answers at its port, is known to the next process, and goes whole', async () => {
    const stacks = stacksOf(bench.site);
    const plan = await stacks.plan(topology, images, {});
    expect(plan.reasons).toEqual([]);
    const wish = {
      name: 'greeter-1',
      deploymentId: 'dep_1',
      jobId: 'job_1',
      template: plan.template,
      parameters: { greeting: 'hello from the edge' },
      images,
    };
    const made = await stacks.create(wish, {});
    expect(made).toMatchObject({ state: 'ready', resources: [{ name: 'VDU1', status: 'RUNNING' }] });
    const address = made.outputs.find(({ name }) => name === 'VDU1 tcp/8080')?.value;
    const answer = async (at: string | undefined) =>
      fetch(`http://${at}/`).then(
        (response) => response.text(),
        () => '',
      );
    const soon = { timeout: 150_000, interval: 500 };
    await expect.poll(() => answer(address), soon).toContain('hello from the edge');

    await bench.site.close();
    const next = stacksOf(await bench.another());
    const ref = await next.find({ name: 'greeter-1', deploymentId: 'dep_1' }, {});
    expect(ref).toBe('dep_1');
    expect(await next.get('dep_1', {})).toMatchObject({ name: 'greeter-1', state: 'ready' });
    expect(await answer(address)).toContain('hello from the edge');
    expect(await next.create(wish, {})).toMatchObject({ outputs: made.outputs });
    expect(bench.processes()).toHaveLength(1);

    await next.delete('dep_1', {});
    expect(await next.get('dep_1', {})).toBeUndefined();
    expect(bench.processes()).toEqual([]);
    const left = await bench.leftovers();
    expect(left.filter((name) => name !== '.stacks')).toEqual([]);
    expect(existsSync(`${bench.dir}/.stacks/dep_1.json`)).toBe(false);
  });

  it('runs again after its machine was off', async () => {
    const site = await bench.another();
    const plan = await stacksOf(site).plan(topology, images, {});
    await stacksOf(site).create(
      {
        name: 'greeter-2',
        deploymentId: 'dep_2',
        jobId: 'job_2',
        template: plan.template,
        parameters: { greeting: 'again' },
        images,
      },
      {},
    );
    await site.close();
    for (const pid of bench.processes()) process.kill(pid, 'SIGKILL');
    await expect.poll(() => bench.processes(), { timeout: 20_000 }).toEqual([]);
    const next = stacksOf(await bench.another());
    await expect
      .poll(async () => (await next.get('dep_2', {}))?.state, { timeout: 60_000, interval: 200 })
      .toBe('ready');
    expect(bench.processes()).toHaveLength(1);
    await next.delete('dep_2', {});
  });
});
