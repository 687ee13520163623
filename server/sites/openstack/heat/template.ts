/** A package's topology as a HOT template of version 2018-08-31, which the Heat of Victoria and all later ones take. */
import { stringify } from 'yaml';
import type { AppCard, AppInput, AppNetwork, AppTopology, AppValue, AppVm } from '../../stacks';

/** What the site adds to a topology. */
export interface TemplateChoices {
  /** Flavor of each VM, by node. */
  flavors: ReadonlyMap<string, string>;
  /** Inputs as the person is asked for them. */
  inputs: readonly AppInput[];
}

type Resource = Record<string, unknown>;

/** Name of the parameter that holds the image of a package at the cloud; it is filled in once the image is there. */
export function imageParameter(image: string): string {
  return `image_${wordOf(image)}`;
}

/**
 * Writes the template: the same topology and choices give the same text.
 *
 * @returns YAML
 */
export function templateOf(topology: AppTopology, { flavors, inputs }: TemplateChoices): string {
  const images = [...new Set(topology.vms.map(({ image }) => image))];
  return stringify(
    {
      heat_template_version: '2018-08-31',
      description: `${topology.name} ${topology.version}`,
      parameters: {
        ...Object.fromEntries(inputs.map((input) => [wordOf(input.name), parameterOf(input)])),
        ...Object.fromEntries(
          images.map((image) => [
            imageParameter(image),
            {
              type: 'string',
              description: `Image of ${image}`,
              constraints: [{ custom_constraint: 'glance.image' }],
            },
          ]),
        ),
      },
      resources: {
        security_group: groupOf(topology),
        ...Object.fromEntries(topology.networks.flatMap(networkResources)),
        ...Object.fromEntries(
          topology.vms.flatMap((vm) => vmResources(vm, topology.networks, flavors.get(vm.node) ?? '')),
        ),
      },
      outputs: Object.fromEntries(
        topology.vms.map(({ node, name }) => [
          `address_${wordOf(node)}`,
          { description: `Address of ${name}`, value: { get_attr: [serverName(node), 'first_address'] } },
        ]),
      ),
    },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}

function parameterOf(input: AppInput): Resource {
  return {
    type: input.type,
    ...(input.description === '' ? {} : { description: input.description }),
    ...(input.default === undefined ? {} : { default: input.default }),
    ...(input.secret ? { hidden: true } : {}),
  };
}

/** SSH, ping and what the cards say they serve, from everywhere; everything out. */
function groupOf({ name, vms }: AppTopology): Resource {
  const served = vms.flatMap(({ cards }) => cards.flatMap(({ serves }) => serves));
  const ports = new Map(
    [{ protocol: 'tcp', port: 22 }, ...served].map((each) => [`${each.protocol}/${each.port}`, each]),
  );
  return {
    type: 'OS::Neutron::SecurityGroup',
    properties: {
      description: `What ${name} serves`,
      rules: [
        { protocol: 'icmp' },
        ...[...ports.values()].map(({ protocol, port }) => ({
          protocol,
          port_range_min: port,
          port_range_max: port,
        })),
      ],
    },
  };
}

/** A network of the app's own; one the site has needs no resource. */
function networkResources(network: AppNetwork): [string, Resource][] {
  if (network.range === undefined) return [];
  const name = networkName(network.node);
  return [
    [name, { type: 'OS::Neutron::Net' }],
    [
      `${name}_subnet`,
      {
        type: 'OS::Neutron::Subnet',
        properties: { network: { get_resource: name }, cidr: network.range, gateway_ip: null },
      },
    ],
  ];
}

function vmResources(vm: AppVm, networks: readonly AppNetwork[], flavor: string): [string, Resource][] {
  const cards = vm.cards.map((card): [string, Resource] => [portName(card.node), portOf(card, networks)]);
  const server: Resource = {
    type: 'OS::Nova::Server',
    properties: {
      name: vm.name,
      flavor,
      image: { get_param: imageParameter(vm.image) },
      config_drive: true,
      networks: vm.cards.map(({ node }) => ({ port: { get_resource: portName(node) } })),
      ...(vm.zone === undefined ? {} : { availability_zone: hotValue(vm.zone) }),
      ...(vm.userData === undefined ? {} : { user_data_format: 'RAW', user_data: userDataOf(vm.userData) }),
    },
  };
  return [...cards, [serverName(vm.node), server]];
}

function portOf(card: AppCard, networks: readonly AppNetwork[]): Resource {
  const network = networks.find(({ node }) => node === card.network);
  const own = network?.range !== undefined;
  return {
    type: 'OS::Neutron::Port',
    properties: {
      network: own ? { get_resource: networkName(card.network) } : hotValue(network?.name ?? card.network),
      security_groups: [{ get_resource: 'security_group' }],
      ...(card.address === undefined ? {} : { fixed_ips: [{ ip_address: hotValue(card.address) }] }),
    },
    // Heat sees no dependency between a port and the subnet that gives it an address.
    ...(own ? { depends_on: `${networkName(card.network)}_subnet` } : {}),
  };
}

/** EdgeGallery marks parameters in user data as `$name$`. */
function userDataOf({ contents, params }: NonNullable<AppVm['userData']>): unknown {
  const entries = Object.entries(params);
  if (entries.length === 0) return contents;
  return {
    str_replace: {
      template: contents,
      params: Object.fromEntries(entries.map(([name, value]) => [`$${name}$`, hotValue(value)])),
    },
  };
}

function hotValue(value: AppValue): unknown {
  return typeof value === 'string' ? value : { get_param: wordOf(value.input) };
}

const networkName = (node: string) => `net_${wordOf(node)}`;
const portName = (node: string) => `port_${wordOf(node)}`;
const serverName = (node: string) => `server_${wordOf(node)}`;

/** Heat's names hold letters, digits and underscores. */
export function wordOf(name: string): string {
  return name.replace(/\W/g, '_');
}
