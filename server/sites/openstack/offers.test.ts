import { describe, expect, it } from 'vitest';
import { capacityOf, networkQuotaOf } from './offers';

describe('limits of a project', () => {
  it('are nova’s quota, without one for disks', () => {
    const limits = {
      maxTotalInstances: 6,
      maxTotalCores: -1,
      maxTotalRAMSize: 51_200,
      maxTotalKeypairs: 100,
      totalInstancesUsed: 1,
      totalCoresUsed: 2,
      totalRAMUsed: 512,
    };
    expect(capacityOf(limits)).toEqual({
      vcpus: { total: -1, used: 2 },
      memoryMiB: { total: 51_200, used: 512 },
      diskGiB: { total: -1, used: 0 },
    });
  });

  it('are neutron’s as far as it counts them, what is reserved as good as used', () => {
    const quota = {
      port: { limit: 500, used: 3, reserved: 2 },
      security_group: { limit: 10, used: 1, reserved: 0 },
      rbac_policy: { limit: 10, used: 0, reserved: 0 },
    };
    expect(networkQuotaOf(quota)).toEqual([
      { resource: 'ports', total: 500, used: 5 },
      { resource: 'securityGroups', total: 10, used: 1 },
    ]);
  });
});
