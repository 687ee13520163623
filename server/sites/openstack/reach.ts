/** Whether our server reaches a TCP port of a guest, and which part of the way keeps it out. */
import { networkInterfaces } from 'node:os';
import { BlockList, isIPv6 } from 'node:net';
import { z } from 'zod';
import type { Hop, ReachFix, ReachMend } from '../reaching';
import { maxFileBytes } from '../seed';
import type { Cloud } from './cloud';
import { floatingIpsTo, giveFloatingIp } from './floating-ips';
import { offerFloating, readNetworks, type NetworkFacts } from './networks';
import { portsOf, type Port } from './ports';
import { getGroup, isFromAnywhere, openPort, type Group, type Rule } from './security-groups';
import { tryConnect, type Knock } from './tcp-knock';

/** One way to the guest: an address, and the network card it leads to. */
export interface Way {
  address: string;
  floating: boolean;
  card: Port;
}

/** A way that was tried. */
export type TriedWay = Way & { knock: Knock };

/** Milliseconds after which a connection counts as unanswered. */
const knockMs = 3000;

/**
 * Looks at every hop between our server and a TCP port of the guest, as far as the first one that fails lets one see.
 * Changes nothing.
 *
 * @param port TCP port of the guest
 * @throws Problem `openstack.errors.*` when the cloud cannot be asked
 */
export async function examineReach(
  cloud: Cloud,
  serverId: string,
  port: number,
  signal?: AbortSignal,
): Promise<{ hops: Hop[]; fixes: ReachFix[] }> {
  const [status, cards] = await Promise.all([
    statusOf(cloud, serverId, signal),
    portsOf(cloud, serverId, signal),
  ]);
  const state = stateHop(status);
  if (!state.ok) return { hops: [state], fixes: [] };
  const ways = await waysTo(cloud, cards, signal);
  const tried = await Promise.all(
    ways.map(async (way) => ({ ...way, knock: await tryConnect(way.address, port, knockMs, signal) })),
  );
  const best = bestOf(tried);
  if (!best) return { hops: [state, hop('network', false, 'noAddress')], fixes: [configDrive] };
  const network = hop('network', true, 'hasAddress', { address: ways.map((way) => way.address).join(', ') });
  const group = await groupHop(cloud, best, port, signal);
  const hops = [state, network, group, ...wayHops(best, port, group.ok)];
  return { hops, fixes: await fixesFor(cloud, { hops, best, ways, port }, signal) };
}

/**
 * Applies one of the fixes that {@link examineReach} offered.
 *
 * @throws Problem `conflict` when no network card takes it, `forbidden`, a full quota among `openstack.errors.*`
 */
export async function mendReach(
  cloud: Cloud,
  serverId: string,
  vmId: string,
  fix: ReachMend,
  signal?: AbortSignal,
): Promise<void> {
  if (fix.kind === 'openPort') await openPort(cloud, vmId, serverId, fix.port, signal);
  else await giveFloatingIp(cloud, { serverId, vmId, networkId: fix.networkId }, signal);
}

function hop(name: Hop['hop'], ok: boolean, says: Hop['says'], params: Hop['params'] = {}): Hop {
  return { hop: name, ok, says, params };
}

async function statusOf(cloud: Cloud, serverId: string, signal?: AbortSignal): Promise<string | undefined> {
  const found = await cloud.find({
    service: 'compute',
    path: `/servers/${encodeURIComponent(serverId)}`,
    schema: z.object({ server: z.object({ status: z.string() }) }),
    signal,
  });
  return found?.server.status;
}

function stateHop(status: string | undefined): Hop {
  if (status === undefined) return hop('state', false, 'serverGone');
  return status === 'ACTIVE'
    ? hop('state', true, 'serverRuns')
    : hop('state', false, 'serverNotActive', { status });
}

/** Floating IPs first: they are made to be reached. */
async function waysTo(cloud: Cloud, cards: readonly Port[], signal?: AbortSignal): Promise<Way[]> {
  const floating = await floatingIpsTo(cloud, cards, signal);
  return [
    ...floating.flatMap(({ floating_ip_address: address, port_id: id }) => {
      const card = cards.find((each) => each.id === id);
      return card ? [{ address, floating: true, card }] : [];
    }),
    ...cards.flatMap((card) =>
      card.fixed_ips.map(({ ip_address: address }) => ({ address, floating: false, card })),
    ),
  ];
}

const ranking: readonly Knock[] = ['open', 'refused', 'silent', 'noRoute'];

/** The way that gets furthest; of equal ones the first. */
export function bestOf(tried: readonly TriedWay[]): TriedWay | undefined {
  return tried.toSorted((a, b) => ranking.indexOf(a.knock) - ranking.indexOf(b.knock))[0];
}

async function groupHop(cloud: Cloud, way: TriedWay, port: number, signal?: AbortSignal): Promise<Hop> {
  if (!way.card.port_security_enabled) return hop('securityGroup', true, 'groupsOff');
  const groups = await Promise.all(way.card.security_groups.map((id) => getGroup(cloud, id, signal)));
  const known = groups.filter((group) => group !== undefined);
  const names = known.map((group) => group.name).join(', ');
  const opener = known.find((group) => letsIn(group, way.address, port, ourAddresses()));
  if (opener) return hop('securityGroup', true, 'groupOpen', { port, group: opener.name });
  // Whatever the rules say, somebody behind them answered.
  if (way.knock === 'open' || way.knock === 'refused') {
    return hop('securityGroup', true, 'groupPassed', { port });
  }
  return hop('securityGroup', false, 'groupClosed', { port, groups: names || '–' });
}

function ourAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flat()
    .flatMap((each) => (each && !each.internal ? [each.address] : []));
}

/**
 * Whether a group lets TCP in at a port, as far as its rules tell. Rules for members of a group are not for us.
 *
 * @param address of the guest, whose family decides which rules count
 * @param from addresses of our server; one that is translated on the way is not known here
 */
export function letsIn(group: Group, address: string, port: number, from: readonly string[]): boolean {
  const family = isIPv6(address) ? 'IPv6' : 'IPv4';
  return group.security_group_rules.some(
    (rule) =>
      rule.direction === 'ingress' &&
      (rule.ethertype ?? 'IPv4') === family &&
      isTcpPort(rule, port) &&
      isForUs(rule, from),
  );
}

function isTcpPort(rule: Rule, port: number): boolean {
  const protocol = String(rule.protocol ?? 'any').toLowerCase();
  if (['any', '0'].includes(protocol)) return true;
  if (!['tcp', '6'].includes(protocol)) return false;
  return port >= (rule.port_range_min ?? 0) && port <= (rule.port_range_max ?? 65_535);
}

function isForUs(rule: Rule, from: readonly string[]): boolean {
  if (isFromAnywhere(rule)) return true;
  const [net, bits] = (rule.remote_ip_prefix ?? '').split('/');
  if (!net || !bits) return false;
  const family = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4');
  const allowed = new BlockList();
  allowed.addSubnet(net, Number(bits), family(net));
  return from.some((address) => allowed.check(address, family(address)));
}

/** Route and port. Behind a closed group silence says nothing of the route, so that one is left out then. */
function wayHops({ knock, address }: TriedWay, port: number, groupOpen: boolean): Hop[] {
  const answers = hop('route', true, 'answers', { address });
  switch (knock) {
    case 'open':
      return [answers, hop('port', true, 'portOpen', { address, port })];
    case 'refused':
      return [answers, hop('port', false, 'portRefused', { address, port })];
    case 'noRoute':
      return [hop('route', false, 'noRoute', { address })];
    case 'silent':
      return groupOpen ? [hop('route', false, 'noAnswer', { address, seconds: knockMs / 1000 })] : [];
  }
}

/** Needs no network at all, and a new VM. */
const configDrive: ReachFix = { kind: 'configDrive', kib: maxFileBytes / 1024 };

async function fixesFor(
  cloud: Cloud,
  found: { hops: Hop[]; best: TriedWay; ways: Way[]; port: number },
  signal?: AbortSignal,
): Promise<ReachFix[]> {
  const failed = found.hops.filter((each) => !each.ok).map((each) => each.hop);
  const closed = failed.includes('securityGroup');
  // Behind a port that refuses the network is whole: the guest is not ready yet, or lacks SSH.
  if (!closed && !failed.includes('route')) return [];
  const opening: ReachFix[] = closed ? [{ kind: 'openPort', port: found.port }] : [];
  if (found.ways.some((way) => way.floating)) return [...opening, configDrive];
  const [facts, { projectId }] = await Promise.all([readNetworks(cloud, signal), cloud.who(signal)]);
  const usable = floatingFor(found.ways, facts, projectId, failed.includes('route'));
  const floating = usable.map(({ id, name }) => ({ kind: 'floatingIp' as const, networkId: id, name }));
  return [...opening, ...floating, configDrive];
}

/**
 * Networks whose floating IPs could lead to one of the ways: a router we see connects them, or the guest is on a
 * network of others, whose routers we do not see; that one is worth a try only when its route is known to fail.
 */
export function floatingFor(
  ways: readonly Way[],
  facts: NetworkFacts,
  projectId: string,
  routeFails: boolean,
): { id: string; name: string }[] {
  const on = new Set(ways.filter((way) => !isIPv6(way.address)).map((way) => way.card.network_id));
  const foreign = facts.networks.some((each) => on.has(each.id) && each.project_id !== projectId);
  const routers = new Set([...on].flatMap((id) => facts.routersOn.get(id) ?? []));
  return offerFloating(facts).filter(
    ({ id }) =>
      (foreign && routeFails) ||
      facts.routers?.some((router) => routers.has(router.id) && router.gatewayNetworkId === id),
  );
}
