import { describe, expect, it } from 'vitest';
import { topologyOf } from './topology';

const foreign = `
tosca_definitions_version: tosca_simple_profile_yaml_1_2
metadata: { vnfd_name: vm_test, vnfd_version: v1.0 }
topology_template:
  inputs:
    ak: { type: string }
    APP_Plane01_Network: { type: string, default: mec_network_n6, description: The user plane }
    count: { type: integer, default: 2 }
  node_templates:
    VNF: { type: tosca.nodes.nfv.VNF }
    EMS_VDU1:
      type: tosca.nodes.nfv.Vdu.Compute
      properties:
        name: camera
        nfvi_constraints: [{ get_inpput: az_dc }]
        sw_image_data: { name: Ubuntu18 }
        bootdata:
          user_data:
            contents: "#!/bin/sh\\necho $ak$"
            params: { ak: { get_input: ak } }
      capabilities:
        virtual_compute:
          properties:
            virtual_memory: { virtual_mem_size: 2 GB }
            virtual_cpu: { num_virtual_cpu: 4, cpu_architecture: X86 }
            virtual_local_storage: { size_of_storage: 40 GB }
    CP0:
      type: tosca.nodes.nfv.VduCp
      properties: { description: 'Serves tcp/8080, udp/53' }
      requirements: [{ virtual_binding: VM01 }, { virtual_link: VL1 }]
    VL1:
      type: tosca.nodes.nfv.VnfVirtualLink
      properties: { vl_profile: { network_name: { get_input: APP_Plane01_Network } } }
`;

describe('the topology of a descriptor', () => {
  it("is read out of EdgeGallery's dialect, slips included", () => {
    const topology = topologyOf(foreign);
    expect(topology).toMatchObject({ name: 'vm_test', version: 'v1.0' });
    expect(topology.inputs).toEqual([
      expect.objectContaining({ name: 'ak', secret: true, required: true }),
      expect.objectContaining({ name: 'APP_Plane01_Network', default: 'mec_network_n6', required: false }),
      expect.objectContaining({ name: 'count', type: 'number', default: 2 }),
    ]);
    expect(topology.networks).toEqual([
      { node: 'VL1', name: { input: 'APP_Plane01_Network' }, range: undefined },
    ]);
    expect(topology.vms).toEqual([
      {
        node: 'EMS_VDU1',
        name: 'camera',
        vcpus: 4,
        memoryMiB: 2048,
        diskGiB: 40,
        image: 'Ubuntu18',
        zone: { input: 'az_dc' },
        userData: { contents: '#!/bin/sh\necho $ak$', params: { ak: { input: 'ak' } } },
        cards: [
          {
            node: 'CP0',
            network: 'VL1',
            address: undefined,
            serves: [
              { protocol: 'tcp', port: 8080 },
              { protocol: 'udp', port: 53 },
            ],
          },
        ],
      },
    ]);
  });

  it.each([
    ['not a mapping', '- a\n- b\n'],
    ['without nodes', 'topology_template: {}\n'],
    ['without a VM', 'topology_template: { node_templates: { a: { type: tosca.nodes.nfv.VNF } } }\n'],
  ])('that is %s is refused', (_what, text) => {
    expect(() => topologyOf(text)).toThrow('packages.errors.noTopology');
  });
});
