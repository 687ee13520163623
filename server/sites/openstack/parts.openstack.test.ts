/** What a VM needs around it, made, found, and removed on a real cloud. */
import { randomUUID } from 'node:crypto';
import ssh2 from 'ssh2';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { belongingsOf, removeBelongings } from './belongings';
import { ensureFlavor } from './flavors';
import { ensureKeyPair } from './key-pairs';
import { markOf, nameOf } from './names';
import { readOffers } from './offers';
import { ensureGroup, getGroup } from './security-groups';
import { openCloud } from './session';
import { testAccess } from './testing-login';
import { openWire } from './testing-wire';

const cloud = openCloud(testAccess('developer'));
const admin = openCloud(testAccess('admin'));
const noImages = () => Promise.resolve([]);
const newKey = () => ssh2.utils.generateKeyPairSync('ed25519', { comment: 'parts' }).public;
const [one, two] = [newKey(), newKey()];

const withId = z.object({ id: z.string() });

let vmId: string;
beforeEach(() => {
  vmId = `parts-${randomUUID().slice(0, 8)}`;
});
afterEach(async () => {
  await removeBelongings(cloud, vmId);
  await removeBelongings(admin, vmId);
});
afterAll(async () => {
  await cloud.close();
  await admin.close();
});

describe('offers', () => {
  it('are what the project may use, with its limits', async () => {
    const offers = await readOffers(cloud, noImages);
    expect(offers.flavors.length).toBeGreaterThan(0);
    expect(offers.flavors.map((flavor) => flavor.memoryMiB)).toEqual(
      offers.flavors.map((flavor) => flavor.memoryMiB).toSorted((a, b) => a - b),
    );
    expect(offers.customFlavor).toBeUndefined();
    const provider = offers.networks.find((network) => network.kind === 'provider');
    expect(provider?.ranges).toContainEqual(expect.stringMatching(/^10\./));
    expect(offers.networks.at(-1)).toMatchObject({ id: 'none', kind: 'none' });
    expect(offers.capacity.vcpus.total).toBeGreaterThan(0);
    expect(offers.capacity.diskGiB.total).toBe(-1);
    expect(offers.cloud?.zones).toContain('nova');
    expect(offers.cloud?.securityGroups.map((group) => group.name)).toContain('default');
    expect(offers.cloud?.quota.map((each) => each.resource)).toEqual(
      expect.arrayContaining(['instances', 'keyPairs', 'ports', 'securityGroups', 'securityGroupRules']),
    );
  });

  it('let an administrator choose numbers, up to what one hypervisor has', async () => {
    const { customFlavor } = await readOffers(admin, noImages);
    expect(customFlavor?.maxVcpus).toBeGreaterThan(0);
    expect(customFlavor?.maxMemoryMiB).toBeGreaterThan(512);
  });

  it('ask everything at once, and name the service that is down', async () => {
    const wire = await openWire();
    const slow = openCloud(testAccess('developer'), { route: wire.route, backOffMs: 10 });
    try {
      await readOffers(slow, noImages);
      const asked = wire.carried.length;
      const settle = wire.trouble(/GET /, { delayMs: 1000 });
      const start = performance.now();
      await readOffers(slow, noImages);
      const seconds = (performance.now() - start) / 1000;
      const requests = wire.carried.length - asked;
      expect(requests).toBeGreaterThan(10);
      expect(seconds).toBeLessThan(requests / 2);
      settle();
      wire.trouble(/GET .*\/v2\.0\//, { answer: { status: 503 } });
      await expect(readOffers(slow, noImages)).rejects.toMatchObject({
        code: 'unavailable',
        params: { service: 'neutron' },
      });
    } finally {
      await slow.close();
      await wire.close();
    }
  });

  it('leave out what was made for one VM', async () => {
    await ensureGroup(cloud, vmId, []);
    await ensureFlavor(admin, vmId, { vcpus: 1, memoryMiB: 200, diskGiB: 1 });
    const offers = [await readOffers(cloud, noImages), await readOffers(admin, noImages)];
    for (const { flavors, cloud: more } of offers) {
      expect(flavors.map((flavor) => flavor.name)).not.toContain(nameOf(vmId));
      expect(more?.securityGroups.map((group) => group.name)).not.toContain(nameOf(vmId));
    }
  });
});

describe('key pair', () => {
  it('is one, however often it is asked for, and follows the key', async () => {
    expect(await ensureKeyPair(cloud, vmId, one)).toBe(nameOf(vmId));
    expect(await ensureKeyPair(cloud, vmId, one)).toBe(nameOf(vmId));
    expect(await belongingsOf(cloud, vmId)).toEqual([`key pair ${nameOf(vmId)}`]);
    await ensureKeyPair(cloud, vmId, two);
    const { keypair } = await cloud.ask({
      service: 'compute',
      path: `/os-keypairs/${nameOf(vmId)}`,
      schema: z.object({ keypair: z.object({ public_key: z.string() }) }),
    });
    expect(keypair.public_key).toBe(two);
  });

  it('is one when two ask at once', async () => {
    await Promise.all([ensureKeyPair(cloud, vmId, one), ensureKeyPair(cloud, vmId, one)]);
    expect(await belongingsOf(cloud, vmId)).toHaveLength(1);
  });

  it('refuses what is no key, in the cloud’s words', async () => {
    await expect(ensureKeyPair(cloud, vmId, 'no key')).rejects.toMatchObject({ code: 'invalid' });
    expect(await belongingsOf(cloud, vmId)).toEqual([]);
  });
});

describe('flavor', () => {
  const size = { vcpus: 1, memoryMiB: 200, diskGiB: 1 };

  it('of the list is looked up, and refused when it is not there', async () => {
    const [first] = (await readOffers(cloud, noImages)).flavors;
    expect(await ensureFlavor(cloud, vmId, { id: first?.id ?? '' })).toEqual({
      id: first?.id,
      vcpus: first?.vcpus,
      memoryMiB: first?.memoryMiB,
      diskGiB: first?.diskGiB,
    });
    await expect(ensureFlavor(cloud, vmId, { id: 'no-such' })).rejects.toMatchObject({ code: 'invalid' });
  });

  it('of one’s own is made once, and anew for other numbers', async () => {
    const made = await ensureFlavor(admin, vmId, size);
    expect(await ensureFlavor(admin, vmId, size)).toEqual(made);
    const other = await ensureFlavor(admin, vmId, { ...size, memoryMiB: 240 });
    expect(other).toMatchObject({ memoryMiB: 240 });
    expect(await belongingsOf(admin, vmId)).toEqual([`flavor ${nameOf(vmId)}`]);
  });

  it('of one’s own is refused where nova’s policy forbids it', async () => {
    await expect(ensureFlavor(cloud, vmId, size)).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('security group', () => {
  it('is one, with each rule once for both families', async () => {
    const ports = [{ protocol: 'tcp', port: 22 }, { protocol: 'icmp' }] as const;
    const id = await ensureGroup(cloud, vmId, ports);
    expect(await ensureGroup(cloud, vmId, ports)).toBe(id);
    expect(await ensureGroup(cloud, vmId, [{ protocol: 'udp', port: 5000 }])).toBe(id);
    const group = await getGroup(cloud, id);
    const rules = group?.security_group_rules
      .filter((rule) => rule.direction === 'ingress')
      .map((rule) => `${rule.ethertype} ${rule.protocol} ${rule.port_range_min ?? '-'}`);
    expect(rules?.toSorted()).toEqual([
      'IPv4 icmp -',
      'IPv4 tcp 22',
      'IPv4 udp 5000',
      'IPv6 ipv6-icmp -',
      'IPv6 tcp 22',
      'IPv6 udp 5000',
    ]);
    expect(group?.description).toBe(markOf(vmId));
    expect(await belongingsOf(cloud, vmId)).toEqual([`security group ${nameOf(vmId)} ${id}`]);
  });
});

async function makeNetwork(): Promise<{ id: string }> {
  const { network } = await cloud.ask({
    service: 'network',
    method: 'POST',
    path: '/v2.0/networks',
    body: { network: { name: vmId } },
    schema: z.object({ network: withId }),
  });
  return network;
}

describe('removal', () => {
  it('leaves the project as it was, and may be repeated', async () => {
    const before = await readOffers(admin, noImages);
    await ensureKeyPair(admin, vmId, one);
    await ensureFlavor(admin, vmId, { vcpus: 1, memoryMiB: 200, diskGiB: 1 });
    await ensureGroup(admin, vmId, [{ protocol: 'tcp', port: 22 }]);
    await admin.send({
      service: 'image',
      method: 'POST',
      path: '/v2/images',
      body: { name: nameOf(vmId), disk_format: 'raw', container_format: 'bare', edgeyard_vm: vmId },
    });
    expect(await belongingsOf(admin, vmId)).toHaveLength(4);
    await removeBelongings(admin, vmId);
    await removeBelongings(admin, vmId);
    expect(await belongingsOf(admin, vmId)).toEqual([]);
    const after = await readOffers(admin, noImages);
    expect(after.flavors).toEqual(before.flavors);
    expect(after.cloud?.securityGroups).toEqual(before.cloud?.securityGroups);
  });

  it('waits for a port that still uses the group', async () => {
    const group = await ensureGroup(cloud, vmId, []);
    const network = await makeNetwork();
    try {
      const { port } = await cloud.ask({
        service: 'network',
        method: 'POST',
        path: '/v2.0/ports',
        body: { port: { network_id: network.id, security_groups: [group] } },
        schema: z.object({ port: withId }),
      });
      const wire = await openWire();
      const watched = openCloud(testAccess('developer'), { route: wire.route });
      const removal = removeBelongings(watched, vmId);
      await vi.waitFor(() => expect(wire.carried.some((each) => each.status === 409)).toBe(true), {
        timeout: 30_000,
      });
      await cloud.send({ service: 'network', method: 'DELETE', path: `/v2.0/ports/${port.id}` });
      await removal;
      expect(await belongingsOf(cloud, vmId)).toEqual([]);
      await watched.close();
      await wire.close();
    } finally {
      await cloud.send({ service: 'network', method: 'DELETE', path: `/v2.0/networks/${network.id}` });
    }
  });

  it('takes ports that were made for the VM', async () => {
    const network = await makeNetwork();
    await cloud.send({
      service: 'network',
      method: 'POST',
      path: '/v2.0/ports',
      body: { port: { network_id: network.id, description: markOf(vmId) } },
    });
    expect(await belongingsOf(cloud, vmId)).toEqual([expect.stringMatching(/^port /)]);
    await removeBelongings(cloud, vmId);
    await cloud.send({ service: 'network', method: 'DELETE', path: `/v2.0/networks/${network.id}` });
    expect(await belongingsOf(cloud, vmId)).toEqual([]);
  });

  it('keeps an image that was kept', async () => {
    const { id } = await cloud.ask({
      service: 'image',
      method: 'POST',
      path: '/v2/images',
      body: {
        name: nameOf(vmId),
        disk_format: 'raw',
        container_format: 'bare',
        edgeyard_vm: vmId,
        edgeyard_digest: 'sha256:0',
      },
      schema: withId,
    });
    await removeBelongings(cloud, vmId);
    const kept = {
      service: 'image',
      path: `/v2/images/${id}`,
      schema: z.object({ id: z.string() }),
    } as const;
    expect(await cloud.find(kept)).toEqual({ id });
    await cloud.send({ service: 'image', method: 'DELETE', path: `/v2/images/${id}` });
  });
});
