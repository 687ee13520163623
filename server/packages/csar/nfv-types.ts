/**
 * The node types our descriptors use, as a TOSCA file that stands beside the descriptor. Names and properties follow
 * ETSI GS NFV-SOL 001 as far as EdgeGallery's tools read them; `tosca.nodes.nfv.app.configuration` is EdgeGallery's.
 */
export const nfvTypesFile = 'nfv_vnfd_types_v1_0.yaml';

export const nfvTypes = `tosca_definitions_version: tosca_simple_profile_yaml_1_2
description: Types used by the application descriptor beside this file

data_types:
  tosca.datatypes.nfv.VirtualCpu:
    derived_from: tosca.datatypes.Root
    properties:
      num_virtual_cpu: { type: integer, required: true }
      cpu_architecture: { type: string, required: false }
  tosca.datatypes.nfv.VirtualMemory:
    derived_from: tosca.datatypes.Root
    properties:
      virtual_mem_size: { type: integer, required: true, description: Megabytes }
  tosca.datatypes.nfv.VirtualLocalStorage:
    derived_from: tosca.datatypes.Root
    properties:
      size_of_storage: { type: integer, required: true, description: Gigabytes }
  tosca.datatypes.nfv.SwImageData:
    derived_from: tosca.datatypes.Root
    properties:
      name: { type: string, required: true }
  tosca.datatypes.nfv.VduProfile:
    derived_from: tosca.datatypes.Root
    properties:
      min_number_of_instances: { type: integer, required: false }
      max_number_of_instances: { type: integer, required: false }
      flavor_extra_specs: { type: map, required: false, entry_schema: { type: string } }
  tosca.datatypes.nfv.UserData:
    derived_from: tosca.datatypes.Root
    properties:
      contents: { type: string, required: false }
      params: { type: map, required: false, entry_schema: { type: string } }
  tosca.datatypes.nfv.BootData:
    derived_from: tosca.datatypes.Root
    properties:
      config_drive: { type: boolean, required: false }
      user_data: { type: tosca.datatypes.nfv.UserData, required: false }
  tosca.datatypes.nfv.VlProfile:
    derived_from: tosca.datatypes.Root
    properties:
      network_name: { type: string, required: true }
      network_type: { type: string, required: false }
      physical_network: { type: string, required: false }
      provider_segmentation_id: { type: string, required: false }

capability_types:
  tosca.capabilities.nfv.VirtualCompute:
    derived_from: tosca.capabilities.Node
    properties:
      virtual_memory: { type: tosca.datatypes.nfv.VirtualMemory, required: true }
      virtual_cpu: { type: tosca.datatypes.nfv.VirtualCpu, required: true }
      virtual_local_storage: { type: tosca.datatypes.nfv.VirtualLocalStorage, required: false }
  tosca.capabilities.nfv.VirtualBindable:
    derived_from: tosca.capabilities.Node
  tosca.capabilities.nfv.VirtualLinkable:
    derived_from: tosca.capabilities.Node

relationship_types:
  tosca.relationships.nfv.VirtualBindsTo:
    derived_from: tosca.relationships.DependsOn
    valid_target_types: [tosca.capabilities.nfv.VirtualBindable]
  tosca.relationships.nfv.VirtualLinksTo:
    derived_from: tosca.relationships.DependsOn
    valid_target_types: [tosca.capabilities.nfv.VirtualLinkable]

node_types:
  tosca.nodes.nfv.VNF:
    derived_from: tosca.nodes.Root
    properties:
      descriptor_id: { type: string, required: true }
      descriptor_version: { type: string, required: true }
      provider: { type: string, required: true }
      product_name: { type: string, required: true }
      software_version: { type: string, required: true }
      vnfm_info: { type: list, required: false, entry_schema: { type: string } }
  tosca.nodes.nfv.Vdu.Compute:
    derived_from: tosca.nodes.Root
    properties:
      name: { type: string, required: true }
      description: { type: string, required: false }
      nfvi_constraints: { type: string, required: false }
      vdu_profile: { type: tosca.datatypes.nfv.VduProfile, required: false }
      sw_image_data: { type: tosca.datatypes.nfv.SwImageData, required: false }
      bootdata: { type: tosca.datatypes.nfv.BootData, required: false }
    capabilities:
      virtual_compute: { type: tosca.capabilities.nfv.VirtualCompute }
      virtual_binding: { type: tosca.capabilities.nfv.VirtualBindable }
  tosca.nodes.nfv.VduCp:
    derived_from: tosca.nodes.Root
    properties:
      order: { type: integer, required: false }
      vnic_name: { type: string, required: false }
      description: { type: string, required: false }
    requirements:
      - virtual_binding:
          capability: tosca.capabilities.nfv.VirtualBindable
          relationship: tosca.relationships.nfv.VirtualBindsTo
      - virtual_link:
          capability: tosca.capabilities.nfv.VirtualLinkable
          relationship: tosca.relationships.nfv.VirtualLinksTo
  tosca.nodes.nfv.VnfVirtualLink:
    derived_from: tosca.nodes.Root
    properties:
      vl_profile: { type: tosca.datatypes.nfv.VlProfile, required: true }
    capabilities:
      virtual_linkable: { type: tosca.capabilities.nfv.VirtualLinkable }
  tosca.nodes.nfv.app.configuration:
    derived_from: tosca.nodes.Root
    properties:
      appName: { type: string, required: true }
      appSupportMp1: { type: boolean, required: false }
      appServiceRequired: { type: list, required: false, entry_schema: { type: map } }
      appServiceProduced: { type: list, required: false, entry_schema: { type: map } }
      appTrafficRule: { type: list, required: false, entry_schema: { type: map } }
      appDNSRule: { type: list, required: false, entry_schema: { type: map } }
`;
