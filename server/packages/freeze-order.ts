import type { Actor } from '../access/actor';
import { Problem } from '../problem';
import type { ImageFacts, PackageImages, PackageOrder, PackageProjects, VmFacts } from './order';
import type { buildInput } from './schemas';
import type { z } from 'zod';

/**
 * Gathers everything a build needs, at the moment it is asked for.
 *
 * @throws Problem `not_found`; `invalid` when the project has no VM, or an image was chosen for a VM it has not;
 *   `conflict` when an image is not ready
 */
export async function freezeOrder(
  ports: { projects: Pick<PackageProjects, 'facts'>; images: Pick<PackageImages, 'facts'> },
  actor: Actor,
  projectId: string,
  input: z.output<typeof buildInput>,
): Promise<PackageOrder> {
  const facts = await ports.projects.facts(actor, projectId);
  if (facts.vms.length === 0) throw new Problem('invalid', 'packages.errors.noVm', { name: facts.name });
  const names = new Set(facts.vms.map((vm) => vm.name));
  const stray = Object.keys(input.imageOfVm).find((name) => !names.has(name));
  if (stray !== undefined) throw new Problem('invalid', 'packages.errors.noSuchVm', { name: stray });
  const images = new Map<string, ImageFacts>();
  const vms: PackageOrder['vms'] = [];
  for (const vm of facts.vms) {
    const imageId = input.imageOfVm[vm.name] ?? vm.imageId;
    const image = images.get(imageId) ?? plainImage(await ports.images.facts(actor, imageId));
    images.set(imageId, image);
    vms.push({ ...plainVm(vm), imageId, image });
  }
  const { icon, vms: _vms, ...project } = facts;
  return {
    project: { ...project, version: input.version },
    icon: icon && { type: icon.type, base64: icon.data.toString('base64') },
    vms,
    images: input.images,
    changeLog: input.changeLog,
  };
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
