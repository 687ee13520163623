/** What other rooms keep for a project, as the workbench deletes it. */
import { system, type UserActor } from '../access/actor';
import type { Containers } from '../containers/containers';
import type { Images } from '../images/images';
import type { Packages } from '../packages/packages';
import type { BelongingsKeeper } from '../workbench/ports';

// The person's right to delete the project was checked when the job began; what goes with it is the server's own work.
const keeper: UserActor = { ...system, userId: 'system' };

/**
 * What goes with a project, in this order: packages name disk images and container images, so they go before both. An
 * image that something still names is kept, and nobody would come back for it.
 */
export function keepersOf({
  images,
  packages,
  containers,
}: {
  images: Pick<Images, 'belongings'>;
  packages: Pick<Packages, 'list' | 'remove'>;
  containers: Pick<Containers, 'belongings'>;
}): BelongingsKeeper[] {
  return [packagesOfProject(packages), images.belongings, containers.belongings];
}

/** The packages of a project. */
function packagesOfProject(packages: Pick<Packages, 'list' | 'remove'>): BelongingsKeeper {
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
