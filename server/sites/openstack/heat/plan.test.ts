import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { SiteOffers } from '../../site';
import type { AppTopology } from '../../stacks';
import { planStack } from './plan';

const offers: SiteOffers = {
  flavors: [
    { id: 'f1', name: 'edge.tiny', vcpus: 1, memoryMiB: 192, diskGiB: 1 },
    { id: 'f2', name: 'edge.small', vcpus: 1, memoryMiB: 512, diskGiB: 3 },
    { id: 'f3', name: 'edge.medium', vcpus: 2, memoryMiB: 1024, diskGiB: 5 },
  ],
  customFlavor: undefined,
  images: [],
  networks: [
    { id: 'n0', name: 'None', kind: 'none', forwards: false },
    { id: 'n1', name: 'provider', kind: 'provider', forwards: false },
  ],
  capacity: {
    vcpus: { total: 4, used: 0 },
    memoryMiB: { total: 4096, used: 0 },
    diskGiB: { total: -1, used: 0 },
  },
  accelerator: undefined,
  cloud: {
    zones: ['north'],
    securityGroups: [],
    floatingNetworks: [],
    quota: [{ resource: 'instances', total: 6, used: 5 }],
  },
};

const topology: AppTopology = {
  name: 'Edge camera',
  version: '1.0',
  inputs: [
    {
      name: 'az_dc',
      type: 'string',
      description: 'Zone',
      default: 'nova',
      required: false,
      secret: false,
    },
    {
      name: 'APP_Plane01_Network',
      type: 'string',
      description: '',
      default: 'mec_network_n6',
      required: false,
      secret: false,
    },
    { name: 'sk', type: 'string', description: '', default: undefined, required: true, secret: true },
  ],
  networks: [
    { node: 'VL1', name: { input: 'APP_Plane01_Network' }, range: undefined },
    { node: 'VL2', name: 'inside', range: '10.5.0.0/24' },
  ],
  vms: [
    {
      node: 'VDU1',
      name: 'camera',
      vcpus: 1,
      memoryMiB: 300,
      diskGiB: 1,
      image: 'camera image',
      zone: { input: 'az_dc' },
      userData: { contents: '#!/bin/sh\necho $sk$\n', params: { sk: { input: 'sk' } } },
      cards: [
        { node: 'CP0', network: 'VL1', address: undefined, serves: [{ protocol: 'tcp', port: 8080 }] },
        { node: 'CP1', network: 'VL2', address: '10.5.0.7', serves: [] },
      ],
    },
  ],
};
const images = new Map([['camera image', 'img-1']]);

describe('the plan of a stack', () => {
  it('is a template that names everything the package asks for', () => {
    const plan = planStack(topology, offers, images);
    expect(plan.reasons).toEqual([]);
    expect(parse(plan.template)).toMatchObject({
      heat_template_version: '2018-08-31',
      parameters: {
        az_dc: { type: 'string', default: 'north' },
        APP_Plane01_Network: { default: 'provider' },
        sk: { type: 'string', hidden: true },
        image_camera_image: { constraints: [{ custom_constraint: 'glance.image' }] },
      },
      resources: {
        security_group: {
          properties: {
            rules: [
              { protocol: 'icmp' },
              { protocol: 'tcp', port_range_min: 22, port_range_max: 22 },
              { protocol: 'tcp', port_range_min: 8080, port_range_max: 8080 },
            ],
          },
        },
        net_VL2_subnet: { properties: { network: { get_resource: 'net_VL2' }, cidr: '10.5.0.0/24' } },
        port_CP0: { properties: { network: { get_param: 'APP_Plane01_Network' } } },
        port_CP1: {
          depends_on: 'net_VL2_subnet',
          properties: { network: { get_resource: 'net_VL2' }, fixed_ips: [{ ip_address: '10.5.0.7' }] },
        },
        server_VDU1: {
          type: 'OS::Nova::Server',
          properties: {
            name: 'camera',
            flavor: 'edge.small',
            image: { get_param: 'image_camera_image' },
            availability_zone: { get_param: 'az_dc' },
            networks: [{ port: { get_resource: 'port_CP0' } }, { port: { get_resource: 'port_CP1' } }],
            user_data: {
              str_replace: { template: '#!/bin/sh\necho $sk$\n', params: { $sk$: { get_param: 'sk' } } },
            },
          },
        },
      },
      outputs: { address_VDU1: { value: { get_attr: ['server_VDU1', 'first_address'] } } },
    });
  });

  it('is the same text each time', () => {
    const text = () => planStack(topology, offers, images).template;
    expect(text()).toBe(text());
  });

  it('lists what the site has for a zone or a network, and nothing for other inputs', () => {
    const networks = [
      ...offers.networks,
      { id: 'n2', name: 'provider', kind: 'nat' as const, forwards: false },
    ];
    const { parameters } = planStack(topology, { ...offers, networks }, images);
    expect(parameters.map(({ choices }) => choices)).toEqual([['north'], ['provider'], undefined]);
  });

  it('asks for zone and network where the site has none of the defaults', () => {
    const bare = { ...offers, networks: [], cloud: undefined };
    const [zone, network] = planStack(topology, bare, images).parameters;
    expect(zone).toMatchObject({ name: 'az_dc', default: undefined, required: true });
    expect(network).toMatchObject({ name: 'APP_Plane01_Network', default: undefined, required: true });
  });

  it('says what stands in the way', () => {
    const [vm] = topology.vms;
    if (!vm) throw new Error('the topology has a VM');
    const wide: AppTopology = {
      ...topology,
      networks: [{ node: 'VL1', name: 'nowhere', range: undefined }],
      vms: [
        { ...vm, node: 'A', image: 'unknown' },
        { ...vm, node: 'B', vcpus: 64 },
        { ...vm, node: 'C', cards: [] },
      ],
    };
    const keys = planStack(wide, offers, images).reasons.map(({ key }) =>
      key.replace('deployments.reasons.', ''),
    );
    expect(keys).toEqual(['noImage', 'noFlavor', 'noCard', 'noNetwork', 'instances']);
  });
});
