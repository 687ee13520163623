import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import type { PackageOrder } from '../order';
import { containerImageName } from './image-desc';
import { fileNameOf } from './names';
import { nfvTypesFile } from './nfv-types';

/**
 * The application descriptor (TOSCA, ETSI GS NFV-SOL 001 with EdgeGallery's MEC part) of a project's VMs.
 *
 * @param order the frozen order of the package
 * @param imageNames name of each image as SwImageDesc.json states it, by image id
 * @returns YAML
 */
export function descriptorOf(order: PackageOrder, imageNames: ReadonlyMap<string, string>): string {
  const { project } = order;
  const id = descriptorId(order);
  const networks = [...new Set(order.vms.map((vm) => vm.networkName))];
  const description = project.description === '' ? project.name : project.description;
  return stringify(
    {
      tosca_definitions_version: 'tosca_simple_profile_yaml_1_2',
      description,
      imports: [nfvTypesFile],
      metadata: {
        template_name: fileNameOf(project.name),
        template_author: project.provider,
        template_version: project.version,
        vnfm_type: 'MEPM',
        vnfd_id: id,
        vnfd_version: project.version,
        vnfd_name: project.name,
        vnfd_description: description,
      },
      topology_template: {
        inputs: inputsOf(order),
        node_templates: Object.fromEntries([
          [
            // Not the project's name: a project may be called as one of the other nodes.
            'VNF',
            {
              type: 'tosca.nodes.nfv.VNF',
              properties: {
                descriptor_id: id,
                descriptor_version: project.version,
                provider: project.provider,
                product_name: project.name,
                software_version: project.version,
                vnfm_info: ['MEPM'],
              },
            },
          ],
          ...containerNodes(order),
          ...order.vms.flatMap((vm, index) => vmNodes(order, vm, index, networks, imageNames)),
          ...networks.map((name, index) => linkNode(name, index)),
          [
            'app_configuration',
            {
              type: 'tosca.nodes.nfv.app.configuration',
              properties: { appName: project.name, appSupportMp1: false },
            },
          ],
        ]),
      },
    },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}

type Node = [name: string, template: Record<string, unknown>];

function vmNodes(
  order: PackageOrder,
  vm: PackageOrder['vms'][number],
  index: number,
  networks: readonly string[],
  imageNames: ReadonlyMap<string, string>,
): Node[] {
  const name = `VDU${index + 1}`;
  const compute = {
    type: 'tosca.nodes.nfv.Vdu.Compute',
    properties: {
      name: vm.name,
      nfvi_constraints: { get_input: 'az_dc' },
      vdu_profile: { min_number_of_instances: 1, max_number_of_instances: 1 },
      sw_image_data: { name: imageNames.get(vm.image.id) ?? vm.image.name },
      ...(vm.userData === undefined
        ? {}
        : { bootdata: { config_drive: true, user_data: { contents: vm.userData } } }),
    },
    capabilities: {
      virtual_compute: {
        properties: {
          virtual_memory: { virtual_mem_size: vm.memoryMiB },
          virtual_cpu: { num_virtual_cpu: vm.vcpus, cpu_architecture: order.project.architecture },
          virtual_local_storage: { size_of_storage: vm.diskGiB },
        },
      },
    },
  };
  const port = {
    type: 'tosca.nodes.nfv.VduCp',
    properties: {
      order: 0,
      vnic_name: 'eth0',
      ...(vm.forwards.length === 0
        ? {}
        : { description: `Serves ${vm.forwards.map((f) => `${f.protocol}/${f.guestPort}`).join(', ')}` }),
    },
    requirements: [{ virtual_binding: name }, { virtual_link: linkName(networks.indexOf(vm.networkName)) }],
  };
  return [
    [name, compute],
    [`${name}_CP0`, port],
  ];
}

/** As EdgeGallery has it: one node that lists every image, parted by commas; the deployment text says the rest. */
function containerNodes({ containers, project }: PackageOrder): Node[] {
  if (containers === undefined) return [];
  const properties = {
    name: project.name,
    sw_image_data: { name: containers.images.map(containerImageName).join(',') },
  };
  return [['VDU1', { type: 'tosca.nodes.nfv.Vdu.Compute', properties }]];
}

function linkNode(name: string, index: number): Node {
  const network = { get_input: planeInput(index) };
  return [
    linkName(index),
    {
      type: 'tosca.nodes.nfv.VnfVirtualLink',
      properties: { vl_profile: { network_name: network, network_type: 'vlan' } },
      metadata: { built_on: name },
    },
  ];
}

function inputsOf(order: PackageOrder): Record<string, unknown> {
  const networks = [...new Set(order.vms.map((vm) => vm.networkName))];
  return {
    az_dc: { type: 'string', description: 'Availability zone', default: 'nova' },
    ...Object.fromEntries(
      networks.map((name, index) => [
        planeInput(index),
        { type: 'string', description: 'Name of the network at the edge', default: name },
      ]),
    ),
  };
}

// EdgeGallery 1.5's name for the network that an operator picks at instantiation.
const planeInput = (index: number) => `APP_Plane${String(index + 1).padStart(2, '0')}_Network`;
const linkName = (index: number) => `VL${index + 1}`;

/** The same project and version always have the same identifier; in the shape of a UUID, as readers expect. */
export function descriptorId(order: PackageOrder): string {
  const { project } = order;
  const hex = createHash('sha256')
    .update(`${project.provider}\n${project.name}\n${project.version}`)
    .digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
