import { and, eq } from 'drizzle-orm';
import type { Actor } from '../access/actor';
import { Problem } from '../problem';
import { freeOf, requireFit, requireImageFits, sizeOf, type FlavorSize } from '../sites/flavors';
import { needsOf, requireQuota } from '../sites/quota';
import type { GuestImage, SiteOffers } from '../sites/site';
import { requireCloudFits } from './cloud-fit';
import type { PlanReason, VmPlan } from './model';
import type { WorkbenchPorts } from './ports';
import type { PlanVmInput } from './schemas';
import { vms } from './tables';
import { createSteps } from './vm-create-job';

/**
 * Whether what is chosen so far fits the site: every reason against it, not only the first.
 *
 * @throws Problem `not_found` for an unknown site, and what the site throws when it cannot be asked
 */
export async function planVm(
  ports: WorkbenchPorts,
  actor: Actor,
  projectId: string,
  input: PlanVmInput,
  signal?: AbortSignal,
): Promise<VmPlan> {
  const offers = await ports.sites.get(input.siteId).offers({ signal });
  const reasons: PlanReason[] = [];
  const check = <T>(rule: () => T): T | undefined => {
    try {
      return rule();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      reasons.push({ key: error.key, params: error.params });
      return undefined;
    }
  };

  const { flavor } = input;
  const size = flavor && check(() => sizeOf(flavor, offers.flavors, offers.customFlavor));
  const image = offers.images.find((each) => each.id === input.imageId && mayUse(ports, actor, each));
  if (input.imageId !== undefined && !image) {
    reasons.push({ key: 'workbench.errors.noImage', params: { image: input.imageId } });
  }
  if (size && image) check(() => requireImageFits(size, image));
  if (size)
    for (const one of oneByOne(size))
      check(() => requireFit(one, offers.capacity, offers.customFlavor?.maxVcpus));
  check(() => requireNetworkFits(input, offers));
  check(() => requireCloudFits(input, offers));
  for (const need of needsOf(input.cloud)) check(() => requireQuota(offers, need));
  check(() => requireFreeName(ports, projectId, input.name));
  return {
    fits: reasons.length === 0,
    reasons,
    size,
    amounts: amountsOf(size, offers),
    steps: [...createSteps],
  };
}

/** Whether somebody may make VMs of an image: the site's own are everybody's who may use the site. */
export function mayUse(
  { mayUseImage }: Pick<WorkbenchPorts, 'mayUseImage'>,
  actor: Actor,
  image: GuestImage,
): boolean {
  return !image.ours || mayUseImage(actor, image.id);
}

/**
 * The rules of a network's forwards that can be told before the site is asked to make anything.
 *
 * @throws Problem `invalid`
 */
export function requireNetworkFits({ network }: Pick<PlanVmInput, 'network'>, offers: SiteOffers): void {
  if (!network) return;
  const offer = offers.networks.find(({ id }) => id === network.id);
  if (!offer) throw new Problem('invalid', 'sites.errors.noNetwork', { id: network.id });
  if (network.forwards.length > 0 && !offer.forwards) {
    throw new Problem('invalid', 'sites.errors.noForwards', { network: offer.name });
  }
  const taken = new Set<string>();
  for (const { protocol, hostPort } of network.forwards) {
    const key = `${protocol}/${hostPort}`;
    if (hostPort !== 0 && taken.has(key)) {
      throw new Problem('invalid', 'workbench.errors.forwardTwice', { port: hostPort });
    }
    taken.add(key);
  }
}

/** @throws Problem `conflict` when the project has a VM of that name */
export function requireFreeName({ db }: WorkbenchPorts, projectId: string, name: string | undefined): void {
  if (name === undefined) return;
  const taken = db
    .select({ id: vms.id })
    .from(vms)
    .where(and(eq(vms.projectId, projectId), eq(vms.name, name)))
    .get();
  if (taken) throw new Problem('conflict', 'workbench.errors.vmNameTaken', { name });
}

function oneByOne({ vcpus, memoryMiB, diskGiB }: FlavorSize): FlavorSize[] {
  return [
    { vcpus, memoryMiB: 0, diskGiB: 0 },
    { vcpus: 0, memoryMiB, diskGiB: 0 },
    { vcpus: 0, memoryMiB: 0, diskGiB },
  ];
}

function amountsOf(size: FlavorSize | undefined, { capacity }: SiteOffers): VmPlan['amounts'] {
  return (['vcpus', 'memoryMiB', 'diskGiB'] as const).map((resource) => {
    const free = freeOf(capacity[resource]);
    // Infinity is not JSON.
    return {
      resource,
      asked: size?.[resource] ?? 0,
      free: Number.isFinite(free) ? free : -1,
      total: capacity[resource].total,
    };
  });
}
