import type { NetworkKind, NetworkOffer, SiteOffers } from '@/server/sites/site';
import type { ProjectView } from '@/server/workbench/model';
import { suggestName, type CreateVmForm } from './create-form';

/** Which kind of network a first VM works on best: on a cloud a shared one is reached without a floating IP. */
const onHost: readonly NetworkKind[] = ['nat', 'isolated', 'provider', 'none'];
const onCloud: readonly NetworkKind[] = ['provider', 'nat', 'isolated', 'none'];

/**
 * The network a first VM is put on. One that floating IPs come from is taken only for want of a better one: its
 * addresses are scarce, and many clouds refuse VMs on it.
 */
function firstNetwork(offers: SiteOffers): NetworkOffer | undefined {
  const liked = offers.cloud ? onCloud : onHost;
  const external = new Set(offers.cloud?.floatingNetworks.map(({ id }) => id));
  const rank = ({ id, kind }: NetworkOffer) =>
    external.has(id) ? liked.indexOf('none') - 0.5 : liked.indexOf(kind);
  return offers.networks.toSorted((a, b) => rank(a) - rank(b))[0];
}

/**
 * What the form begins with: choices that work for a first try.
 *
 * @param project names the VM
 * @param siteId the site that `offers` are of
 */
export function firstChoices(project: ProjectView, siteId: string, offers: SiteOffers): CreateVmForm {
  // An image that takes our key is of more use than one that is only looked at.
  const image = offers.images.find(({ login }) => login !== undefined) ?? offers.images[0];
  const fitting = offers.flavors.find(
    (flavor) => !image || (flavor.memoryMiB >= image.minMemoryMiB && flavor.diskGiB >= image.minDiskGiB),
  );
  const flavor = fitting ?? offers.flavors[0];
  const network = firstNetwork(offers);
  return {
    siteId,
    imageId: image?.id ?? '',
    flavor: flavor ? { id: flavor.id } : { vcpus: 1, memoryMiB: 512, diskGiB: 2 },
    network: { id: network?.id ?? '', forwards: [] },
    ...(offers.cloud && {
      cloud: {
        moreNetworks: [],
        securityGroupIds: [],
        // Files and tools come in by SSH, and a cloud's groups let nothing in by themselves.
        openPorts: [{ protocol: 'tcp' as const, port: 22 }],
        // A network behind a router is reached from outside by a floating IP only.
        ...(network?.kind === 'nat' && { floatingNetworkId: offers.cloud.floatingNetworks[0]?.id }),
      },
    }),
    name: suggestName(
      project.name,
      project.vms.map(({ name }) => name),
    ),
    sshKeys: '',
    userData: '',
    toolIds: [],
  };
}
