/** The small text files of a package we build. */
import { stringify } from 'yaml';
import type { PackageOrder } from '../order';
import { descriptorId } from './descriptor';

/** Name of the file that keeps what EdgeGallery's files have no place for. */
export const storyFile = 'Artifacts/Other/edgeyard.json';

export interface ManifestLine {
  path: string;
  sha256: string;
}

/**
 * The manifest (ETSI GS NFV-SOL 004) with EdgeGallery's keys, `app_release_data_time` spelled as its readers expect.
 *
 * @param lines every other file of the package with its true SHA-256
 */
export function manifestOf(order: PackageOrder, lines: readonly ManifestLine[]): string {
  const { project } = order;
  const head = [
    'metadata:',
    `app_product_name: ${oneLine(project.name)}`,
    `app_provider_id: ${oneLine(project.provider)}`,
    `app_package_version: ${project.version}`,
    `app_release_data_time: ${new Date(project.updatedAt).toISOString()}`,
    `app_type: ${oneLine(project.type)}`,
    `app_class: ${project.kind}`,
    `app_package_description: ${oneLine(project.description)}`,
  ];
  const groups = lines.flatMap(({ path, sha256 }) => [
    '',
    `Source: ${path}`,
    'Algorithm: SHA-256',
    `Hash: ${sha256}`,
  ]);
  return `${[...head, ...groups].join('\n')}\n`;
}

/** A value that must stay on its line. */
const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();

/**
 * TOSCA-Metadata/TOSCA.meta: names only files that are in the package, EdgeGallery's content types, and the entry keys
 * that SOL 004 asks for.
 */
export function toscaMetaOf(options: {
  provider: string;
  manifest: string;
  descriptor: string;
  imageArchives: readonly string[];
}): string {
  const blocks = [
    [
      'TOSCA-Meta-File-Version: 1.0',
      'CSAR-Version: 1.1',
      `Created-By: ${oneLine(options.provider)}`,
      `Entry-Definitions: ${options.descriptor}`,
      `ETSI-Entry-Manifest: ${options.manifest}`,
      'ETSI-Entry-Change-Log: Artifacts/ChangeLog.txt',
      'ETSI-Entry-Tests: Artifacts/Tests',
    ],
    [`Name: ${options.descriptor}`, 'Content-Type: appd'],
    ['Name: Image/SwImageDesc.json', 'Content-Type: SwImageDesc'],
    ...options.imageArchives.map((path) => [`Name: ${path}`, 'Content-Type: image']),
  ];
  return blocks.map((block) => `${block.join('\n')}\n`).join('\n');
}

/** TOSCA_VNFD.meta inside the descriptor's archive. */
export function descriptorMetaOf(provider: string, descriptor: string): string {
  return [
    'TOSCA-Meta-File-Version: 1.0',
    'CSAR-Version: 1.1',
    `Created-By: ${oneLine(provider)}`,
    `Entry-Definitions: ${descriptor}`,
    '',
  ].join('\n');
}

/** The change log as SOL 004 wants it: what changed in this version. */
export function changeLogOf(order: PackageOrder): string {
  const { project } = order;
  const date = new Date(project.updatedAt).toISOString().slice(0, 10);
  const text = order.changeLog === '' ? `Package of ${project.name} ${project.version}` : order.changeLog;
  return `${project.version} (${date})\n${text}\n`;
}

/** What somebody who has only the package needs to know to run it. */
export function userGuideOf(order: PackageOrder): string {
  const { project } = order;
  const images = order.containers?.images.map(
    (image) => `${image.name}:${image.tag} ${image.platforms.join(', ')} (${image.digest})`,
  );
  const vms = order.vms.flatMap((vm) => [
    `${vm.name}: ${vm.vcpus} vCPU, ${vm.memoryMiB} MiB memory, ${vm.diskGiB} GiB disk`,
    `  image ${vm.image.name} (${vm.image.digest})`,
    `  network ${vm.networkName}${vm.forwards.map((f) => `, serves ${f.protocol}/${f.guestPort}`).join('')}`,
  ]);
  return [
    `${project.name} ${project.version} by ${project.provider}`,
    '',
    ...(images ? ['Container images', ...images] : ['Virtual machines', ...vms]),
    '',
  ].join('\n');
}

/** A check that the app serves what its VMs forward, for whoever runs it. */
export function healthCheckOf(order: PackageOrder): string {
  return stringify({
    name: 'health check',
    ...(order.containers ? { deployment: { ready: true } } : {}),
    checks: order.vms.map((vm) => ({
      vm: vm.name,
      boots: true,
      answers: vm.forwards.map((forward) => ({ protocol: forward.protocol, port: forward.guestPort })),
    })),
  });
}

/** Facts that the other files have no place for; the reader takes them back from here. */
export function storyOf(order: PackageOrder, icon: string | undefined): string {
  const { project } = order;
  const story = {
    descriptorId: descriptorId(order),
    industry: project.industry,
    type: project.type,
    architecture: project.architecture,
    icon: icon ?? null,
    vms: order.vms.map(({ name, vcpus, memoryMiB, diskGiB, networkName, forwards, image }) => ({
      name,
      vcpus,
      memoryMiB,
      diskGiB,
      network: networkName,
      forwards,
      image: {
        name: image.name,
        digest: image.digest,
      },
    })),
  };
  return `${JSON.stringify(story, null, 2)}\n`;
}
