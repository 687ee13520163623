import { describe, expect, it } from 'vitest';
import { needsOf, requireQuota } from './quota';

describe('limits of a cloud', () => {
  it('are held against what a VM takes of them', () => {
    const wish = {
      moreNetworks: [{ id: 'b' }],
      securityGroupIds: [],
      openPorts: [{ protocol: 'tcp' as const, port: 22 }],
      floatingNetworkId: 'public',
    };
    expect(Object.fromEntries(needsOf(wish).map(({ resource, asked }) => [resource, asked]))).toEqual({
      instances: 1,
      keyPairs: 1,
      ports: 2,
      securityGroups: 1,
      securityGroupRules: 4,
      floatingIps: 1,
    });
  });

  it('refuse what goes beyond them, and nothing else', () => {
    const cloud = {
      zones: [],
      securityGroups: [],
      floatingNetworks: [],
      quota: [
        { resource: 'instances' as const, total: 6, used: 6 },
        { resource: 'ports' as const, total: 500, used: 499 },
        { resource: 'keyPairs' as const, total: -1, used: 900 },
        { resource: 'floatingIps' as const, total: 0, used: 0 },
      ],
    };
    expect(() => requireQuota({ cloud }, { resource: 'instances', asked: 1 })).toThrow('quotaAmount');
    expect(() => requireQuota({ cloud }, { resource: 'ports', asked: 2 })).toThrow('"used":499');
    requireQuota({ cloud }, { resource: 'ports', asked: 1 });
    requireQuota({ cloud }, { resource: 'keyPairs', asked: 1 });
    requireQuota({ cloud }, { resource: 'floatingIps', asked: 0 });
    requireQuota({ cloud }, { resource: 'networks', asked: 1 });
    requireQuota({}, { resource: 'instances', asked: 1 });
  });
});
