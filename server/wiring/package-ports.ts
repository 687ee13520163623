/** What packages and the store ask of the rooms before them. */
import type { Images } from '../images/images';
import type { PackageImages, PackageProjects } from '../packages/order';
import { Problem } from '../problem';
import type { Workbench } from '../workbench/workbench';

/** The images room as packages see it. */
export function imagesForPackages(images: Images): PackageImages {
  return {
    facts: (actor, imageId) => {
      const { format, digest, md5, os, ...image } = images.get(actor, imageId);
      if (image.state !== 'ready' || format === null || digest === null || md5 === null)
        throw new Problem('conflict', 'images.errors.notReady');
      return { ...image, format, digest, md5, os: os ?? undefined };
    },
    path: (imageId) => images.filePath(imageId),
    proofs: (digest) => images.proofsOf(digest),
    screenshot: (proofId) => images.pictureOf(proofId),
  };
}

/** The workbench as packages see it. */
export function projectsForPackages(workbench: Workbench): PackageProjects {
  return {
    facts: (actor, projectId) => {
      const { project, icon, vms } = workbench.packageFacts(actor, projectId);
      return { ...project, icon, vms };
    },
    canSee: (actor, projectId) => workbench.canSee(actor, projectId),
    idsOf: (actor) => workbench.projectIdsOf(actor),
  };
}
