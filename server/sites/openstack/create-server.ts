/** Makes a VM: image, flavor, key pair and group first, then the server, then its floating IP. */
import { z } from 'zod';
import { isProblem, Problem } from '../../problem';
import { requireFit, requireImageFits, sizeOf } from '../flavors';
import type { ImageLibrary } from '../image-library';
import { encodeUserData, userDataOf } from '../user-data';
import type { CloudWish, SiteEvent, SiteOffers, VmSpec } from '../site';
import type { Cloud } from './cloud';
import { ensureFlavor } from './flavors';
import { giveFloatingIp } from './floating-ips';
import { lookUntil } from './glance';
import { imageOffers } from './image-offers';
import { ensureKeyPair } from './key-pairs';
import { networkArgs, takesGroups } from './networks';
import { readOffers } from './offers';
import { isRefusal } from './refusals';
import { ensureGroup, putIntoGroups } from './security-groups';
import { tellEvents } from './server-actions';
import { serverFault } from './server-fault';
import { addressesOf, taskOf, type NovaServer } from './server-view';
import { removeVm, requireServer, serversOf, untilServer } from './servers';
import { ensureImage } from './upload-image';

/** What making a VM needs beside the wish. */
export interface Making {
  cloud: Cloud;
  library: ImageLibrary;
  signal: AbortSignal;
  progress: (done: number, total: number) => void;
  report: (event: SiteEvent) => void;
}

/** How long nova may build: it fetches the image to the host first. */
const buildMs = 30 * 60_000;

/** How long the clearing up after a failure may take. */
const clearMs = 180_000;

/**
 * Creates and starts a server, or goes on with the one that an earlier call made for the same VM. On failure and abort
 * everything made is removed, the server included.
 *
 * @returns the server, ACTIVE
 * @throws Problem `conflict`, `invalid`, `failed` with nova's fault, `openstack.errors.*`
 */
export async function createServer(making: Making, spec: VmSpec): Promise<NovaServer> {
  const { cloud, signal } = making;
  signal.throwIfAborted();
  const there = (await serversOf(cloud, spec.vmId, signal))[0];
  if (!there) await requireRoom(making, spec);
  try {
    const id = there?.id ?? (await askForServer(making, spec));
    await untilActive(making, id);
    if (!(await takesGroups(cloud, spec, signal))) await groupLater(making, spec, id);
    return await reachable(making, spec, id);
  } catch (error) {
    await clearUp(making, spec.vmId);
    throw error;
  }
}

/** Nothing of a VM that did not come to be stays; what cannot be removed now is told, and goes with the next try. */
async function clearUp({ cloud, report }: Making, vmId: string): Promise<void> {
  try {
    await removeVm(cloud, vmId, AbortSignal.timeout(clearMs));
  } catch (error) {
    report({
      event: 'leftBehind',
      params: { vm: vmId },
      detail: isProblem(error) ? error.detail : undefined,
    });
  }
}

async function requireRoom({ cloud, library, signal }: Making, spec: VmSpec): Promise<void> {
  const offers = await readOffers(cloud, (each) => imageOffers(cloud, library, each), signal);
  const image = offers.images.find(({ id }) => id === spec.imageId);
  if (!image) throw new Problem('invalid', 'sites.errors.noImage', { id: spec.imageId });
  for (const { id } of [spec.network, ...(spec.cloud?.moreNetworks ?? [])]) {
    const network = offers.networks.find((each) => each.id === id);
    if (!network) throw new Problem('invalid', 'sites.errors.noNetwork', { id });
    if (spec.network.forwards.length > 0)
      throw new Problem('invalid', 'sites.errors.noForwards', { network: network.name });
  }
  const size = sizeOf(spec.flavor, offers.flavors, offers.customFlavor);
  // Disk 0 is nova's word for as much as the image needs.
  requireImageFits(size.diskGiB === 0 ? { ...size, diskGiB: Number.POSITIVE_INFINITY } : size, image);
  requireFit(size, offers.capacity, offers.customFlavor?.maxVcpus);
  requireOwnFlavorFits(spec, offers);
}

/** A flavor of one's own is for one host, whatever the quota leaves. */
function requireOwnFlavorFits({ flavor }: VmSpec, { customFlavor: limits }: SiteOffers): void {
  if ('id' in flavor || !limits) return;
  if (flavor.memoryMiB > limits.maxMemoryMiB) {
    const params = { asked: flavor.memoryMiB, available: limits.maxMemoryMiB };
    throw new Problem('conflict', 'sites.errors.memoryDoesNotFit', params);
  }
  if (flavor.diskGiB > limits.maxDiskGiB) {
    const params = { asked: flavor.diskGiB, available: limits.maxDiskGiB };
    throw new Problem('conflict', 'sites.errors.diskDoesNotFit', params);
  }
}

/** @returns nova's id of the new server */
async function askForServer(making: Making, spec: VmSpec): Promise<string> {
  const { cloud, signal, report } = making;
  const [imageRef, flavor, keyName, groups, takes] = await allOf([
    ensureImage(cloud, making.library, spec.imageId, making),
    makeFlavor(making, spec),
    makeKeyPair(making, spec),
    makeGroups(making, spec),
    takesGroups(cloud, spec, signal),
  ]);
  const { sshKeys, ...told } = spec.seed;
  // Nova hands the first key over as key pair.
  const further = sshKeys.slice(1).filter((key) => key.trim() !== sshKeys[0]?.trim());
  const userData = userDataOf({ ...told, sshKeys: further });
  report({ event: 'askingForServer' });
  const server = {
    name: spec.name,
    imageRef,
    flavorRef: flavor.id,
    networks: networkArgs(spec),
    ...(keyName === undefined ? {} : { key_name: keyName }),
    ...(groups.length === 0 || !takes ? {} : { security_groups: groups.map((name) => ({ name })) }),
    ...(spec.cloud?.zone === undefined ? {} : { availability_zone: spec.cloud.zone }),
    ...(userData === undefined ? {} : { user_data: encodeUserData(userData) }),
    config_drive: true,
    metadata: { edgeyard_vm: spec.vmId, edgeyard_job: spec.jobId },
  };
  signal.throwIfAborted();
  const id = await sendServer(cloud, server, spec.vmId);
  signal.throwIfAborted();
  return id;
}

/** Milliseconds that nova gets for its answer, and for a server to show whose answer was lost. */
const times = { answer: 120_000, show: 10_000 };

/** Nobody gives up in the middle of this: what one does not hear of one could not remove. */
async function sendServer(cloud: Cloud, server: unknown, vmId: string): Promise<string> {
  try {
    const made = await cloud.ask({
      service: 'compute',
      method: 'POST',
      path: '/servers',
      body: { server },
      schema: z.object({ server: z.object({ id: z.string() }) }),
      timeoutMs: times.answer,
    });
    return made.server.id;
  } catch (error) {
    // The answer may be lost, and not the server.
    if (!isRefusal(error, 'unavailable')) throw error;
    const until = Date.now() + times.show;
    const made = await lookUntil(async () => {
      const [first] = await serversOf(cloud, vmId);
      return first ?? (Date.now() > until ? null : undefined);
    }, undefined);
    if (!made) throw error;
    return made.id;
  }
}

/** Waits for all, so that nothing is still being made when the first failure is told. */
async function allOf<T extends readonly unknown[] | []>(
  work: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

async function makeFlavor({ cloud, signal, report }: Making, { vmId, flavor }: VmSpec) {
  if (!('id' in flavor)) report({ event: 'makingFlavor' });
  return ensureFlavor(cloud, vmId, flavor, signal);
}

async function makeKeyPair({ cloud, signal, report }: Making, { vmId, seed }: VmSpec) {
  const [key] = seed.sshKeys;
  if (key === undefined) return undefined;
  report({ event: 'makingKeys' });
  return ensureKeyPair(cloud, vmId, key, signal);
}

/** @returns ids of groups; none lets nova take the project's default one */
async function makeGroups({ cloud, signal, report }: Making, { vmId, cloud: wish, network }: VmSpec) {
  if (network.id === 'none' && (wish?.moreNetworks ?? []).length === 0) return [];
  const { openPorts, securityGroupIds } = wish ?? noWish;
  if (openPorts.length === 0) return securityGroupIds;
  report({ event: 'openingPorts', params: { count: openPorts.length } });
  return [...securityGroupIds, await ensureGroup(cloud, vmId, openPorts, signal)];
}

/** Where one network card takes no groups nova can be given none, and the others are put into them afterwards. */
async function groupLater(making: Making, spec: VmSpec, id: string): Promise<void> {
  const groups = await makeGroups(making, spec);
  if (groups.length > 0) await putIntoGroups(making.cloud, id, groups, making.signal);
}

const noWish: Pick<CloudWish, 'openPorts' | 'securityGroupIds'> = { openPorts: [], securityGroupIds: [] };

/** What nova does to a server that it builds (nova/compute/task_states.py), as words of `sites.events`. */
const tasks: Record<string, string | undefined> = {
  scheduling: 'scheduling',
  networking: 'connecting',
  block_device_mapping: 'preparingDisk',
  spawning: 'spawning',
};

async function untilActive({ cloud, signal, report }: Making, id: string): Promise<void> {
  const tell = tellEvents(cloud, id, 'create', report);
  let task: string | undefined;
  const tellTask = (server: NovaServer) => {
    const now = taskOf(server);
    if (now !== undefined && now !== task) report({ event: tasks[now] ?? 'novaTask', params: { name: now } });
    task = now;
  };
  const made = await untilServer(
    cloud,
    id,
    ({ status, fault }) => {
      if (status === 'ERROR') throw serverFault(fault).problem;
      return status !== 'BUILD';
    },
    {
      signal,
      limitMs: buildMs,
      between: (server) => {
        tellTask(server);
        return tell(signal);
      },
    },
  );
  if (!made) throw new Problem('gone', 'openstack.errors.serverVanished');
  await tell(signal);
  report({ event: 'active' });
}

/** How long nova may take to hear of a floating IP from neutron. */
const hearMs = 10_000;

/** Gives the floating IP that was asked for, and waits until nova shows it: by it the guest is reached. */
async function reachable(making: Making, spec: VmSpec, id: string): Promise<NovaServer> {
  const { cloud, signal, report } = making;
  const networkId = spec.cloud?.floatingNetworkId;
  if (networkId === undefined) return requireServer(cloud, id, signal);
  report({ event: 'givingFloatingIp' });
  const address = await giveFloatingIp(cloud, { serverId: id, vmId: spec.vmId, networkId }, signal);
  report({ event: 'floatingIpGiven', params: { address } });
  const until = Date.now() + hearMs;
  const isShown = (server: NovaServer) => addressesOf(server).includes(address) || Date.now() > until;
  const server = await untilServer(cloud, id, isShown, { signal, limitMs: 2 * hearMs });
  if (!server) throw new Problem('gone', 'openstack.errors.serverVanished');
  return server;
}
