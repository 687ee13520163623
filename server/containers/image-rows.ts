import { and, asc, eq } from 'drizzle-orm';
import { newId } from '../db/id';
import type { ContainerPorts } from './ports';
import type { ContainerImage } from './schemas';
import { containerImages } from './tables';

export type ContainerImageRow = typeof containerImages.$inferSelect;
type NewImage = Omit<ContainerImageRow, 'id' | 'createdAt' | 'updatedAt'>;

/** Rows of container images; every change is told to the pages. */
export interface ContainerImageRows {
  find(id: string): ContainerImageRow | undefined;
  ofProject(projectId: string): ContainerImageRow[];
  /** All that are named by one of these digests, as manifest or as config. */
  byDigests(digests: readonly string[]): ContainerImageRow[];
  byManifest(digest: string): ContainerImageRow[];
  /**
   * Writes down what a name stands for now. A tag that stood for something else stands for this from now on.
   *
   * @returns the row, and the one it took the name of
   */
  put(image: NewImage): { row: ContainerImageRow; replaced: ContainerImageRow | undefined };
  remove(id: string): void;
}

/** Opens the rows. */
export function openImageRows({ db, events, now = Date.now }: ContainerPorts): ContainerImageRows {
  const tell = (projectId: string) => {
    events.publish({ topic: 'containers', id: projectId, audience: { projectId } });
  };
  const find = (id: string) => db.select().from(containerImages).where(eq(containerImages.id, id)).get();
  const named = ({ projectId, name, tag, digest }: NewImage) =>
    db
      .select()
      .from(containerImages)
      .where(
        and(
          eq(containerImages.projectId, projectId),
          eq(containerImages.name, name),
          eq(containerImages.tag, tag),
          tag === '' ? eq(containerImages.digest, digest) : undefined,
        ),
      )
      .get();
  return {
    find,
    ofProject: (projectId) =>
      db
        .select()
        .from(containerImages)
        .where(eq(containerImages.projectId, projectId))
        .orderBy(asc(containerImages.name), asc(containerImages.tag))
        .all(),
    byDigests(digests) {
      const wanted = new Set(digests);
      return db
        .select()
        .from(containerImages)
        .all()
        .filter((row) => [row.digest, ...row.configDigests].some((digest) => wanted.has(digest)));
    },
    byManifest: (digest) => db.select().from(containerImages).where(eq(containerImages.digest, digest)).all(),
    put(image) {
      const result = db.transaction(() => {
        const before = named(image);
        const id = before?.id ?? newId('ctr');
        const row = { ...image, id, createdAt: before?.createdAt ?? now(), updatedAt: now() };
        if (before) db.update(containerImages).set(row).where(eq(containerImages.id, id)).run();
        else db.insert(containerImages).values(row).run();
        return { row, replaced: before && before.digest !== image.digest ? before : undefined };
      });
      tell(image.projectId);
      return result;
    },
    remove(id) {
      const row = find(id);
      db.delete(containerImages).where(eq(containerImages.id, id)).run();
      if (row) tell(row.projectId);
    },
  };
}

/** An image as it is shown. */
export function viewOf(row: ContainerImageRow): ContainerImage {
  return row;
}
