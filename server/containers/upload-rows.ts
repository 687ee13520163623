import { desc, eq } from 'drizzle-orm';
import type { ContainerPorts } from './ports';
import type { ContainerUpload } from './schemas';
import { containerUploads } from './tables';

export type UploadRow = typeof containerUploads.$inferSelect;

/** Rows of archives that are being sent; every change is told to the pages. */
export interface UploadRows {
  find(id: string): UploadRow | undefined;
  ofProject(projectId: string): UploadRow[];
  all(): UploadRow[];
  insert(row: Pick<UploadRow, 'id' | 'projectId' | 'ownerId' | 'fileName' | 'fallbackName' | 'size'>): void;
  update(id: string, change: Partial<UploadRow>): void;
  remove(id: string): void;
}

/** Opens the rows. */
export function openUploadRows({ db, events, now = Date.now }: ContainerPorts): UploadRows {
  const tell = (projectId: string) => {
    events.publish({ topic: 'containers', id: projectId, audience: { projectId } });
  };
  const find = (id: string) => db.select().from(containerUploads).where(eq(containerUploads.id, id)).get();
  return {
    find,
    ofProject: (projectId) =>
      db
        .select()
        .from(containerUploads)
        .where(eq(containerUploads.projectId, projectId))
        .orderBy(desc(containerUploads.createdAt))
        .all(),
    all: () => db.select().from(containerUploads).all(),
    insert(row) {
      const created = { createdAt: now(), updatedAt: now() };
      db.insert(containerUploads)
        .values({ ...row, ...created, safe: 0, state: 'receiving', imageIds: [] })
        .run();
      tell(row.projectId);
    },
    update(id, change) {
      const row = db
        .update(containerUploads)
        .set({ ...change, updatedAt: now() })
        .where(eq(containerUploads.id, id))
        .returning({ projectId: containerUploads.projectId })
        .get();
      if (row) tell(row.projectId);
    },
    remove(id) {
      const row = find(id);
      db.delete(containerUploads).where(eq(containerUploads.id, id)).run();
      if (row) tell(row.projectId);
    },
  };
}

/**
 * An upload as it is shown.
 *
 * @param received bytes that came while this process runs; undefined when none did
 */
export function uploadView(row: UploadRow, received: number | undefined): ContainerUpload {
  const { ownerId: _owner, fallbackName: _fallback, taken: _taken, safe, updatedAt: _at, ...view } = row;
  return { ...view, received: row.state === 'receiving' ? (received ?? safe) : row.size };
}
