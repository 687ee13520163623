/** Everything that was made at the cloud for one VM beside its server: listed, and removed. */
import { z } from 'zod';
import type { Cloud } from './cloud';
import { hasFlavor, removeFlavor } from './flavors';
import { floatingIpsOf, removeFloatingIps } from './floating-ips';
import { hasKeyPair, removeKeyPair } from './key-pairs';
import { nameOf } from './names';
import { portsMarked } from './ports';
import { groupsOfVm, removeGroups } from './security-groups';

/**
 * Removes what was made for a VM whose server is gone: floating IPs, ports, security groups, key pair, flavor, and
 * snapshots that were not finished or not kept. What is not there is fine, so it may be asked as often as one likes.
 * One thing that cannot be removed does not keep the others.
 *
 * @throws Problem the first refusal, after everything was tried
 */
export async function removeBelongings(cloud: Cloud, vmId: string, signal?: AbortSignal): Promise<void> {
  const steps = [
    // In this order: a port cannot go while an address leads to it, nor a group while a port is in it.
    async () => {
      await removeFloatingIps(cloud, vmId, signal);
      await removePorts(cloud, vmId, signal);
      await removeGroups(cloud, vmId, signal);
    },
    () => removeKeyPair(cloud, vmId, signal),
    () => removeFlavor(cloud, vmId, signal),
    () => removeSnapshots(cloud, vmId, signal),
  ];
  const ends = await Promise.allSettled(steps.map((step) => step()));
  signal?.throwIfAborted();
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
}

async function removePorts(cloud: Cloud, vmId: string, signal?: AbortSignal): Promise<void> {
  for (const port of await portsMarked(cloud, vmId, signal)) {
    await cloud.send({ service: 'network', method: 'DELETE', path: `/v2.0/ports/${port.id}`, signal });
  }
}

const snapshot = z.object({
  id: z.string(),
  name: z.string().nullish(),
  status: z.string(),
  edgeyard_digest: z.string().nullish(),
});

/** Images that captures of the VM left behind; one that is kept carries the digest of its content. */
async function leftSnapshots(cloud: Cloud, vmId: string, signal?: AbortSignal) {
  const { projectId } = await cloud.who(signal);
  const images = await cloud.list({
    service: 'image',
    path: '/v2/images',
    query: { edgeyard_vm: vmId, owner: projectId },
    key: 'images',
    schema: snapshot,
    signal,
  });
  return images.filter((image) => !image.edgeyard_digest);
}

async function removeSnapshots(cloud: Cloud, vmId: string, signal?: AbortSignal): Promise<void> {
  for (const image of await leftSnapshots(cloud, vmId, signal)) {
    await cloud.send({ service: 'image', method: 'DELETE', path: `/v2/images/${image.id}`, signal });
  }
}

const server = z.object({
  id: z.string(),
  name: z.string(),
  metadata: z.record(z.string(), z.string()).default({}),
});

/**
 * Names what there is at the cloud for a VM, its server included: one line for each thing, sorted.
 *
 * @returns nothing when all was removed
 */
export async function belongingsOf(cloud: Cloud, vmId: string, signal?: AbortSignal): Promise<string[]> {
  const [servers, floating, ports, groups, keyPair, flavor, snapshots] = await Promise.all([
    cloud.list({ service: 'compute', path: '/servers/detail', key: 'servers', schema: server, signal }),
    floatingIpsOf(cloud, vmId, signal),
    portsMarked(cloud, vmId, signal),
    groupsOfVm(cloud, vmId, signal),
    hasKeyPair(cloud, vmId, signal),
    hasFlavor(cloud, vmId, signal),
    leftSnapshots(cloud, vmId, signal),
  ]);
  return [
    ...servers
      .filter(({ metadata }) => metadata.edgeyard_vm === vmId)
      .map(({ name, id }) => `server ${name} ${id}`),
    ...floating.map((each) => `floating IP ${each.floating_ip_address}`),
    ...ports.map(({ id }) => `port ${id}`),
    ...groups.map(({ id, name }) => `security group ${name} ${id}`),
    ...(keyPair ? [`key pair ${nameOf(vmId)}`] : []),
    ...(flavor ? [`flavor ${nameOf(vmId)}`] : []),
    ...snapshots.map(({ id, name, status }) => `snapshot ${name ?? id} ${status}`),
  ].toSorted();
}
