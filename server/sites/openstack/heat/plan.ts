/** What a topology would become at a cloud: the template, the parameters to fill in, and what stands in the way. */
import { freeOf } from '../../flavors';
import type { Flavor, SiteOffers } from '../../site';
import type { AppInput, AppTopology, AppVm, StackPlan } from '../../stacks';
import { templateOf } from './template';

type Reason = StackPlan['reasons'][number];

/**
 * Plans a stack; nothing is sent.
 *
 * @param offers what the project of the cloud may use now
 * @param images our image ids by the package's image names
 */
export function planStack(
  topology: AppTopology,
  offers: SiteOffers,
  images: ReadonlyMap<string, string>,
): StackPlan {
  const flavors = new Map(topology.vms.map((vm) => [vm.node, fittingFlavor(vm, offers.flavors)]));
  const inputs = topology.inputs.map((input) => atSite(input, topology, offers));
  const names = new Map([...flavors].flatMap(([node, flavor]) => (flavor ? [[node, flavor.name]] : [])));
  return {
    template: templateOf(topology, { flavors: names, inputs }),
    parameters: inputs,
    reasons: [
      ...topology.vms.flatMap((vm) => reasonsOf(vm, flavors.get(vm.node), images)),
      ...networkReasons(topology, offers),
      ...quotaReasons(topology, [...flavors.values()], offers),
    ],
  };
}

/** The smallest flavor that is at least what the VM asks for. */
function fittingFlavor(vm: AppVm, flavors: readonly Flavor[]): Flavor | undefined {
  return flavors
    .filter((each) => each.vcpus >= vm.vcpus && each.memoryMiB >= vm.memoryMiB && each.diskGiB >= vm.diskGiB)
    .toSorted((a, b) => a.memoryMiB - b.memoryMiB || a.vcpus - b.vcpus || a.diskGiB - b.diskGiB)[0];
}

/**
 * An input as the person at this site is asked for it: one that names a zone or a network has those of the site as
 * choices, and the first of them as default where the site does not have the package's.
 */
function atSite(input: AppInput, { vms, networks }: AppTopology, offers: SiteOffers): AppInput {
  const zones = offers.cloud?.zones ?? [];
  const isZone = vms.some(({ zone }) => typeof zone === 'object' && zone.input === input.name);
  const isNetwork = networks.some(
    ({ name, range }) => range === undefined && typeof name === 'object' && name.input === input.name,
  );
  const known = isZone ? zones : isNetwork ? networkNames(offers) : undefined;
  if (!known) return input;
  const choices = [...new Set(known)];
  const [first] = choices;
  if (first === undefined) return { ...input, default: undefined, required: true };
  if (known.includes(String(input.default ?? ''))) return { ...input, choices };
  return { ...input, choices, default: first, required: false };
}

const networkNames = ({ networks }: SiteOffers) =>
  networks.filter(({ kind }) => kind !== 'none').map(({ name }) => name);

function reasonsOf(vm: AppVm, flavor: Flavor | undefined, images: ReadonlyMap<string, string>): Reason[] {
  const { name, image, vcpus, memoryMiB, diskGiB } = vm;
  return [
    ...(images.has(image) ? [] : [{ key: 'deployments.reasons.noImage', params: { vm: name, image } }]),
    ...(flavor
      ? []
      : [{ key: 'deployments.reasons.noFlavor', params: { vm: name, vcpus, memoryMiB, diskGiB } }]),
    ...(vm.cards.length > 0 ? [] : [{ key: 'deployments.reasons.noCard', params: { vm: name } }]),
  ];
}

/** A network that the descriptor names itself, and the site has not. */
function networkReasons({ networks }: AppTopology, offers: SiteOffers): Reason[] {
  const known = networkNames(offers);
  return networks.flatMap(({ name, range }) =>
    range !== undefined || typeof name !== 'string' || known.includes(name)
      ? []
      : [{ key: 'deployments.reasons.noNetwork', params: { network: name, known: known.join(', ') } }],
  );
}

function quotaReasons({ vms }: AppTopology, flavors: (Flavor | undefined)[], offers: SiteOffers): Reason[] {
  const chosen = flavors.filter((flavor) => flavor !== undefined);
  const instances = offers.cloud?.quota.find(({ resource }) => resource === 'instances');
  const checks = [
    { key: 'instances', asked: vms.length, free: instances ? freeOf(instances) : Number.POSITIVE_INFINITY },
    { key: 'vcpus', asked: sum(chosen.map(({ vcpus }) => vcpus)), free: freeOf(offers.capacity.vcpus) },
    {
      key: 'memory',
      asked: sum(chosen.map(({ memoryMiB }) => memoryMiB)),
      free: freeOf(offers.capacity.memoryMiB),
    },
  ];
  return checks
    .filter(({ asked, free }) => asked > free)
    .map(({ key, asked, free }) => ({ key: `deployments.reasons.${key}`, params: { asked, free } }));
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);
