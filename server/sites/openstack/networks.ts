/** Networks a VM can be put on, as neutron shows them to the project. */
import { z } from 'zod';
import type { NetworkKind, NetworkOffer, VmSpec } from '../site';
import type { Cloud } from './cloud';
import { listPorts } from './ports';
import { unlessRefused } from './refusals';

const networkSchema = z.object({
  id: z.string(),
  name: z.string(),
  project_id: z.string().nullish(),
  shared: z.boolean().default(false),
  'router:external': z.boolean().default(false),
  admin_state_up: z.boolean().default(true),
  subnets: z.array(z.string()).default([]),
});
export type Network = z.infer<typeof networkSchema>;

const subnetSchema = z.object({
  id: z.string(),
  network_id: z.string(),
  cidr: z.string(),
  ip_version: z.number(),
});

const routerSchema = z.object({
  id: z.string(),
  external_gateway_info: z.object({ network_id: z.string() }).nullish(),
});

/** A router with the network its gateway is on. */
export interface Router {
  id: string;
  gatewayNetworkId: string | undefined;
}

/** Owners of the ports by which routers are on a network: plain, distributed and highly available ones. */
const routerPorts = [
  'network:router_interface',
  'network:router_interface_distributed',
  'network:ha_router_replicated_interface',
];

/** What neutron knows of networks, read at once. */
export interface NetworkFacts {
  networks: Network[];
  ranges: Map<string, string[]>;
  /** Undefined where neutron has no routers, and so no floating IPs. */
  routers: Router[] | undefined;
  /** Routers of a network, by its id. */
  routersOn: Map<string, string[]>;
}

/** Reads networks, subnets, routers and the routers' ports. */
export async function readNetworks(cloud: Cloud, signal?: AbortSignal): Promise<NetworkFacts> {
  const [networks, subnets, routers, routersOn] = await Promise.all([
    list(cloud, 'networks', networkSchema, signal),
    list(cloud, 'subnets', subnetSchema, signal),
    listRouters(cloud, signal),
    readRouterPorts(cloud, signal),
  ]);
  const ranges = new Map<string, string[]>();
  for (const subnet of subnets.toSorted((a, b) => a.ip_version - b.ip_version)) {
    ranges.set(subnet.network_id, [...(ranges.get(subnet.network_id) ?? []), subnet.cidr]);
  }
  return { networks, ranges, routers, routersOn };
}

async function list<T>(cloud: Cloud, key: string, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T[]> {
  return cloud.list({ service: 'network', path: `/v2.0/${key}`, key, schema, signal });
}

/** Routers the project sees; undefined where neutron has no routers at all. */
export async function listRouters(cloud: Cloud, signal?: AbortSignal): Promise<Router[] | undefined> {
  const routers = await unlessRefused(
    list(cloud, 'routers', routerSchema, signal),
    undefined,
    'not_found',
    'forbidden',
  );
  return routers?.map(({ id, external_gateway_info: gateway }) => ({
    id,
    gatewayNetworkId: gateway?.network_id,
  }));
}

/** Which routers are on which network. */
export async function readRouterPorts(cloud: Cloud, signal?: AbortSignal): Promise<Map<string, string[]>> {
  const routersOn = new Map<string, string[]>();
  // Three short lists: all ports of a project may be thousands.
  const lists = await Promise.all(
    routerPorts.map((owner) => listPorts(cloud, { device_owner: owner }, signal)),
  );
  for (const port of lists.flat()) {
    routersOn.set(port.network_id, [...(routersOn.get(port.network_id) ?? []), port.device_id]);
  }
  return routersOn;
}

/**
 * The networks a VM of the project can be put on. An external one is among them only where it is shared or we are
 * nova's administrator, as nova demands; one without subnet has no addresses to give.
 *
 * @param who of the session
 */
export function offerNetworks(
  facts: NetworkFacts,
  who: { projectId: string; roles: string[] },
): NetworkOffer[] {
  const usable = facts.networks.filter((network) => {
    if (!network.admin_state_up || network.subnets.length === 0) return false;
    if (network['router:external']) return network.shared || who.roles.includes('admin');
    return network.shared || network.project_id === who.projectId;
  });
  const offers = usable.map((network) => ({
    id: network.id,
    name: network.name || network.id,
    kind: kindOf(network, facts),
    forwards: false,
    ranges: facts.ranges.get(network.id) ?? [],
  }));
  return [...offers, { id: 'none', name: 'none', kind: 'none', forwards: false }];
}

/** A shared network is one of the provider's; one's own has a way out where a router with a gateway is on it. */
function kindOf(network: Network, { routers, routersOn }: NetworkFacts): NetworkKind {
  if (network.shared || network['router:external']) return 'provider';
  const gateways = new Set(
    (routers ?? []).filter((router) => router.gatewayNetworkId).map((router) => router.id),
  );
  return (routersOn.get(network.id) ?? []).some((id) => gateways.has(id)) ? 'nat' : 'isolated';
}

/** Networks that floating IPs come from; none where neutron has no routers. */
export function offerFloating(facts: NetworkFacts): { id: string; name: string }[] {
  if (!facts.routers) return [];
  return facts.networks
    .filter((network) => network['router:external'] && network.subnets.length > 0)
    .map(({ id, name }) => ({ id, name: name || id }));
}

/**
 * Whether nova may be given security groups for a server: where one of its networks has port security switched off,
 * nova takes the request and ends with a server in ERROR. {@link putIntoGroups} (security-groups.ts) is for then.
 *
 * @param spec its network and further ones
 */
export async function takesGroups(
  cloud: Cloud,
  spec: Pick<VmSpec, 'network' | 'cloud'>,
  signal?: AbortSignal,
): Promise<boolean> {
  const ids = [spec.network, ...(spec.cloud?.moreNetworks ?? [])].map(({ id }) => id);
  const answers = await Promise.all(
    ids
      .filter((id) => id !== 'none')
      .map((id) =>
        cloud.find({
          service: 'network',
          path: `/v2.0/networks/${encodeURIComponent(id)}`,
          schema: z.object({ network: z.object({ port_security_enabled: z.boolean().default(true) }) }),
          signal,
        }),
      ),
  );
  return answers.every((answer) => answer?.network.port_security_enabled !== false);
}

/** `none` gives a server no network card. */
type NovaNetworks = 'none' | { uuid: string; fixed_ip?: string }[];

/**
 * What nova takes as `networks` of a server: the first card and further ones in their order, each with its fixed
 * address where one was chosen.
 */
export function networkArgs(spec: Pick<VmSpec, 'network' | 'cloud'>): NovaNetworks {
  const cards = [spec.network, ...(spec.cloud?.moreNetworks ?? [])].filter((card) => card.id !== 'none');
  if (cards.length === 0) return 'none';
  return cards.map(({ id, address }) => (address ? { uuid: id, fixed_ip: address } : { uuid: id }));
}
