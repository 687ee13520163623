import { describe, expect, it } from 'vitest';
import { networkArgs, offerFloating, offerNetworks, type Network, type NetworkFacts } from './networks';

const mine = { projectId: 'mine', roles: ['member'] };

function network(part: Partial<Network>): Network {
  return {
    id: part.id ?? 'net',
    name: part.id ?? 'net',
    project_id: 'mine',
    shared: false,
    'router:external': false,
    admin_state_up: true,
    subnets: ['subnet'],
    ...part,
  };
}

function facts(networks: Network[], part: Partial<NetworkFacts> = {}): NetworkFacts {
  return { networks, ranges: new Map(), routers: [], routersOn: new Map(), ...part };
}

const kinds = (given: NetworkFacts, who = mine) =>
  offerNetworks(given, who).map(({ id, kind }) => `${id} ${kind}`);

describe('networks to choose from', () => {
  it('are told apart by who owns them and what routes them', () => {
    const given = facts([network({ id: 'alone' }), network({ id: 'routed' }), network({ id: 'dead-end' })], {
      routers: [
        { id: 'out', gatewayNetworkId: 'public' },
        { id: 'inner', gatewayNetworkId: undefined },
      ],
      routersOn: new Map([
        ['routed', ['inner', 'out']],
        ['dead-end', ['inner']],
      ]),
    });
    expect(kinds(given)).toEqual(['alone isolated', 'routed nat', 'dead-end isolated', 'none none']);
    expect(kinds(facts([network({ id: 'shared', shared: true, project_id: 'other' })]))).toEqual([
      'shared provider',
      'none none',
    ]);
  });

  it('leave out what no server can be put on', () => {
    const given = facts([
      network({ id: 'down', admin_state_up: false }),
      network({ id: 'without-subnet', subnets: [] }),
      network({ id: 'of-others', project_id: 'other' }),
    ]);
    expect(kinds(given)).toEqual(['none none']);
  });

  it('hold an external network only for those whom nova lets on it', () => {
    const external = network({ id: 'public', 'router:external': true, project_id: 'other' });
    expect(kinds(facts([external]))).toEqual(['none none']);
    expect(kinds(facts([external]), { ...mine, roles: ['admin'] })).toEqual(['public provider', 'none none']);
    expect(kinds(facts([{ ...external, shared: true }]))).toEqual(['public provider', 'none none']);
  });

  it('carry their ranges, and an id where they have no name', () => {
    const given = facts([network({ id: 'a', name: '' })], {
      ranges: new Map([['a', ['10.0.0.0/24', 'fd00::/64']]]),
    });
    expect(offerNetworks(given, mine)[0]).toMatchObject({
      name: 'a',
      forwards: false,
      ranges: ['10.0.0.0/24', 'fd00::/64'],
    });
  });
});

describe('floating networks', () => {
  const external = network({ id: 'public', 'router:external': true, project_id: 'other' });

  it('are the external ones', () => {
    expect(offerFloating(facts([external, network({})]))).toEqual([{ id: 'public', name: 'public' }]);
  });

  it('are none where neutron has no routers', () => {
    expect(offerFloating(facts([external], { routers: undefined }))).toEqual([]);
  });
});

describe('networks of a server', () => {
  it('are asked for in order, with the addresses chosen', () => {
    const moreNetworks = [{ id: 'b', address: '10.0.0.9' }, { id: 'none' }, { id: 'c' }];
    const cloud = { moreNetworks, securityGroupIds: [], openPorts: [] };
    expect(networkArgs({ network: { id: 'a', forwards: [] }, cloud })).toEqual([
      { uuid: 'a' },
      { uuid: 'b', fixed_ip: '10.0.0.9' },
      { uuid: 'c' },
    ]);
  });

  it('are nova’s word for none', () => {
    expect(networkArgs({ network: { id: 'none', forwards: [] } })).toBe('none');
  });
});
