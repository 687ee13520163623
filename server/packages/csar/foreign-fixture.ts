import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { archiveInMemory, type ArchivePart } from './zip-writer';

/** Files of a package in EdgeGallery's manner, by path. */
export type Tree = Record<string, string | Buffer>;

const zipOf = (tree: Tree) => archiveInMemory(partsOf(tree), Date.UTC(2021, 2, 16));

function partsOf(tree: Tree): ArchivePart[] {
  return Object.entries(tree).map(([path, content]) => ({ path, content: Buffer.from(content) }));
}

const descriptor = `tosca_definitions_version: tosca_simple_profile_yaml_1_2
imports:
  - nfv_vnfd_types_v1_0.yaml
metadata:
  vnfd_name: vm_test
  template_author: Huawei
  vnfd_version: v1.0
topology_template:
  node_templates:
    VM01:
      type: tosca.nodes.nfv.Vdu.Compute
      properties:
        nfvi_constraints: { get_inpput: az_dc }
        sw_image_data: { name: Ubuntu18 }
    VM01_CP0:
      type: tosca.nodes.nfv.VduCp
      requirements:
        - virtual_binding: EMS_VDU1
`;

/** A VM package as EdgeGallery 1.1 wrote it, with the slips its samples have; `hashes` decides whether they are true. */
export async function edgeGalleryTree(hashes: 'true' | 'stale'): Promise<Tree> {
  const files: Tree = {
    'TOSCA-Metadata/TOSCA.meta':
      'TOSCA-Meta-File-Version: 1.0\r\nCSAR-Version: 1.1\r\nCreated-by: Huawei\r\nEntry-Definitions: APPD/vm_test.zip\r\n\r\nName: APPD/vm_test.zip\r\nContent-Type: appd\r\n\r\nName: Image/other_vendor.zip\r\nContent-Type: image\r\n',
    'APPD/vm_test.zip': await zipOf({
      'TOSCA_VNFD.meta': 'Entry-Definitions: Definition/vm_test.yaml\n',
      'Definition/vm_test.yaml': descriptor,
      'Definition/nfv_vnfd_types_v1_0.yaml': 'node_types: {}\n',
    }),
    'Artifacts/ChangeLog.txt': 'first',
    'Artifacts/Docs/template.md': '# VM test',
    'Artifacts/Tests/health check.yaml': 'a: 1\n',
    'Image/SwImageDesc.json': JSON.stringify([
      {
        id: '1',
        name: 'Ubuntu18',
        version: '18',
        checksum: '2',
        containerFormat: 'bare',
        diskFormat: 'qcow2',
        minDisk: 3,
        minRam: 6,
        architecture: 'X86',
        size: 688390,
        swImage: 'http://host:9527/imagemanagement/v1/download?imageId=1',
      },
    ]),
  };
  return { ...files, 'vm_test.mf': manifestFor(files, hashes) };
}

/** A manifest of the files, in EdgeGallery's form: quoted version, no space after `Hash:`, no final newline. */
export function manifestFor(files: Tree, hashes: 'true' | 'stale' = 'true'): string {
  const groups = Object.entries(files).map(([path, content]) => {
    const hash = hashes === 'true' ? createHash('sha256').update(content).digest('hex') : '09e5'.repeat(16);
    return `Source: ${path}\nAlgorithm: SHA-256\nHash:${hash}`;
  });
  return [
    'metadata:\napp_product_name: vm_test\napp_provider_id: Huawei\napp_package_version: "v1.0"',
    'app_release_data_time: 2021-03-16 21:02\napp_type: Video Application\napp_class: vm',
    'app_package_description: a VM\n',
    ...groups,
  ].join('\n');
}

/**
 * Writes an archive of a tree.
 *
 * @param folder wraps everything in this folder
 */
export async function writeTree(target: string, tree: Tree, folder = ''): Promise<string> {
  const wrapped = Object.fromEntries(
    Object.entries(tree).map(([path, content]) => [`${folder}${path}`, content]),
  );
  writeFileSync(target, await zipOf(wrapped));
  return target;
}
