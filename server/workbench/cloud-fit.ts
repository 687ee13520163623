import type { KeyBelow } from '@/messages/messages';
import { BlockList, isIPv6 } from 'node:net';
import { Problem } from '../problem';
import type { NetworkOffer, SiteOffers } from '../sites/site';
import type { PlanVmInput } from './schemas';

/**
 * The rules of what is asked of a cloud, as far as they can be told from what it offers.
 *
 * @throws Problem `invalid` for what the site does not have, and for an address outside its network's ranges
 */
export function requireCloudFits(
  { cloud, network }: Pick<PlanVmInput, 'cloud' | 'network'>,
  offers: SiteOffers,
): void {
  const cards = [...(network ? [network] : []), ...(cloud?.moreNetworks ?? [])];
  if (!offers.cloud) {
    if (cloud || network?.address !== undefined) throw new Problem('invalid', 'sites.errors.noCloud');
    return;
  }
  for (const { id, address } of cards) {
    const offer = offers.networks.find((each) => each.id === id);
    if (!offer) throw new Problem('invalid', 'sites.errors.noNetwork', { id });
    if (address !== undefined) requireInRange(address, offer);
  }
  if (!cloud) return;
  const { zones, securityGroups, floatingNetworks } = offers.cloud;
  requireKnown(cloud.zone, zones, 'noZone');
  for (const id of cloud.securityGroupIds)
    requireKnown(
      id,
      securityGroups.map((each) => each.id),
      'noSecurityGroup',
    );
  requireKnown(
    cloud.floatingNetworkId,
    floatingNetworks.map((each) => each.id),
    'noFloatingNetwork',
  );
}

function requireKnown(id: string | undefined, known: readonly string[], key: KeyBelow<'sites.errors'>): void {
  if (id !== undefined && !known.includes(id)) throw new Problem('invalid', `sites.errors.${key}`, { id });
}

/** @throws Problem `invalid` that names the ranges there are */
function requireInRange(address: string, { name, ranges = [] }: NetworkOffer): void {
  if (ranges.length === 0) return;
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  const inside = ranges.some((range) => {
    const [base = '', prefix] = range.split('/');
    if (isIPv6(base) !== (family === 'ipv6')) return false;
    const list = new BlockList();
    list.addSubnet(base, Number(prefix), family);
    return list.check(address, family);
  });
  if (inside) return;
  throw new Problem('invalid', 'sites.errors.addressOutside', {
    address,
    network: name,
    ranges: ranges.join(', '),
  });
}
