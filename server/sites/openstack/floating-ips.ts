/** Floating IPs: addresses of an external network that a router passes on to a server's port. */
import { z } from 'zod';
import { Problem } from '../../problem';
import type { Cloud } from './cloud';
import { markOf } from './names';
import { listRouters, readRouterPorts } from './networks';
import { portsOf, type Port } from './ports';
import { isRefusal, unlessRefused } from './refusals';

const floatingSchema = z.object({
  id: z.string(),
  floating_ip_address: z.string(),
  floating_network_id: z.string(),
  fixed_ip_address: z.string().nullish(),
  port_id: z.string().nullish(),
  description: z.string().nullish(),
});
export type FloatingIp = z.infer<typeof floatingSchema>;

const one = z.object({ floatingip: floatingSchema });

async function listFloating(
  cloud: Cloud,
  query: Record<string, string>,
  signal?: AbortSignal,
): Promise<FloatingIp[]> {
  const question = cloud.list({
    service: 'network',
    path: '/v2.0/floatingips',
    query,
    key: 'floatingips',
    schema: floatingSchema,
    signal,
  });
  // Neutron without routers does not know the word.
  return unlessRefused(question, [], 'not_found');
}

/** Floating IPs that were made for the VM. */
export async function floatingIpsOf(cloud: Cloud, vmId: string, signal?: AbortSignal): Promise<FloatingIp[]> {
  const found = await listFloating(cloud, { description: markOf(vmId) }, signal);
  return found.filter((each) => each.description === markOf(vmId));
}

/** Every floating IP that leads to one of these ports, whoever made it. */
export async function floatingIpsTo(
  cloud: Cloud,
  ports: readonly Port[],
  signal?: AbortSignal,
): Promise<FloatingIp[]> {
  const lists = await Promise.all(
    ports.map(async (port) => listFloating(cloud, { port_id: port.id }, signal)),
  );
  return lists.flat();
}

/**
 * Gives the server a floating IP of a network: the one it has, one that was left from an interrupted step, or a new
 * one, at the first of its ports that a router connects with that network.
 *
 * @param to `networkId`: external network that the address comes from
 * @returns the address
 * @throws Problem `conflict` when no port of the server has a way to the network, or no address is free
 */
export async function giveFloatingIp(
  cloud: Cloud,
  to: { serverId: string; vmId: string; networkId: string },
  signal?: AbortSignal,
): Promise<string> {
  const [cards, ours] = await Promise.all([
    portsOf(cloud, to.serverId, signal),
    floatingIpsOf(cloud, to.vmId, signal),
  ]);
  const there = ours.filter((each) => each.floating_network_id === to.networkId);
  const given = there.find((each) => cards.some((card) => card.id === each.port_id));
  if (given) return given.floating_ip_address;
  const spare = there.find((each) => !each.port_id);
  const targets = await targetsFor(cloud, cards, to.networkId, signal);
  for (const target of targets) {
    const address = await tryTarget(cloud, { ...to, spare, target }, signal);
    if (address) return address;
  }
  throw new Problem('conflict', 'openstack.errors.noFloatingRoute', { network: to.networkId });
}

interface Target {
  portId: string;
  address: string;
}

/**
 * IPv4 addresses of the server, those first whose network we see connected. The others are tried as well: a router
 * of another project is not shown to us.
 */
async function targetsFor(
  cloud: Cloud,
  cards: readonly Port[],
  networkId: string,
  signal?: AbortSignal,
): Promise<Target[]> {
  const [routers, routersOn] = await Promise.all([
    listRouters(cloud, signal),
    readRouterPorts(cloud, signal),
  ]);
  const leading = new Set(
    (routers ?? []).filter((each) => each.gatewayNetworkId === networkId).map((each) => each.id),
  );
  const isConnected = (card: Port) =>
    (routersOn.get(card.network_id) ?? []).some((id) => leading.has(id)) ? 0 : 1;
  return cards
    .toSorted((a, b) => isConnected(a) - isConnected(b))
    .flatMap((card) =>
      card.fixed_ips
        .filter(({ ip_address: address }) => !address.includes(':'))
        .map(({ ip_address: address }) => ({ portId: card.id, address })),
    );
}

/** @returns undefined when no router connects the target with the network */
async function tryTarget(
  cloud: Cloud,
  wish: { vmId: string; networkId: string; spare: FloatingIp | undefined; target: Target },
  signal?: AbortSignal,
): Promise<string | undefined> {
  const aim = { port_id: wish.target.portId, fixed_ip_address: wish.target.address };
  const made = {
    ...aim,
    floating_network_id: wish.networkId,
    description: markOf(wish.vmId),
  };
  try {
    const { floatingip } = await cloud.ask({
      service: 'network',
      method: wish.spare ? 'PUT' : 'POST',
      path: wish.spare ? `/v2.0/floatingips/${wish.spare.id}` : '/v2.0/floatingips',
      body: { floatingip: wish.spare ? aim : made },
      schema: one,
      signal,
    });
    return floatingip.floating_ip_address;
  } catch (error) {
    // "External network … is not reachable from subnet …" is a 404 of neutron; the next port may be.
    if (isRefusal(error, 'not_found', 'invalid')) return undefined;
    throw error;
  }
}

/** Gives back every floating IP that was made for the VM; none is fine. */
export async function removeFloatingIps(cloud: Cloud, vmId: string, signal?: AbortSignal): Promise<void> {
  for (const floating of await floatingIpsOf(cloud, vmId, signal)) {
    await cloud.send({
      service: 'network',
      method: 'DELETE',
      path: `/v2.0/floatingips/${floating.id}`,
      signal,
    });
  }
}
