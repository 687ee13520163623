/** What a project of a cloud may use now: everything is asked for at once, nothing is kept. */
import { setMaxListeners } from 'node:events';
import { z } from 'zod';
import type { Amount, CloudOffers, CloudResource, GuestImage, SiteOffers } from '../site';
import type { Cloud } from './cloud';
import { customFlavorLimits, listFlavors } from './flavors';
import { offerFloating, offerNetworks, readNetworks } from './networks';
import { unlessRefused } from './refusals';
import { offerGroups } from './security-groups';

/**
 * Reads flavors, images, networks, zones, groups and limits of the project.
 *
 * @param images reads the guest images
 * @throws Problem `openstack.errors.*` naming the service that does not answer
 */
export async function readOffers(
  cloud: Cloud,
  images: (signal: AbortSignal | undefined) => Promise<GuestImage[]>,
  signal?: AbortSignal,
): Promise<SiteOffers> {
  // All of them listen to one signal, which is more than Node takes for right.
  if (signal) setMaxListeners(0, signal);
  const [who, flavors, customFlavor, guestImages, facts, limits, zones, securityGroups, keyPairs, network] =
    await Promise.all([
      cloud.who(signal),
      listFlavors(cloud, signal),
      customFlavorLimits(cloud, signal),
      images(signal),
      readNetworks(cloud, signal),
      readLimits(cloud, signal),
      readZones(cloud, signal),
      offerGroups(cloud, signal),
      countKeyPairs(cloud, signal),
      readNetworkQuota(cloud, signal),
    ]);
  return {
    flavors,
    customFlavor,
    images: guestImages,
    networks: offerNetworks(facts, who),
    capacity: capacityOf(limits),
    accelerator: undefined,
    cloud: {
      zones,
      securityGroups,
      floatingNetworks: offerFloating(facts),
      quota: [
        { resource: 'instances', total: limits.maxTotalInstances, used: limits.totalInstancesUsed },
        { resource: 'keyPairs', total: limits.maxTotalKeypairs, used: keyPairs },
        ...network,
      ],
    },
  };
}

const limitsSchema = z.object({
  maxTotalInstances: z.number(),
  maxTotalCores: z.number(),
  maxTotalRAMSize: z.number(),
  maxTotalKeypairs: z.number(),
  totalInstancesUsed: z.number(),
  totalCoresUsed: z.number(),
  totalRAMUsed: z.number(),
});
type Limits = z.infer<typeof limitsSchema>;

async function readLimits(cloud: Cloud, signal?: AbortSignal): Promise<Limits> {
  const { limits } = await cloud.ask({
    service: 'compute',
    path: '/limits',
    schema: z.object({ limits: z.object({ absolute: limitsSchema }) }),
    signal,
  });
  return limits.absolute;
}

/** What the project's quota leaves. Nova has none for disks: whether one fits shows when it is scheduled. */
export function capacityOf(limits: Limits): SiteOffers['capacity'] {
  return {
    vcpus: { total: limits.maxTotalCores, used: limits.totalCoresUsed },
    memoryMiB: { total: limits.maxTotalRAMSize, used: limits.totalRAMUsed },
    diskGiB: { total: -1, used: 0 },
  };
}

const zone = z.object({ zoneName: z.string(), zoneState: z.object({ available: z.boolean() }) });

async function readZones(cloud: Cloud, signal?: AbortSignal): Promise<string[]> {
  const { availabilityZoneInfo: zones } = await cloud.ask({
    service: 'compute',
    path: '/os-availability-zone',
    schema: z.object({ availabilityZoneInfo: z.array(zone) }),
    signal,
  });
  return zones.filter((each) => each.zoneState.available).map((each) => each.zoneName);
}

/** Nova's limits do not tell how many key pairs there are; they are counted per user. */
async function countKeyPairs(cloud: Cloud, signal?: AbortSignal): Promise<number> {
  const all = await cloud.list({
    service: 'compute',
    path: '/os-keypairs',
    key: 'keypairs',
    schema: z.object({ keypair: z.object({ name: z.string() }) }),
    signal,
  });
  return all.length;
}

/** Neutron's words for what we show. */
const neutronResources = {
  network: 'networks',
  port: 'ports',
  security_group: 'securityGroups',
  security_group_rule: 'securityGroupRules',
  floatingip: 'floatingIps',
} as const satisfies Record<string, CloudResource>;

const details = z.object({
  quota: z.record(
    z.string(),
    z.object({ limit: z.number(), used: z.number(), reserved: z.number().default(0) }),
  ),
});

/** Neutron's quota with what is used; empty where its policy does not show it, or its driver cannot count. */
async function readNetworkQuota(cloud: Cloud, signal?: AbortSignal): Promise<CloudOffers['quota']> {
  const { projectId } = await cloud.who(signal);
  const question = cloud.ask({
    service: 'network',
    path: `/v2.0/quotas/${projectId}/details.json`,
    schema: details,
    signal,
  });
  const answer = await unlessRefused(question, undefined, 'not_found', 'forbidden');
  return answer ? networkQuotaOf(answer.quota) : [];
}

/** Turns neutron's quota into ours; what is reserved is as good as used. */
export function networkQuotaOf(quota: z.infer<typeof details>['quota']): CloudOffers['quota'] {
  return Object.entries(neutronResources).flatMap(([name, resource]) => {
    const each = quota[name];
    if (!each) return [];
    const amount: Amount = { total: each.limit, used: each.used + each.reserved };
    return [{ resource, ...amount }];
  });
}
