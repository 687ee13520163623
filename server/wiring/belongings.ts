/** What other rooms keep for a project, as the workbench deletes it. */
import { system, type UserActor } from '../access/actor';
import type { Images } from '../images/images';
import type { Packages } from '../packages/packages';
import type { BelongingsKeeper } from '../workbench/ports';

// The person's right to delete the project was checked when the job began; what goes with it is the server's own work.
const keeper: UserActor = { ...system, userId: 'system' };

/** The packages of a project. They name images, so they go before those. */
export function packagesOfProject(packages: Packages): BelongingsKeeper {
  return {
    list: (projectId) =>
      packages.list(keeper, { projectId }).map(({ id, name, version, size }) => ({
        type: 'package',
        id,
        name: `${name} ${version}`,
        size: size ?? undefined,
      })),
    remove: ({ id }) => packages.remove(keeper, id),
  };
}

/** The disk images that were made in a project. */
export function imagesOfProject(images: Images): BelongingsKeeper {
  return {
    list: (projectId) =>
      images.list(keeper, { projectId }).map(({ id, name, size }) => ({
        type: 'image',
        id,
        name,
        size: size ?? undefined,
      })),
    remove: ({ id }) => images.remove(keeper, id),
  };
}
