/** Refusals that a real OpenStack is brought to: quotas that are full, hosts that have no room, values it does not take. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { Problem } from '../../problem';
import type { Cloud, Service } from './cloud';
import { serverFault } from './server-fault';
import { openCloud } from './session';
import { testAccess } from './testing-login';

const name = `edgeyard-faults-${Date.now()}`;
const withId = z.object({ id: z.string() });
const named = z.object({ id: z.string(), name: z.string() });
const nowhere = '5e3e0f5e-0000-4000-8000-000000000000';

/** A project of the test's own, whose quotas nobody else meets. */
let admin: Cloud;
let cloud: Cloud;
let projectId: string;
let userId: string;
let flavorId: string;
let giantId: string;
let imageId: string;
let networkId: string;
let externalId: string;

beforeAll(async () => {
  const access = testAccess('admin');
  admin = openCloud(access);
  const made = (thing: string, body: object) =>
    admin
      .ask({
        service: 'identity',
        method: 'POST',
        path: `/${thing}s`,
        body: { [thing]: { name, domain_id: 'default', ...body } },
        schema: z.looseObject({ [thing]: withId }),
      })
      .then((answer) => withId.parse(answer[thing]).id);
  projectId = await made('project', {});
  userId = await made('user', { password: name, default_project_id: projectId });
  const roles = await admin.list({ service: 'identity', path: '/roles', key: 'roles', schema: named });
  const member = roles.find((role) => role.name === 'member')?.id;
  const grant = `/projects/${projectId}/users/${userId}/roles/${member}`;
  await admin.send({ service: 'identity', method: 'PUT', path: grant });
  cloud = openCloud({ login: { ...access.login, userName: name, projectName: name }, secret: name });
  flavorId = await makeFlavor(`${name}-small`, 1);
  giantId = await makeFlavor(`${name}-giant`, 900);
  const images = await cloud.list({ service: 'image', path: '/v2/images', key: 'images', schema: named });
  imageId = images[0]?.id ?? '';
  const network = named.extend({ shared: z.boolean(), 'router:external': z.boolean() });
  const all = await cloud.list({
    service: 'network',
    path: '/v2.0/networks',
    key: 'networks',
    schema: network,
  });
  networkId = all.find(({ shared }) => shared)?.id ?? '';
  externalId = all.find((each) => each['router:external'])?.id ?? '';
});

afterAll(async () => {
  const servers = { service: 'compute', path: '/servers', key: 'servers', schema: named } as const;
  for (const server of await cloud.list(servers)) await remove(cloud, 'compute', `/servers/${server.id}`);
  await vi.waitFor(async () => expect(await cloud.list(servers)).toEqual([]), {
    timeout: 60_000,
    interval: 500,
  });
  const groups = {
    service: 'network',
    path: '/v2.0/security-groups',
    key: 'security_groups',
    schema: named,
  } as const;
  const query = { project_id: projectId };
  for (const { id } of await admin.list({ ...groups, query }))
    await remove(admin, 'network', `${groups.path}/${id}`);
  for (const id of [flavorId, giantId]) await remove(admin, 'compute', `/flavors/${id}`);
  await remove(admin, 'network', `/v2.0/quotas/${projectId}`);
  await remove(admin, 'compute', `/os-quota-sets/${projectId}`);
  await remove(admin, 'identity', `/users/${userId}`);
  await remove(admin, 'identity', `/projects/${projectId}`);
  await Promise.all([cloud.close(), admin.close()]);
});

async function makeFlavor(flavorName: string, vcpus: number): Promise<string> {
  const { flavor } = await admin.ask({
    service: 'compute',
    method: 'POST',
    path: '/flavors',
    body: { flavor: { name: flavorName, ram: 512, vcpus, disk: 1 } },
    schema: z.object({ flavor: withId }),
  });
  return flavor.id;
}

function remove(by: Cloud, service: Service, path: string): Promise<void> {
  return by.send({ service, method: 'DELETE', path });
}

async function setQuota(quota: Record<string, number>): Promise<void> {
  const path = `/os-quota-sets/${projectId}`;
  await admin.send({ service: 'compute', method: 'PUT', path, body: { quota_set: quota } });
}

const server = (change: object = {}) => ({
  server: { name, flavorRef: flavorId, imageRef: imageId, networks: 'none', ...change },
});

async function refusalOf(service: Service, path: string, body: unknown): Promise<Problem> {
  return (await cloud.ask({ service, method: 'POST', path, body, schema: z.unknown() }).then(
    () => expect.unreachable(`${path} succeeded`),
    (error: unknown) => error,
  )) as Problem;
}

describe('a quota that is full', () => {
  it.each([
    ['cores', { cores: 0, instances: 2, ram: -1 }, { resource: 'cores', asked: 1, used: 0, limit: 0 }],
    ['ram', { cores: -1, instances: 2, ram: 64 }, { resource: 'memory', asked: 512, used: 0, limit: 64 }],
    [
      'instances',
      { cores: -1, instances: 0, ram: -1 },
      { resource: 'instances', asked: 1, used: 0, limit: 0 },
    ],
  ])('of servers is named with its numbers: %s', async (_quota, quota, params) => {
    await setQuota(quota);
    const problem = await refusalOf('compute', '/servers', server());
    expect(problem).toMatchObject({ code: 'conflict', key: 'openstack.errors.quotaAmount', params });
  });

  it('of other things is named', async () => {
    const quotas = { port: 0, security_group: 0, floatingip: 0, network: 0, subnet: 0, router: 0 };
    const path = `/v2.0/quotas/${projectId}`;
    await admin.send({ service: 'network', method: 'PUT', path, body: { quota: quotas } });
    await setQuota({ cores: -1, instances: 2, ram: -1, key_pairs: 0, server_groups: 0, metadata_items: 1 });
    const keyPair = {
      name,
      public_key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqfgbGxFAYfiXXZ1OyMGoeZk0bYbkbbbbbbbbbbbbbb',
    };
    const refusals = [
      await refusalOf('compute', '/os-keypairs', { keypair: keyPair }),
      await refusalOf('compute', '/os-server-groups', { server_group: { name, policy: 'affinity' } }),
      await refusalOf('compute', '/servers', server({ metadata: { a: '1', b: '2' } })),
      await refusalOf('compute', '/servers', server({ networks: [{ uuid: networkId }] })),
      await refusalOf('network', '/v2.0/ports', { port: { network_id: networkId } }),
      await refusalOf('network', '/v2.0/networks', { network: { name } }),
      await refusalOf('network', '/v2.0/routers', { router: { name } }),
      await refusalOf('network', '/v2.0/floatingips', { floatingip: { floating_network_id: externalId } }),
    ];
    expect(refusals.map(({ key }) => key)).toEqual(refusals.map(() => 'openstack.errors.quota'));
    expect(refusals.map(({ params }) => params.resource)).toEqual([
      'keyPairs',
      'serverGroups',
      'metadata',
      'ports',
      'ports',
      'networks',
      'routers',
      'floatingIps',
    ]);
  });
});

describe('what cannot be', () => {
  it('is refused with the cloud’s own words', async () => {
    await setQuota({ cores: -1, instances: 2, ram: -1 });
    const image = await refusalOf('compute', '/servers', server({ imageRef: nowhere }));
    expect(image).toMatchObject({ code: 'invalid', detail: expect.stringMatching(/image/) as string });
    const flavor = await refusalOf('compute', '/servers', server({ flavorRef: nowhere }));
    expect(flavor).toMatchObject({ code: 'invalid', detail: expect.stringMatching(/Flavor/) as string });
    const policy = await refusalOf('compute', '/flavors', { flavor: { name, ram: 64, vcpus: 1, disk: 1 } });
    expect(policy).toMatchObject({ key: 'openstack.errors.forbidden', code: 'forbidden' });
    const stack = await refusalOf('orchestration', '/stacks', {
      stack_name: name,
      template: { heat_template_version: '2018-08-31', resources: { a: { type: 'OS::Nope' } } },
    });
    expect(stack.detail).toContain('OS::Nope');
  });

  it('ends as a server in ERROR where no host has room, and is told', async () => {
    await setQuota({ cores: -1, instances: 2, ram: -1 });
    const { server: made } = await cloud.ask({
      service: 'compute',
      method: 'POST',
      path: '/servers',
      body: server({ flavorRef: giantId }),
      schema: z.object({ server: withId }),
    });
    const fault = z.object({ code: z.number(), message: z.string(), details: z.string().optional() });
    const schema = z.object({ server: z.object({ status: z.string(), fault: fault.optional() }) });
    const read = () => cloud.ask({ service: 'compute', path: `/servers/${made.id}`, schema });
    await expect.poll(async () => (await read()).server.status, { timeout: 90_000 }).toBe('ERROR');
    const { server: failed } = await read();
    expect(serverFault(failed.fault)).toMatchObject({
      reason: 'noValidHost',
      problem: { key: 'openstack.errors.noValidHost', detail: failed.fault?.message.trim() },
    });
  });
});
