/** Flavors of nova: those a project may choose, and the one that is made for a VM of one's own numbers. */
import { z } from 'zod';
import { Problem } from '../../problem';
import type { FlavorSize } from '../flavors';
import type { Flavor, FlavorChoice, SiteOffers } from '../site';
import type { Cloud } from './cloud';
import { isOurs, nameOf } from './names';
import { isRefusal, unlessRefused } from './refusals';

const novaFlavor = z.object({
  id: z.string(),
  name: z.string(),
  vcpus: z.number(),
  ram: z.number(),
  disk: z.number(),
  'OS-FLV-DISABLED:disabled': z.boolean().default(false),
});
type NovaFlavor = z.infer<typeof novaFlavor>;

/** A flavor at the cloud with its numbers; disk 0 means the size of the image. */
export type ReadyFlavor = FlavorSize & { id: string };

/**
 * The flavors a VM may be made of: nova leaves out what the project has no access to. Disabled ones and those made for
 * one VM are left out here. Smallest first.
 */
export async function listFlavors(cloud: Cloud, signal?: AbortSignal): Promise<Flavor[]> {
  const all = await cloud.list({
    service: 'compute',
    path: '/flavors/detail',
    key: 'flavors',
    schema: novaFlavor,
    signal,
  });
  return all
    .filter((flavor) => !flavor['OS-FLV-DISABLED:disabled'] && !isOurs(flavor.name))
    .map((flavor) => ({ ...sizeOfNova(flavor), name: flavor.name }))
    .toSorted((a, b) => a.memoryMiB - b.memoryMiB || a.vcpus - b.vcpus || a.diskGiB - b.diskGiB);
}

function sizeOfNova(flavor: NovaFlavor): ReadyFlavor {
  return { id: flavor.id, vcpus: flavor.vcpus, memoryMiB: flavor.ram, diskGiB: flavor.disk };
}

const hypervisor = z.object({
  vcpus: z.number().nullish(),
  memory_mb: z.number().nullish(),
  local_gb: z.number().nullish(),
});

/**
 * The largest flavor we could make. Only nova's administrators make flavors and see hypervisors, and a guest never
 * gets more than one hypervisor has, whatever is overcommitted.
 *
 * @returns undefined where listed flavors are all there is
 */
export async function customFlavorLimits(
  cloud: Cloud,
  signal?: AbortSignal,
): Promise<SiteOffers['customFlavor']> {
  const { roles } = await cloud.who(signal);
  if (!roles.includes('admin')) return undefined;
  const question = cloud.list({
    service: 'compute',
    path: '/os-hypervisors/detail',
    key: 'hypervisors',
    schema: hypervisor,
    signal,
  });
  const hosts = (await unlessRefused(question, undefined, 'forbidden', 'not_found')) ?? [];
  const most = (of: keyof z.infer<typeof hypervisor>) => Math.max(0, ...hosts.map((host) => host[of] ?? 0));
  const limits = {
    maxVcpus: most('vcpus'),
    maxMemoryMiB: most('memory_mb'),
    maxDiskGiB: most('local_gb'),
  };
  return Object.values(limits).every((limit) => limit > 0) ? limits : undefined;
}

async function findOwn(cloud: Cloud, vmId: string, signal?: AbortSignal): Promise<NovaFlavor | undefined> {
  const { roles } = await cloud.who(signal);
  if (!roles.includes('admin')) return undefined;
  const all = await cloud.list({
    service: 'compute',
    path: '/flavors/detail',
    // Private ones of every project: access may be what an interrupted step did not come to.
    query: { is_public: 'None' },
    key: 'flavors',
    schema: novaFlavor,
    signal,
  });
  return all.find((flavor) => flavor.name === nameOf(vmId));
}

/**
 * The flavor to create the VM with: the chosen one, or one of its own, made once and private to the project.
 *
 * @returns the flavor as the cloud has it
 * @throws Problem `invalid` for a flavor that is not there, `forbidden` where nova's policy lets us make none
 */
export async function ensureFlavor(
  cloud: Cloud,
  vmId: string,
  choice: FlavorChoice,
  signal?: AbortSignal,
): Promise<ReadyFlavor> {
  if ('id' in choice) {
    const found = await cloud.find({
      service: 'compute',
      path: `/flavors/${encodeURIComponent(choice.id)}`,
      schema: z.object({ flavor: novaFlavor }),
      signal,
    });
    if (!found) throw new Problem('invalid', 'sites.errors.noFlavor', { id: choice.id });
    return sizeOfNova(found.flavor);
  }
  const there = await findOwn(cloud, vmId, signal);
  if (there && isSame(there, choice)) return giveAccess(cloud, there, signal);
  if (there) await removeFlavor(cloud, vmId, signal);
  return giveAccess(cloud, await makeFlavor(cloud, vmId, choice, signal), signal);
}

function isSame(flavor: NovaFlavor, size: FlavorSize): boolean {
  return flavor.vcpus === size.vcpus && flavor.ram === size.memoryMiB && flavor.disk === size.diskGiB;
}

async function makeFlavor(
  cloud: Cloud,
  vmId: string,
  size: FlavorSize,
  signal?: AbortSignal,
): Promise<NovaFlavor> {
  try {
    const { flavor } = await cloud.ask({
      service: 'compute',
      method: 'POST',
      path: '/flavors',
      body: {
        flavor: {
          name: nameOf(vmId),
          vcpus: size.vcpus,
          ram: size.memoryMiB,
          disk: size.diskGiB,
          'os-flavor-access:is_public': false,
        },
      },
      schema: z.object({ flavor: novaFlavor }),
      signal,
    });
    return flavor;
  } catch (error) {
    // Names of flavors are unique: somebody made it a moment ago.
    const made = isRefusal(error, 'conflict') ? await findOwn(cloud, vmId, signal) : undefined;
    if (!made || !isSame(made, size)) throw error;
    return made;
  }
}

/** A private flavor is nobody's at first, not even its maker's. */
async function giveAccess(cloud: Cloud, flavor: NovaFlavor, signal?: AbortSignal): Promise<ReadyFlavor> {
  const { projectId } = await cloud.who(signal);
  const grant = cloud.send({
    service: 'compute',
    method: 'POST',
    path: `/flavors/${encodeURIComponent(flavor.id)}/action`,
    body: { addTenantAccess: { tenant: projectId } },
    signal,
  });
  await unlessRefused(grant, undefined, 'conflict');
  return sizeOfNova(flavor);
}

/** Removes the flavor that was made for the VM; none is fine. Servers keep the numbers of a deleted flavor. */
export async function removeFlavor(cloud: Cloud, vmId: string, signal?: AbortSignal): Promise<void> {
  const own = await findOwn(cloud, vmId, signal);
  if (!own) return;
  await cloud.send({
    service: 'compute',
    method: 'DELETE',
    path: `/flavors/${encodeURIComponent(own.id)}`,
    signal,
  });
}

/** Whether a flavor was made for the VM. */
export async function hasFlavor(cloud: Cloud, vmId: string, signal?: AbortSignal): Promise<boolean> {
  return (await findOwn(cloud, vmId, signal)) !== undefined;
}
