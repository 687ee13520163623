import type { Actor } from '../access/actor';
import { Problem } from '../problem';
import type {
  ImageFacts,
  PackageContainers,
  PackageImages,
  PackageOrder,
  PackageProjects,
  ProjectFacts,
  VmFacts,
} from './order';
import type { buildInput } from './schemas';
import type { z } from 'zod';

interface OrderPorts {
  projects: Pick<PackageProjects, 'facts'>;
  images: Pick<PackageImages, 'facts'>;
  containers: PackageContainers;
}

/**
 * Gathers everything a build needs, at the moment it is asked for.
 *
 * @throws Problem `not_found`; `invalid` when a VM project has no VM, or an image was chosen for a VM it has not;
 *   `conflict` when an image is not ready, or a container project has no deployment text
 */
export async function freezeOrder(
  ports: OrderPorts,
  actor: Actor,
  projectId: string,
  input: z.output<typeof buildInput>,
): Promise<PackageOrder> {
  const facts = await ports.projects.facts(actor, projectId);
  const { icon, vms: _vms, ...project } = facts;
  const parts =
    facts.kind === 'container'
      ? { vms: [], containers: await ports.containers.facts(actor, projectId) }
      : { vms: await vmsOf(ports, actor, facts, input.imageOfVm), containers: undefined };
  return {
    project: { ...project, version: input.version },
    icon: icon && { type: icon.type, base64: icon.data.toString('base64') },
    ...parts,
    // Container images are never copied into a package: the release names them by digest, and registries hold them.
    images: facts.kind === 'container' ? 'reference' : input.images,
    changeLog: input.changeLog,
  };
}

async function vmsOf(
  ports: OrderPorts,
  actor: Actor,
  facts: ProjectFacts,
  imageOfVm: Record<string, string>,
): Promise<PackageOrder['vms']> {
  if (facts.vms.length === 0) throw new Problem('invalid', 'packages.errors.noVm', { name: facts.name });
  const names = new Set(facts.vms.map((vm) => vm.name));
  const stray = Object.keys(imageOfVm).find((name) => !names.has(name));
  if (stray !== undefined) throw new Problem('invalid', 'packages.errors.noSuchVm', { name: stray });
  const images = new Map<string, ImageFacts>();
  const vms: PackageOrder['vms'] = [];
  for (const vm of facts.vms) {
    const imageId = imageOfVm[vm.name] ?? vm.imageId;
    const image = images.get(imageId) ?? plainImage(await ports.images.facts(actor, imageId));
    images.set(imageId, image);
    vms.push({ ...plainVm(vm), imageId, image });
  }
  return vms;
}

/** Only what the order keeps, whatever else the port's object carries. */
function plainVm(vm: VmFacts): VmFacts {
  const { name, vcpus, memoryMiB, diskGiB, imageId, networkName, forwards, userData } = vm;
  return { name, vcpus, memoryMiB, diskGiB, imageId, networkName, forwards, userData };
}

function plainImage(image: ImageFacts): ImageFacts {
  const { id, name, os, architecture, format, digest, md5, size, virtualSize, minDiskGiB, minMemoryMiB } =
    image;
  return { id, name, os, architecture, format, digest, md5, size, virtualSize, minDiskGiB, minMemoryMiB };
}
