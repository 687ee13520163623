import type { KnownImage } from '@/server/containers/schemas';
import { imageName } from './image-name';
import type { ArchiveGlance } from './read-archive';

/** What an archive's images are here already, before a byte is sent. */
export interface ArchivePlan {
  /** Whether there is nothing to send: every image is here. */
  allThere: boolean;
  /** Whether somebody has to say how the archive's image shall be called. */
  needsName: boolean;
  /** Each image that is here, by the names the archive gives it. */
  there: { name: string; digest: string }[];
  /** Names that images which are here take in this project. */
  adopt: { imageId: string; name: string }[];
}

/**
 * Decides what has to be done with an archive.
 *
 * @param glance what the browser read of it
 * @param known images that the server holds, among the archive's digests
 * @param givenName name for an image that the archive leaves without one; empty when nobody gave it yet
 */
export function planArchive(
  glance: ArchiveGlance,
  known: readonly KnownImage[],
  givenName: string,
): ArchivePlan {
  const found = glance.images.map((image) => {
    const names = image.names.length > 0 ? image.names : givenName === '' ? [] : [givenName];
    const held = known.filter(({ digest }) => image.digests.includes(digest));
    const there = held.find(({ sameProject }) => sameProject) ?? held[0];
    return { names, held, there };
  });
  const allThere = found.length > 0 && found.every(({ there }) => there !== undefined);
  return {
    allThere,
    needsName: found.some(
      ({ names, there }) => names.length === 0 && (there === undefined || !there.sameProject),
    ),
    there: found.flatMap(({ names, there }) => {
      if (there === undefined) return [];
      const { digest } = there.image;
      const called = names.length > 0 ? names.map(familiar) : [imageName(there.image)];
      return called.map((name) => ({ name, digest }));
    }),
    adopt: found.flatMap(({ names, held, there }) =>
      there === undefined
        ? []
        : names
            .filter(
              (name) => !held.some((each) => each.sameProject && imageName(each.image) === familiar(name)),
            )
            .map((name) => ({ imageId: there.image.id, name })),
    ),
  };
}

/** As Docker shows a name: its own registry and its `library` are left out, and the tag is `latest` where none is. */
function familiar(name: string): string {
  const short = name.replace(/^(?:index\.)?docker\.io\//, '').replace(/^library\//, '');
  return /:[^/]+$/.test(short) || short.includes('@') ? short : `${short}:latest`;
}
