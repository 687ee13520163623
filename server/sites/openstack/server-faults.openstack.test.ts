import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { untilLogin } from '../contract';
import type { CloudWish, SiteEvent, VmSpec } from '../site';
import { wish } from '../wish';
import { belongingsOf } from './belongings';
import { serverPath } from './servers';
import { openOpenStackBench, type OpenStackBench } from './testing';
import { openWire } from './testing-wire';

let bench: OpenStackBench;
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFb8VYRbMh+ghfUnBxcd6eWTQVKJ3NQdAPCQHgWUYXnr test';
const cloudWish: CloudWish = {
  moreNetworks: [],
  securityGroupIds: [],
  openPorts: [{ protocol: 'tcp', port: 22 }, { protocol: 'icmp' }],
};

/** A VM with everything around it that a plain member can have made. */
function full(part: Partial<VmSpec> = {}): VmSpec {
  const seed = { hostname: 'first', sshKeys: [key], userData: undefined };
  return wish('tiny', { ...bench.wish, cloud: cloudWish, seed, ...part });
}

async function deleteAtCloud(ref: string): Promise<void> {
  await bench.project.cloud.send({ service: 'compute', method: 'DELETE', path: serverPath(ref) });
}

beforeAll(async () => {
  bench = await openOpenStackBench();
});
beforeEach(async () => {
  expect(await bench.leftovers()).toEqual([]);
});
afterAll(async () => {
  await bench.close();
});

describe('a creation', () => {
  it('beyond the quota of servers is refused by nova, and leaves nothing', async () => {
    await bench.project.limit({ instances: 0 });
    try {
      const failed = bench.site.vms.create(full(), {});
      await expect(failed).rejects.toMatchObject({ key: expect.stringMatching(/^openstack\.errors\.quota/) });
    } finally {
      await bench.project.limit({ instances: 5 });
    }
    expect(await bench.leftovers()).toEqual([]);
  });

  it('that no host has room for says so, and leaves nothing', async () => {
    const { admin, id } = bench.project;
    const { flavor } = await admin.ask({
      service: 'compute',
      method: 'POST',
      path: '/flavors',
      body: {
        flavor: {
          name: `giant-${id}`,
          vcpus: 1,
          ram: 4_000_000,
          disk: 1,
          'os-flavor-access:is_public': false,
        },
      },
      schema: z.object({ flavor: z.object({ id: z.string() }) }),
    });
    const path = `/flavors/${flavor.id}`;
    const body = { addTenantAccess: { tenant: id } };
    await admin.send({ service: 'compute', method: 'POST', path: `${path}/action`, body });
    await bench.project.limit({ ram: -1 });
    const events: SiteEvent[] = [];
    try {
      await expect(
        bench.site.vms.create(full({ flavor: { id: flavor.id } }), { report: (event) => events.push(event) }),
      ).rejects.toMatchObject({
        key: 'openstack.errors.noValidHost',
        detail: expect.stringContaining('No valid host'),
      });
    } finally {
      await admin.send({ service: 'compute', method: 'DELETE', path });
    }
    expect(events.map(({ event }) => event)).toContain('askingForServer');
    expect(await bench.leftovers()).toEqual([]);
  });

  it('of an image that is none ends in the host’s words, and leaves nothing', async () => {
    const path = join(bench.folder, 'garbage.qcow2');
    writeFileSync(path, randomBytes(100_000));
    const failed = bench.site.vms.create(full({ imageId: await bench.addImage(path) }), {});
    await expect(failed).rejects.toMatchObject({ code: 'failed', detail: expect.stringMatching(/./) });
    expect(await bench.leftovers()).toEqual([]);
  });

  it.each(['askingForServer', 'building'])('given up at %s leaves nothing', async (moment) => {
    const stop = new AbortController();
    const making = bench.site.vms.create(full(), {
      signal: stop.signal,
      report: ({ event }) => {
        if (event === moment) stop.abort();
      },
    });
    await expect(making).rejects.toThrow();
    expect(await bench.leftovers()).toEqual([]);
  });

  it('whose answer is lost finds the server that it made', async () => {
    const wire = await openWire();
    const site = await bench.another({ route: wire.route });
    wire.trouble(/^POST .*\/servers$/, { cutAfter: 0 }, 1);
    const vm = await site.vms.create(full(), {});
    expect(vm.state).toBe('running');
    expect(
      wire.carried.filter(({ method, url }) => method === 'POST' && url.endsWith('/servers')),
    ).toHaveLength(1);
    expect(await site.vms.list()).toHaveLength(1);
    await site.vms.delete(vm.ref, { vmId: 'vm-a' });
    await site.close();
    await wire.close();
  });
});

describe('a VM', () => {
  it('is gone on with by another process, and goes with all that was made for it', async () => {
    const other = await bench.another();
    const first = bench.site.vms.create(full(), {});
    await vi.waitFor(async () => expect(await other.vms.list()).toHaveLength(1), {
      timeout: 60_000,
      interval: 200,
    });
    const [one, same] = await Promise.all([first, other.vms.create(full(), {})]);
    expect(same.ref).toBe(one.ref);
    const things = await belongingsOf(bench.project.cloud, 'vm-a');
    expect(things.map((thing) => thing.split(' edgeyard')[0])).toEqual([
      'key pair',
      'security group',
      expect.stringMatching(/^server first /),
    ]);
    await bench.site.vms.delete(one.ref, {});
    await vi.waitFor(async () => expect(await other.vms.get(one.ref)).toBeUndefined());
    await other.close();
  });

  it('deleted behind our back is noticed, and what was around it goes', async () => {
    const { site } = bench;
    const vm = await site.vms.create(full(), {});
    const changed: string[] = [];
    const off = site.onChange(({ ref }) => changed.push(ref));
    await deleteAtCloud(vm.ref);
    await vi.waitFor(
      async () => {
        expect(await site.vms.get(vm.ref)).toBeUndefined();
        expect(changed).toContain(vm.ref);
      },
      { timeout: 60_000, interval: 500 },
    );
    off();
    expect(await site.vms.list()).toEqual([]);
    await expect(site.vms.start(vm.ref, {})).rejects.toMatchObject({ key: 'sites.errors.noVm' });
    expect(await bench.leftovers()).toHaveLength(2);
    await site.vms.delete(vm.ref, { vmId: 'vm-a' });
  });

  it('in ERROR is failed, and starts again', async () => {
    const { site, project } = bench;
    const vm = await site.vms.create(full(), {});
    await untilLogin(site, vm.ref);
    await project.admin.send({
      service: 'compute',
      method: 'POST',
      path: serverPath(vm.ref, '/action'),
      body: { 'os-resetState': { state: 'error' } },
    });
    expect(await site.vms.get(vm.ref)).toMatchObject({ state: 'failed', reason: 'cloudFault' });
    await site.vms.start(vm.ref, {});
    expect(await site.vms.get(vm.ref)).toMatchObject({ state: 'running', reason: undefined });
    await site.vms.delete(vm.ref, {});
  });
});
