import type { UserActor } from '@/server/access/actor';
import { Problem } from '@/server/problem';
import type { DiskSource } from '@/server/sites/disk-cache';
import { removeImage } from '../belongings';
import type { ImageRoom } from '../take-in';
import { openDiskSource, type SourceFacts } from './disk-source';
import { takeArtifacts, type ArtifactPlace, type TakeArtifacts } from './take-artifact';
import { pullDisks, type PullDisks } from './take-job';

/** Images that come out of registries, piece by piece. */
export interface TakenImages extends TakeArtifacts, PullDisks {
  /** Those of these disks that are here whole: the image's id by the digest of the disk's manifest. */
  heldArtifacts(digests: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /**
   * Removes the images that were taken of a disk. What people brought or made themselves stays, though it may be the same
   * disk; none there is fine.
   *
   * @param actor who asked for it; absent: a distribution, which tells itself who did
   * @throws Problem `conflict` that names what uses one
   */
  dropTaken(digest: string, actor?: UserActor): Promise<void>;
  /**
   * A disk in a registry as sites take it.
   *
   * @throws Problem `not_found`, `invalid` for what is no disk, `registries.errors.*`
   */
  diskSource(
    place: ArtifactPlace,
    facts: SourceFacts,
    call: { signal?: AbortSignal | undefined },
  ): Promise<DiskSource>;
}

/** This part of the images room. */
export function takenImages(room: ImageRoom): TakenImages {
  const takes = takeArtifacts(room);
  return {
    ...takes,
    ...pullDisks(room, takes),
    async heldArtifacts(digests) {
      const held = await Promise.all(
        [...new Set(digests)].map(async (digest) => [digest, await takes.byArtifact(digest)] as const),
      );
      return new Map(held.flatMap(([digest, id]) => (id === undefined ? [] : [[digest, id] as const])));
    },
    async dropTaken(digest, actor) {
      const taken = room.rows.ofArtifact(digest).filter(({ source }) => source.kind === 'registry');
      for (const { id } of taken) {
        const uses = room.ports.usesOf(id);
        if (uses.length > 0) {
          const names = uses.map(({ name }) => name).join(', ');
          throw new Problem('conflict', 'images.gates.inUse', { names });
        }
      }
      for (const { id, name } of taken) {
        await removeImage(room, id);
        const subject = { type: 'image', id };
        if (actor) room.ports.audit({ actor, action: 'images.remove', subject, detail: { name } });
      }
    },
    diskSource: (place, facts, { signal }) => openDiskSource(takes, place, facts, signal),
  };
}
