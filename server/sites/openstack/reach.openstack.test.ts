/** The way to a real guest: closed by its security group, opened, and given a floating IP. */
import { randomUUID } from 'node:crypto';
import ssh2 from 'ssh2';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { NetworkKind } from '../site';
import { belongingsOf, removeBelongings } from './belongings';
import { floatingIpsOf, giveFloatingIp } from './floating-ips';
import { ensureKeyPair } from './key-pairs';
import { networkArgs, takesGroups } from './networks';
import { readOffers } from './offers';
import { portsOf } from './ports';
import { examineReach, mendReach } from './reach';
import { ensureGroup, openPort, putIntoGroups } from './security-groups';
import { openCloud } from './session';
import { testAccess } from './testing-login';

const cloud = openCloud(testAccess('developer'));
const key = ssh2.utils.generateKeyPairSync('ed25519', { comment: 'reach' }).public;
const withId = z.object({ id: z.string() });

let vmId: string;
let serverId: string | undefined;
let networkId: string | undefined;
beforeEach(() => {
  vmId = `reach-${randomUUID().slice(0, 8)}`;
  serverId = undefined;
  networkId = undefined;
});
afterEach(async () => {
  await removeServer();
  await removeNetwork();
  await removeBelongings(cloud, vmId);
  expect(await belongingsOf(cloud, vmId)).toEqual([]);
});
afterAll(() => cloud.close());

async function removeServer(): Promise<void> {
  if (!serverId) return;
  await cloud.send({ service: 'compute', method: 'DELETE', path: `/servers/${serverId}` });
  await until(serverId, undefined);
}

/** Nova answers before neutron has let go of a server's port, for which neutron refuses. */
async function removeNetwork(): Promise<void> {
  if (!networkId) return;
  const path = `/v2.0/networks/${networkId}`;
  await vi.waitFor(() => cloud.send({ service: 'network', method: 'DELETE', path }), {
    timeout: 60_000,
    interval: 1000,
  });
}

/** Waits until nova says the status; undefined waits until it knows the server no longer. */
async function until(id: string, status: string | undefined): Promise<void> {
  await vi.waitFor(
    async () => {
      const found = await cloud.find({
        service: 'compute',
        path: `/servers/${id}`,
        schema: z.object({ server: z.object({ status: z.string() }) }),
      });
      expect(found?.server.status).toBe(status);
    },
    { timeout: 120_000, interval: 500 },
  );
}

/** A small server on a network of the kind, behind a group that lets nothing in. */
async function makeServer(kind: NetworkKind): Promise<string> {
  const { networks } = await readOffers(cloud, () => Promise.resolve([]));
  const network = networks.find((each) => each.kind === kind);
  if (!network) throw new Error(`the cloud has no network of kind ${kind}`);
  return makeServerOn(network.id, await ensureGroup(cloud, vmId, []));
}

async function makeServerOn(onto: string, group?: string): Promise<string> {
  const images = await cloud.list({
    service: 'image',
    path: '/v2/images',
    query: { visibility: 'public', status: 'active' },
    key: 'images',
    schema: withId,
  });
  const offers = await readOffers(cloud, () => Promise.resolve([]));
  const { server } = await cloud.ask({
    service: 'compute',
    method: 'POST',
    path: '/servers',
    body: {
      server: {
        name: vmId,
        imageRef: images[0]?.id,
        flavorRef: offers.flavors[0]?.id,
        key_name: await ensureKeyPair(cloud, vmId, key),
        ...(group === undefined ? {} : { security_groups: [{ name: group }] }),
        networks: networkArgs({ network: { id: onto, forwards: [] } }),
        config_drive: true,
        metadata: { edgeyard_vm: vmId },
      },
    },
    schema: z.object({ server: withId }),
  });
  serverId = server.id;
  await until(server.id, 'ACTIVE');
  return server.id;
}

async function says(id: string, port: number): Promise<string[]> {
  return (await examineReach(cloud, id, port)).hops.map((hop) => `${hop.says}${hop.ok ? '' : '!'}`);
}

describe('the way to a guest', () => {
  it('is closed by its group, opened by the fix, and ends where nothing listens', async () => {
    const id = await makeServer('provider');
    // No group at all, so that the fix has to put the running guest's port into one.
    await putIntoGroups(cloud, id, []);
    const closed = await examineReach(cloud, id, 22);
    expect(closed.hops.map((hop) => hop.says)).toEqual(['serverRuns', 'hasAddress', 'groupClosed']);
    expect(closed.hops.at(-1)).toMatchObject({ ok: false, hop: 'securityGroup' });
    expect(closed.fixes).toEqual([
      { kind: 'openPort', port: 22 },
      { kind: 'configDrive', kib: 32 },
    ]);

    await mendReach(cloud, id, vmId, { kind: 'openPort', port: 22 });
    await mendReach(cloud, id, vmId, { kind: 'openPort', port: 22 });
    await vi.waitFor(
      async () =>
        expect(await says(id, 22)).toEqual(['serverRuns', 'hasAddress', 'groupOpen', 'answers', 'portOpen']),
      { timeout: 120_000, interval: 1000 },
    );
    expect((await examineReach(cloud, id, 22)).fixes).toEqual([]);

    await openPort(cloud, vmId, id, 8081);
    await vi.waitFor(
      async () =>
        expect(await says(id, 8081)).toEqual([
          'serverRuns',
          'hasAddress',
          'groupOpen',
          'answers',
          'portRefused!',
        ]),
      { timeout: 60_000, interval: 1000 },
    );
    expect((await portsOf(cloud, id))[0]?.security_groups).toHaveLength(1);

    await cloud.send({
      service: 'compute',
      method: 'POST',
      path: `/servers/${id}/action`,
      body: { 'os-stop': null },
    });
    await until(id, 'SHUTOFF');
    expect(await examineReach(cloud, id, 22)).toEqual({
      hops: [{ hop: 'state', ok: false, says: 'serverNotActive', params: { status: 'SHUTOFF' } }],
      fixes: [],
    });
  });

  it('to a network behind a router is a floating IP, given once', async () => {
    const id = await makeServer('nat');
    await openPort(cloud, vmId, id, 22);
    const before = await examineReach(cloud, id, 22);
    expect(before.hops.at(-1)).toMatchObject({ hop: 'route', ok: false });
    const fix = before.fixes.find((each) => each.kind === 'floatingIp');
    expect(before.fixes.at(-1)).toEqual({ kind: 'configDrive', kib: 32 });
    if (!fix) throw new Error('no floating IP was offered');
    await mendReach(cloud, id, vmId, fix);
    const [first] = await floatingIpsOf(cloud, vmId);
    const again = await giveFloatingIp(cloud, { serverId: id, vmId, networkId: fix.networkId });
    expect(again).toBe(first?.floating_ip_address);
    expect(await floatingIpsOf(cloud, vmId)).toHaveLength(1);
    await vi.waitFor(
      async () =>
        expect(await says(id, 22)).toEqual(['serverRuns', 'hasAddress', 'groupOpen', 'answers', 'portOpen']),
      { timeout: 120_000, interval: 1000 },
    );
  });

  it('passes no groups where port security is off', async () => {
    const { network } = await cloud.ask({
      service: 'network',
      method: 'POST',
      path: '/v2.0/networks',
      body: { network: { name: vmId, port_security_enabled: false } },
      schema: z.object({ network: withId }),
    });
    networkId = network.id;
    const subnet = { network_id: network.id, cidr: '10.99.7.0/24', ip_version: 4, gateway_ip: null };
    const path = '/v2.0/subnets';
    await cloud.send({ service: 'network', method: 'POST', path, body: { subnet } });
    expect(await takesGroups(cloud, { network: { id: network.id, forwards: [] } })).toBe(false);
    const id = await makeServerOn(network.id);
    await putIntoGroups(cloud, id, [await ensureGroup(cloud, vmId, [])]);
    // What comes after depends on where else the machine of the tests can reach.
    expect((await says(id, 22)).slice(0, 3)).toEqual(['serverRuns', 'hasAddress', 'groupsOff']);
    await expect(openPort(cloud, vmId, id, 22)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('of a server that is gone ends at once', async () => {
    expect(await examineReach(cloud, randomUUID(), 22)).toMatchObject({
      hops: [{ hop: 'state', ok: false, says: 'serverGone' }],
      fixes: [],
    });
  });
});
