import { Problem } from '../problem';
import { freeOf } from './flavors';
import type { CloudResource, CloudWish, SiteOffers } from './site';

/**
 * What a VM takes of a cloud's limits beside its size.
 *
 * @param wish what is asked of the cloud; the VM has one network card more than it has further networks
 */
export function needsOf(wish: CloudWish | undefined): { resource: CloudResource; asked: number }[] {
  const { moreNetworks = [], openPorts = [], floatingNetworkId } = wish ?? {};
  return [
    { resource: 'instances', asked: 1 },
    { resource: 'keyPairs', asked: 1 },
    { resource: 'ports', asked: 1 + moreNetworks.length },
    { resource: 'securityGroups', asked: 1 },
    // A new group has two rules for the way out; each open port is one for IPv4 and one for IPv6.
    { resource: 'securityGroupRules', asked: 2 + 2 * openPorts.length },
    { resource: 'floatingIps', asked: floatingNetworkId === undefined ? 0 : 1 },
  ];
}

/**
 * Refuses what goes beyond a limit of the cloud.
 *
 * @param offers of the site; a limit that it does not tell is not held against the VM
 * @throws Problem `conflict` naming the resource, what is asked and what is used, in the words of the cloud's own refusal
 */
export function requireQuota(
  { cloud }: Pick<SiteOffers, 'cloud'>,
  { resource, asked }: { resource: CloudResource; asked: number },
): void {
  const amount = cloud?.quota.find((each) => each.resource === resource);
  if (!amount || asked === 0 || asked <= freeOf(amount)) return;
  const { used, total: limit } = amount;
  throw new Problem('conflict', 'openstack.errors.quotaAmount', { resource, asked, used, limit });
}
