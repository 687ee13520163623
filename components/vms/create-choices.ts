import type { NetworkKind, SiteOffers } from '@/server/sites/site';
import type { ProjectView } from '@/server/workbench/model';
import { suggestName, type CreateVmForm } from './create-form';

/** Which kind of network a first VM works on best: on a cloud a shared one is reached without a floating IP. */
const onHost: readonly NetworkKind[] = ['nat', 'isolated', 'provider', 'none'];
const onCloud: readonly NetworkKind[] = ['provider', 'nat', 'isolated', 'none'];

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
  const liked = offers.cloud ? onCloud : onHost;
  const network = offers.networks.toSorted((a, b) => liked.indexOf(a.kind) - liked.indexOf(b.kind))[0];
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
