/** What a topology would become on a site of our own: which VMs, and what stands in the way. */
import { Problem, isProblem } from '../../problem';
import { requireFit, requireImageFits, sizeOf } from '../flavors';
import type { SiteOffers } from '../site';
import type { AppInput, AppNetwork, AppTopology, AppValue, AppVm, StackPlan } from '../stacks';
import { writeStack } from './stack-text';

type Reason = StackPlan['reasons'][number];

/**
 * Plans the VMs of a stack; nothing is made.
 *
 * @param offers what the site has now
 * @param images the site's image ids by the package's image names
 */
export function planVmStack(
  topology: AppTopology,
  offers: SiteOffers,
  images: ReadonlyMap<string, string>,
): StackPlan {
  const known = offers.networks.filter(({ forwards }) => forwards).map(({ name }) => name);
  const foreign = topology.networks.filter((network) => isForeign(network, offers));
  const inputs = [
    ...topology.inputs.map((input) => atSite(input, topology, offers, known)),
    // A network that the descriptor names itself is one of another place: which of ours stands for it is asked.
    ...foreign.map((network) => networkInput(network, known)),
  ];
  const networks = new Map(
    topology.networks.map(({ node, name }): [string, AppValue] => [
      node,
      foreign.some((each) => each.node === node) ? { input: inputNameOf(node) } : name,
    ]),
  );
  return {
    template: writeStack(topology, inputs, networks),
    parameters: inputs,
    reasons: [
      ...topology.vms.flatMap((vm) => vmReasons(vm, offers, images)),
      ...topology.networks.flatMap(networkReasons),
      ...sumReasons(topology, offers),
    ],
  };
}

const inputNameOf = (node: string) => `network_${node.replace(/\W/g, '_')}`;

const isForeign = ({ name, range }: AppNetwork, { networks }: SiteOffers) =>
  range === undefined && typeof name === 'string' && !networks.some((each) => each.name === name);

function networkInput({ node, name }: AppNetwork, known: string[]): AppInput {
  const description = typeof name === 'string' ? name : node;
  return {
    name: inputNameOf(node),
    type: 'string',
    description,
    default: known[0],
    required: known.length === 0,
    secret: false,
    choices: known,
  };
}

/** An input as it is asked for here: networks are those of the site; zones and addresses there are none to choose. */
function atSite(
  input: AppInput,
  { vms, networks }: AppTopology,
  offers: SiteOffers,
  known: string[],
): AppInput {
  const names = (value: AppValue | undefined) => typeof value === 'object' && value.input === input.name;
  if (networks.some(({ name, range }) => range === undefined && names(name))) {
    const preset = String(input.default ?? '');
    // A package of a VM without any way out says so by its default.
    const choices = offers.networks.some(({ name }) => name === preset)
      ? [...new Set([preset, ...known])]
      : known;
    return { ...input, choices, default: choices[0], required: choices.length === 0 };
  }
  const idle = vms.some(({ zone, cards }) => names(zone) || cards.some(({ address }) => names(address)));
  return idle && !isUsed(input, vms) ? { ...input, required: false } : input;
}

/** Whether user data says it, so that it is needed all the same. */
function isUsed({ name }: AppInput, vms: readonly AppVm[]): boolean {
  return vms.some(({ userData }) =>
    Object.values(userData?.params ?? {}).some((value) => typeof value === 'object' && value.input === name),
  );
}

function vmReasons(vm: AppVm, offers: SiteOffers, images: ReadonlyMap<string, string>): Reason[] {
  const { name, cards } = vm;
  const id = images.get(vm.image);
  const image = offers.images.find((each) => each.id === id);
  const fixed = cards.find(({ address }) => typeof address === 'string')?.address;
  return [
    ...(image ? [] : [{ key: 'deployments.reasons.noImage', params: { vm: name, image: vm.image } }]),
    ...(cards.length > 1
      ? [{ key: 'deployments.reasons.cards', params: { vm: name, asked: cards.length } }]
      : []),
    ...(typeof fixed === 'string'
      ? [{ key: 'deployments.reasons.fixedAddress', params: { vm: name, address: fixed } }]
      : []),
    ...refusals(() => {
      const size = sizeOf(vm, offers.flavors, offers.customFlavor);
      if (image) requireImageFits(size, image);
      const most = offers.customFlavor?.maxVcpus;
      if (most !== undefined && vm.vcpus > most) throw notFitting(vm.vcpus, most);
    }),
  ];
}

const notFitting = (asked: number, available: number) =>
  new Problem('conflict', 'sites.errors.vcpusDoNotFit', { asked, available });

function networkReasons({ range, node }: AppNetwork): Reason[] {
  return range === undefined
    ? []
    : [{ key: 'deployments.reasons.ownNetwork', params: { network: node, range } }];
}

/** Whether all of them fit together. */
function sumReasons({ vms }: AppTopology, offers: SiteOffers): Reason[] {
  const sum = (of: 'vcpus' | 'memoryMiB' | 'diskGiB') => vms.reduce((all, vm) => all + vm[of], 0);
  const size = { vcpus: sum('vcpus'), memoryMiB: sum('memoryMiB'), diskGiB: sum('diskGiB') };
  return refusals(() => requireFit(size, offers.capacity));
}

/** What a check refuses, as a reason. */
function refusals(check: () => void): Reason[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!isProblem(error)) throw error;
    return [{ key: error.key, params: error.params }];
  }
}
