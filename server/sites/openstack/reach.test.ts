import { describe, expect, it } from 'vitest';
import type { NetworkFacts } from './networks';
import type { Port } from './ports';
import { bestOf, floatingFor, letsIn, type Way } from './reach';
import { rulesOf, type Group, type Rule } from './security-groups';

const from = ['192.0.2.10', '2001:db8::10'];
const guest = '10.0.0.5';

function group(...rules: Partial<Rule>[]): Group {
  const full = rules.map((rule) => ({
    id: 'rule',
    direction: 'ingress',
    ethertype: 'IPv4',
    ...rule,
  }));
  return { id: 'group', name: 'group', shared: false, security_group_rules: full };
}

describe('a security group', () => {
  it.each<[string, Partial<Rule>]>([
    ['the port', { protocol: 'tcp', port_range_min: 22, port_range_max: 22 }],
    ['a range', { protocol: 'tcp', port_range_min: 1, port_range_max: 1024 }],
    ['all of TCP', { protocol: 'tcp' }],
    ['TCP by number', { protocol: 6 }],
    ['everything', { protocol: null }],
    ['everybody, written out', { protocol: 'tcp', remote_ip_prefix: '0.0.0.0/0' }],
    ['our network', { protocol: 'tcp', remote_ip_prefix: '192.0.2.0/24' }],
  ])('lets us in by a rule for %s', (_, rule) => {
    expect(letsIn(group(rule), guest, 22, from)).toBe(true);
  });

  it.each<[string, Partial<Rule>]>([
    ['another port', { protocol: 'tcp', port_range_min: 80, port_range_max: 80 }],
    ['UDP', { protocol: 'udp' }],
    ['the way out', { protocol: 'tcp', direction: 'egress' }],
    ['the other family', { protocol: 'tcp', ethertype: 'IPv6' }],
    ['members of a group', { protocol: 'tcp', remote_group_id: 'group' }],
    ['an address group', { protocol: 'tcp', remote_address_group_id: 'group' }],
    ['a network we are not on', { protocol: 'tcp', remote_ip_prefix: '198.51.100.0/24' }],
  ])('keeps us out by a rule for %s', (_, rule) => {
    expect(letsIn(group(rule), guest, 22, from)).toBe(false);
  });

  it('judges IPv6 by the rules of IPv6', () => {
    const rule = { protocol: 'tcp', ethertype: 'IPv6', remote_ip_prefix: '2001:db8::/32' };
    expect(letsIn(group(rule), 'fd00::5', 22, from)).toBe(true);
    expect(letsIn(group(rule), guest, 22, from)).toBe(false);
  });

  it('lets in what our own rules open', () => {
    const rules = rulesOf({ protocol: 'tcp', port: 8080 });
    expect(letsIn(group(...rules), guest, 8080, from)).toBe(true);
    expect(letsIn(group(...rules), 'fd00::5', 8080, from)).toBe(true);
    expect(letsIn(group(...rulesOf({ protocol: 'icmp' })), guest, 8080, from)).toBe(false);
  });
});

const card = (network: string): Port => ({
  id: `card-${network}`,
  device_id: 'server',
  device_owner: 'compute:nova',
  network_id: network,
  status: 'ACTIVE',
  fixed_ips: [],
  security_groups: [],
  port_security_enabled: true,
});
const way = (network: string, address = guest): Way => ({ address, floating: false, card: card(network) });

describe('the way taken', () => {
  it('is the one that gets furthest, and of equal ones the first', () => {
    const tried = (['noRoute', 'silent', 'refused', 'silent'] as const).map((knock, at) => ({
      ...way(`net-${at}`),
      knock,
    }));
    expect(bestOf(tried)?.card.network_id).toBe('net-2');
    expect(bestOf(tried.filter(({ knock }) => knock === 'silent'))?.card.network_id).toBe('net-1');
    expect(bestOf([])).toBeUndefined();
  });
});

describe('floating IPs as a way out', () => {
  const network = (id: string, project: string, external = false) => ({
    id,
    name: id,
    project_id: project,
    shared: project !== 'mine',
    'router:external': external,
    admin_state_up: true,
    subnets: ['subnet'],
  });
  const facts: NetworkFacts = {
    networks: [
      network('mine', 'mine'),
      network('alone', 'mine'),
      network('theirs', 'other'),
      network('public', 'other', true),
      network('elsewhere', 'other', true),
    ],
    ranges: new Map(),
    routers: [{ id: 'router', gatewayNetworkId: 'public' }],
    routersOn: new Map([['mine', ['router']]]),
  };

  it('come from the networks that a router connects', () => {
    expect(floatingFor([way('mine')], facts, 'mine', false).map(({ id }) => id)).toEqual(['public']);
    expect(floatingFor([way('alone')], facts, 'mine', true)).toEqual([]);
    expect(floatingFor([way('mine', 'fd00::5')], facts, 'mine', true)).toEqual([]);
  });

  it('are tried on a network of others, whose routers are hidden, once its route fails', () => {
    expect(floatingFor([way('theirs')], facts, 'mine', false)).toEqual([]);
    expect(floatingFor([way('theirs')], facts, 'mine', true).map(({ id }) => id)).toEqual([
      'public',
      'elsewhere',
    ]);
  });
});
