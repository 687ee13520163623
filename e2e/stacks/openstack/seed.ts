/**
 * Fills the cloud over its own interfaces, called by stack.sh; makes only what is missing.
 * `seed.ts identity`: accounts, roles, services and endpoints. `seed.ts cloud`: waits for the compute host and the agents,
 * then networks, flavors and an image.
 */
import { openAsBlob } from 'node:fs';
import { join } from 'node:path';
import { ensure, logIn, request, setting, until } from './seed-client';

const keystone = setting('KEYSTONE_URL');
const nova = `${setting('NOVA_URL')}/v2.1`;
const neutron = `${setting('NEUTRON_URL')}/v2.0`;
const glance = `${setting('GLANCE_URL')}/v2`;
const heat = `${setting('HEAT_URL')}/v1/%(tenant_id)s`;

const asAdmin = () => logIn('admin', setting('ADMIN_PASSWORD'));
const asDeveloper = () => logIn('developer', setting('DEVELOPER_PASSWORD'));

if (process.argv[2] === 'identity') await seedIdentity();
else await seedCloud();

async function seedIdentity(): Promise<void> {
  await asAdmin();
  const roles = new Map<string, string>();
  for (const name of ['admin', 'member', 'reader', 'service', 'heat_stack_owner', 'heat_stack_user']) {
    roles.set(name, await ensure(`${keystone}/roles`, { name }));
  }
  const project = (name: string) => ensure(`${keystone}/projects`, { name, domain_id: 'default' });
  const addUser = async (name: string, password: string, projectId: string, ...granted: string[]) => {
    const user = await ensure(`${keystone}/users`, { name, password, domain_id: 'default' });
    for (const role of granted) {
      await request('PUT', `${keystone}/projects/${projectId}/users/${user}/roles/${roles.get(role)}`);
    }
  };
  const service = await project('service');
  for (const name of ['nova', 'glance', 'placement', 'neutron', 'heat']) {
    await addUser(name, setting('SERVICE_PASSWORD'), service, 'admin', 'service');
  }
  const member = ['member', 'heat_stack_owner'];
  await addUser('developer', setting('DEVELOPER_PASSWORD'), await project('developer'), ...member);
  await addUser('admin', setting('ADMIN_PASSWORD'), await project('admin'), 'admin', 'heat_stack_owner');
  await seedCatalogue();
  await seedHeatDomain(roles.get('admin') ?? '');
}

async function seedCatalogue(): Promise<void> {
  const { endpoints } = await request<{ endpoints: { service_id: string; interface: string }[] }>(
    'GET',
    `${keystone}/endpoints`,
  );
  const services = [
    { type: 'image', name: 'glance', url: setting('GLANCE_URL') },
    { type: 'placement', name: 'placement', url: setting('PLACEMENT_URL') },
    { type: 'compute', name: 'nova', url: nova },
    { type: 'network', name: 'neutron', url: setting('NEUTRON_URL') },
    { type: 'orchestration', name: 'heat', url: heat },
  ];
  for (const { type, name, url } of services) {
    const service = await ensure(`${keystone}/services`, { name, type });
    for (const side of ['public', 'internal', 'admin']) {
      if (endpoints.some((one) => one.service_id === service && one.interface === side)) continue;
      await request('POST', `${keystone}/endpoints`, {
        endpoint: { service_id: service, interface: side, url, region_id: 'RegionOne' },
      });
    }
  }
}

/** Heat keeps the accounts of its guests in a domain of their own. */
async function seedHeatDomain(adminRole: string): Promise<void> {
  const domain = await ensure(`${keystone}/domains`, { name: 'heat' });
  const account = { name: 'heat_domain_admin', password: setting('SERVICE_PASSWORD'), domain_id: domain };
  const user = await ensure(`${keystone}/users`, account, { domain_id: domain });
  await request('PUT', `${keystone}/domains/${domain}/users/${user}/roles/${adminRole}`);
}

async function seedCloud(): Promise<void> {
  const admin = await asAdmin();
  await until(300, 'the network service', async () => Boolean(await request('GET', `${neutron}/networks`)));
  await seedSharedNetworks(admin);
  for (const [name, ram, vcpus, disk] of [
    ['edge.tiny', 192, 1, 1],
    ['edge.small', 512, 1, 3],
    ['edge.medium', 1024, 2, 5],
  ] as const) {
    await ensure(`${nova}/flavors`, { name, ram, vcpus, disk });
  }
  await seedImage();
  await until(300, 'the compute host', async () => {
    const { hypervisors } = await request<{ hypervisors: { state: string }[] }>(
      'GET',
      `${nova}/os-hypervisors/detail`,
    );
    return hypervisors.some((one) => one.state === 'up');
  });
  await until(300, 'the network agents', async () => {
    const { agents } = await request<{ agents: { alive: boolean }[] }>('GET', `${neutron}/agents`);
    return agents.filter((one) => one.alive).length === 4;
  });
  await asDeveloper();
  await seedOwnNetwork();
}

/** The provider's network has no gateway and the external one leads to this machine only: nothing leaves it. */
async function seedSharedNetworks(project: string): Promise<void> {
  const provider = await ensure(`${neutron}/networks`, {
    name: 'provider',
    shared: true,
    'provider:network_type': 'flat',
    'provider:physical_network': 'provider',
  });
  await seedSubnet('provider', provider, setting('PROVIDER_NET'), { gateway_ip: null });
  const external = await ensure(`${neutron}/networks`, {
    name: 'public',
    'router:external': true,
    'provider:network_type': 'flat',
    'provider:physical_network': 'external',
    project_id: project,
  });
  await seedSubnet('public', external, setting('EXTERNAL_NET'), { enable_dhcp: false });
}

async function seedOwnNetwork(): Promise<void> {
  const network = await ensure(`${neutron}/networks`, { name: 'tenant' });
  const subnet = await seedSubnet('tenant', network, setting('TENANT_NET'), {});
  const { networks } = await request<{ networks: { id: string }[] }>(
    'GET',
    `${neutron}/networks?name=public`,
  );
  const router = await ensure(`${neutron}/routers`, {
    name: 'edge',
    external_gateway_info: { network_id: networks[0]?.id },
  });
  const { ports } = await request<{ ports: { network_id: string }[] }>(
    'GET',
    `${neutron}/ports?device_id=${router}`,
  );
  if (ports.some((port) => port.network_id === network)) return;
  await request('PUT', `${neutron}/routers/${router}/add_router_interface`, { subnet_id: subnet });
}

function seedSubnet(
  name: string,
  network: string,
  base: string,
  more: Record<string, unknown>,
): Promise<string> {
  return ensure(`${neutron}/subnets`, {
    name,
    network_id: network,
    ip_version: 4,
    cidr: `${base}.0/24`,
    allocation_pools: [{ start: `${base}.20`, end: `${base}.250` }],
    ...more,
  });
}

async function seedImage(): Promise<void> {
  const { images } = await request<{ images: { id: string; status: string }[] }>(
    'GET',
    `${glance}/images?name=tiny&visibility=public`,
  );
  if (images.some((image) => image.status === 'active')) return;
  for (const { id } of images) await request('DELETE', `${glance}/images/${id}`);
  const { id } = await request<{ id: string }>('POST', `${glance}/images`, {
    name: 'tiny',
    disk_format: 'qcow2',
    container_format: 'bare',
    visibility: 'public',
    min_disk: 1,
    min_ram: 192,
    os_distro: 'tiny',
    hw_disk_bus: 'virtio',
    hw_vif_model: 'virtio',
  });
  const file = await openAsBlob(join(setting('EDGEYARD_GUESTS'), 'tiny.qcow2'));
  await request('PUT', `${glance}/images/${id}/file`, file);
}
