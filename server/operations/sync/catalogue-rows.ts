import { and, eq, sql } from 'drizzle-orm';
import type { Db } from '../../db/database';
import { newId } from '../../db/id';
import type { Events } from '../../jobs/events';
import { Problem } from '../../problem';
import type { ImageLocation } from '../../store/schemas';
import type { CatalogueRelease } from './store-source';
import { syncedReleases } from './tables';

export type ReleaseRow = typeof syncedReleases.$inferSelect;

/** What of a row the jobs write. */
export type ReleaseChange = Partial<
  Pick<
    ReleaseRow,
    | 'state'
    | 'problem'
    | 'proof'
    | 'images'
    | 'pendingImages'
    | 'heldDigest'
    | 'digest'
    | 'size'
    | 'syncedAt'
    | 'withdrawnAt'
    | 'jobId'
  >
>;

export interface CatalogueRows {
  all(storeId?: string): ReleaseRow[];
  find(id: string): ReleaseRow | undefined;
  /** By the store's own id of the release. */
  ofStore(storeId: string, releaseId: string): ReleaseRow | undefined;
  /** All releases of the app of a release, of every store. */
  ofApp(app: Pick<ReleaseRow, 'provider' | 'name'>): ReleaseRow[];
  /** @throws Problem `not_found` */
  require(id: string): ReleaseRow;
  write(id: string, change: ReleaseChange): void;
  /**
   * Makes the rows of a store say what its catalogue says. What it does not name any more is marked when it is held
   * here or on its way, and forgotten when it is neither.
   */
  apply(store: { id: string; name: string }, catalogue: readonly CatalogueRelease[], now: number): void;
  /** Others vouch for a store's packages from now on: what was called signed is so no more, until it is synced again. */
  unsign(storeId: string): void;
  /** Forgets what is not held of a store that goes. */
  forget(storeId: string): void;
  remove(id: string): void;
  /** Rows that hold a package with these bytes. */
  holding(digest: string): ReleaseRow[];
  /** Every image that rows hold or are about to, with the row. @param word only of rows that name this digest or repository */
  images(word?: string): { row: Pick<ReleaseRow, 'id' | 'name' | 'version'>; image: ImageLocation }[];
}

/** Opens the rows of the catalogues. */
export function openCatalogueRows({ db, events }: { db: Db; events: Events }): CatalogueRows {
  const table = syncedReleases;
  const tell = (id: string) => {
    events.publish({ topic: 'syncedRelease', id, audience: { role: 'developer' } });
  };
  const find = (id: string) => db.select().from(table).where(eq(table.id, id)).get();
  const allOf = (storeId: string) => db.select().from(table).where(eq(table.storeId, storeId)).all();

  return {
    all: (storeId) => (storeId === undefined ? db.select().from(table).all() : allOf(storeId)),
    find,
    ofStore: (storeId, releaseId) =>
      db
        .select()
        .from(table)
        .where(and(eq(table.storeId, storeId), eq(table.releaseId, releaseId)))
        .get(),
    ofApp: ({ provider, name }) =>
      db
        .select()
        .from(table)
        .where(and(eq(table.provider, provider), eq(table.name, name)))
        .all(),
    require(id) {
      const row = find(id);
      if (row === undefined) throw new Problem('not_found', 'sync.errors.noRelease');
      return row;
    },
    write(id, change) {
      db.update(table).set(change).where(eq(table.id, id)).run();
      tell(id);
    },
    apply(store, catalogue, now) {
      const changed = db.transaction(() => {
        const before = new Map(allOf(store.id).map((row) => [row.releaseId, row]));
        const ids = new Set<string>();
        const touched: string[] = [];
        for (const release of catalogue) {
          const row = before.get(release.releaseId);
          ids.add(release.releaseId);
          if (row === undefined) touched.push(insert(db, store, release));
          else if (update(db, store, row, release)) touched.push(row.id);
        }
        for (const row of before.values()) {
          if (ids.has(row.releaseId) || row.withdrawnAt !== null) continue;
          touched.push(row.id);
          if (isIdle(row)) db.delete(table).where(eq(table.id, row.id)).run();
          else db.update(table).set({ withdrawnAt: now }).where(eq(table.id, row.id)).run();
        }
        return touched;
      });
      // A page that shows the catalogue asks for all of it anyway: one notice says as much as a thousand.
      for (const id of changed.slice(0, 20)) tell(id);
    },
    unsign(storeId) {
      const signed = and(eq(table.storeId, storeId), eq(table.proof, 'signed'));
      db.update(table).set({ proof: 'verified' }).where(signed).run();
      tell(storeId);
    },
    forget(storeId) {
      for (const row of allOf(storeId).filter(isIdle)) db.delete(table).where(eq(table.id, row.id)).run();
      tell(storeId);
    },
    remove(id) {
      db.delete(table).where(eq(table.id, id)).run();
      tell(id);
    },
    holding: (digest) => db.select().from(table).where(eq(table.heldDigest, digest)).all(),
    images(word) {
      const { id, name, version, images, pendingImages } = table;
      // A registry's page asks for each image it shows: only rows that name it are worth reading as JSON.
      const naming = (text: string) => sql`(instr(${images}, ${text}) or instr(${pendingImages}, ${text}))`;
      return db
        .select({ id, name, version, images, pendingImages })
        .from(table)
        .where(word === undefined ? undefined : naming(word))
        .all()
        .flatMap(({ images: held, pendingImages: pending, ...row }) =>
          [...held, ...(pending ?? [])].map((image) => ({ row, image })),
        );
    },
  };
}

/** Nothing of it is here, or on its way. */
const isIdle = (row: ReleaseRow) => row.heldDigest === null && row.state !== 'syncing';

function insert(db: Db, store: { id: string; name: string }, release: CatalogueRelease): string {
  const id = newId('srel');
  db.insert(syncedReleases)
    .values({
      id,
      storeId: store.id,
      storeName: store.name,
      ...wordsOf(release),
      appId: release.appId,
      releaseId: release.releaseId,
      state: 'notInSync',
      images: [],
    })
    .run();
  return id;
}

/** @returns whether anything is another than it was */
function update(db: Db, store: { name: string }, row: ReleaseRow, release: CatalogueRelease): boolean {
  const words = wordsOf(release);
  // A store that tells no digest takes none away that a sync found, as long as the package looks the same.
  const digest = words.digest ?? (words.size === row.size ? row.digest : null);
  const next = { ...words, digest, storeName: store.name, withdrawnAt: null };
  const same = Object.entries(next).every(([key, value]) => row[key as keyof typeof next] === value);
  if (same) return false;
  db.update(syncedReleases).set(next).where(eq(syncedReleases.id, row.id)).run();
  return true;
}

function wordsOf({ appId: _app, releaseId: _release, iconUrl, digest, ...words }: CatalogueRelease) {
  return { ...words, iconUrl: iconUrl ?? null, digest: digest ?? null };
}
