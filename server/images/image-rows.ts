import { and, desc, eq, inArray, like, or, sql } from 'drizzle-orm';
import { hasRole, type Actor } from '../access/actor';
import { newId } from '../db/id';
import type { Audience } from '../jobs/events';
import type { BootPhase } from '../sites/site';
import { imageRefusal } from './image-gates';
import type { ImagePorts } from './ports';
import { imageActions, type DiskImage, type ImageAction, type ImageFilter } from './schemas';
import { imageProofs, images } from './tables';

export type ImageRow = typeof images.$inferSelect;
export type NewImage = Omit<typeof images.$inferInsert, 'id' | 'createdAt' | 'updatedAt'> & {
  id?: string;
};
type ProofRow = typeof imageProofs.$inferSelect;

/** The rows of the room, with a notice for each change. */
export interface ImageRows {
  find(id: string): ImageRow | undefined;
  all(filter?: ImageFilter): ImageRow[];
  /** Ready images of a disk, by the digest of its manifest: taken from a registry, or pushed. */
  ofArtifact(digest: string): ImageRow[];
  insert(values: NewImage): ImageRow;
  /** Changes a row; undefined when it is gone. */
  update(id: string, values: Partial<ImageRow>): ImageRow | undefined;
  remove(id: string): void;
  proofs(id: string): ProofRow[];
  /** Boot tests of every image with these bytes, newest first. */
  proofsOf(digest: string): ProofRow[];
  proof(id: string): ProofRow | undefined;
  addProof(values: {
    id: string;
    imageId: string;
    siteId: string;
    siteName: string;
    accelerator: string | null;
    phase: BootPhase | null;
    passed: boolean;
    tookMs: number;
    hasScreenshot: boolean;
  }): void;
}

/** Opens the rows of the images room. */
export function imageRows({ db, events, now = Date.now }: ImagePorts): ImageRows {
  const find = (id: string) => db.select().from(images).where(eq(images.id, id)).get();
  const notify = (row: ImageRow) => {
    events.publish({ topic: 'image', id: row.id, audience: audienceOf(row) });
  };
  return {
    find,
    all: ({ search, state, projectId, source } = {}) =>
      db
        .select()
        .from(images)
        .where(
          and(
            state ? eq(images.state, state) : undefined,
            source ? sql`json_extract(${images.source}, '$.kind') = ${source}` : undefined,
            projectId ? eq(images.projectId, projectId) : undefined,
            search
              ? or(...[images.name, images.os, images.digest].map((c) => like(c, `%${search}%`)))
              : undefined,
          ),
        )
        .orderBy(desc(images.createdAt))
        .all(),
    ofArtifact: (digest) =>
      db
        .select()
        .from(images)
        .where(
          and(
            eq(images.state, 'ready'),
            or(
              eq(images.artifactDigest, digest),
              and(
                eq(sql`json_extract(${images.source}, '$.kind')`, 'registry'),
                eq(sql`json_extract(${images.source}, '$.digest')`, digest),
              ),
            ),
          ),
        )
        .orderBy(desc(images.createdAt))
        .all(),
    insert(values) {
      const at = now();
      const row = db
        .insert(images)
        .values({ ...values, id: values.id ?? newId('img'), createdAt: at, updatedAt: at })
        .returning()
        .get();
      notify(row);
      return row;
    },
    update(id, values) {
      const row = db
        .update(images)
        .set({ ...values, updatedAt: now() })
        .where(eq(images.id, id))
        .returning()
        .get() as ImageRow | undefined;
      if (row) notify(row);
      return row;
    },
    remove(id) {
      const row = find(id);
      if (!row) return;
      db.delete(images).where(eq(images.id, id)).run();
      notify(row);
    },
    proofs: (id) =>
      db
        .select()
        .from(imageProofs)
        .where(eq(imageProofs.imageId, id))
        .orderBy(desc(imageProofs.at))
        .limit(20)
        .all(),
    proofsOf: (digest) =>
      db
        .select()
        .from(imageProofs)
        .where(
          inArray(
            imageProofs.imageId,
            db.select({ id: images.id }).from(images).where(eq(images.digest, digest)),
          ),
        )
        .orderBy(desc(imageProofs.at))
        .limit(20)
        .all(),
    proof: (id) => db.select().from(imageProofs).where(eq(imageProofs.id, id)).get(),
    addProof(values) {
      db.insert(imageProofs)
        .values({ ...values, at: now() })
        .onConflictDoNothing()
        .run();
      const row = find(values.imageId);
      if (row) notify(row);
    },
  };
}

function audienceOf(row: ImageRow): Audience {
  if (row.visibility === 'everyone') return { role: 'developer' };
  if (row.visibility === 'project' && row.projectId !== null) return { projectId: row.projectId };
  if (row.source.kind === 'registry') return { role: 'operator' };
  return row.ownerId === null ? { role: 'admin' } : { userId: row.ownerId };
}

/** Whether an actor may see and use an image. */
export function maySeeImage(ports: ImagePorts, actor: Actor, row: ImageRow): boolean {
  if (actor.via === 'system' || hasRole(actor, 'admin')) return true;
  if (!hasRole(actor, 'developer')) return false;
  if (cameForOperators(actor, row)) return true;
  if (row.visibility === 'everyone' || (row.ownerId !== null && row.ownerId === actor.userId)) return true;
  return row.visibility === 'project' && row.projectId !== null && ports.canSee(actor, row.projectId);
}

/** What was taken from a registry came by a distribution: it is the operators'. */
function cameForOperators(actor: Actor, row: ImageRow): boolean {
  return row.source.kind === 'registry' && hasRole(actor, 'operator');
}

/**
 * Whether an actor may change or remove an image: its owner, members of its project, administrators; operators, what
 * was distributed.
 */
export function mayChangeImage(ports: ImagePorts, actor: Actor, row: ImageRow): boolean {
  if (actor.via === 'system' || hasRole(actor, 'admin')) return true;
  if (!maySeeImage(ports, actor, row)) return false;
  if (cameForOperators(actor, row)) return true;
  if (row.ownerId !== null && row.ownerId === actor.userId) return true;
  return row.visibility === 'project' && row.projectId !== null && ports.canSee(actor, row.projectId);
}

/** What an actor sees of an image: the row, its boot tests, what uses it, and why an action is refused. */
export function viewOfImage(ports: ImagePorts, rows: ImageRows, actor: Actor, row: ImageRow): DiskImage {
  const { expectedSha256: _expected, updatedAt: _updated, ...shown } = row;
  const uses = ports.usesOf(row.id);
  const mayChange = mayChangeImage(ports, actor, row);
  const refusals = Object.fromEntries(
    imageActions.map((action) => [
      action,
      imageRefusal(action, { state: row.state, mayChange, uses: uses.length }),
    ]),
  ) as Record<ImageAction, string | null>;
  const usedBy = uses.filter((use) => hasRole(actor, 'admin') || ports.canSee(actor, use.projectId));
  return {
    ...shown,
    proofs: rows.proofs(row.id).map(({ imageId: _image, ...proof }) => proof),
    usedBy,
    refusals,
  };
}
