import type { Access } from '../access/access';
import type { Actor } from '../access/actor';
import type { Containers } from '../containers/containers';
import type { Images } from '../images/images';
import type { ImageSource } from '../store/release-images';
import type { Workbench } from '../workbench/workbench';

/**
 * Where the workbench's registry has an image that a package names: a container image by its manifest's digest, a disk
 * image, which packages name by the digest of its file, as the artifact it is pushed as. Only what the publisher sees
 * counts: a package that came from outside can name anybody's digest.
 *
 * @param actorOf the person with the rights of now; undefined for somebody who is gone
 */
export function imageSource(
  actorOf: (userId: string) => Actor | undefined,
  containers: () => Pick<Containers, 'locate'>,
  images: Pick<Images, 'usable' | 'artifactOf'>,
): ImageSource {
  return async ({ digest, format }, { publisherId, signal }) => {
    const publisher = actorOf(publisherId);
    if (digest === null || publisher === undefined) return undefined;
    const container = await containers().locate(publisher, digest);
    if (container) return container;
    // A CD image is no disk that could be cut into pieces.
    const id = format === 'iso' ? undefined : images.usable(publisher, digest);
    return id === undefined ? undefined : await images.artifactOf(id, signal);
  };
}

/** Somebody as they may look at things now, for work that goes on after their request; undefined when they are gone. */
export function readerOf({ users }: Pick<Access, 'users'>, userId: string): Actor | undefined {
  const user = users.get(userId);
  if (user === undefined || user.disabled) return undefined;
  return { userId, name: user.name, role: user.role, scopes: ['read'], via: 'system' };
}

/** Repositories of the workbench that are of projects and disk images the actor sees, as its rooms name them. */
export function visibleRepositories(
  actor: Actor,
  workbench: Pick<Workbench, 'projectIdsOf'>,
  images: Pick<Images, 'list'>,
): string[] {
  const projects = workbench.projectIdsOf(actor);
  if (projects === 'all') return ['*'];
  return [
    ...projects.map((id) => `projects/${id}/*`),
    ...images.list(actor, {}).map(({ id }) => `disks/${id}`),
  ];
}
