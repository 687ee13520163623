import { and, count, desc, eq, isNull, sql } from 'drizzle-orm';
import type { Db } from '../db/database';
import { newId } from '../db/id';
import { Problem } from '../problem';
import type { PublishablePackage } from '../packages/packages';
import type { BootProof } from '../packages/schemas';
import type { AppSearch } from './app-search';
import type { ImageLocation, publishInput, PublishResult } from './schemas';
import { storeApps, storeReleases } from './tables';
import type { z } from 'zod';

export type AppRow = typeof storeApps.$inferSelect;
export type ReleaseRow = typeof storeReleases.$inferSelect;

// Neither files nor images: those are most of a row.
const shelfColumns = {
  id: storeReleases.id,
  appId: storeReleases.appId,
  version: storeReleases.version,
  size: storeReleases.size,
  digest: storeReleases.digest,
  publishedAt: storeReleases.publishedAt,
  name: storeApps.name,
  provider: storeApps.provider,
  kind: storeApps.kind,
  type: storeApps.type,
  industry: storeApps.industry,
  architecture: storeApps.architecture,
  description: storeApps.description,
  /** Of the app's newest release. */
  newestId: storeApps.releaseId,
};

/** A release with its app's words. */
export type ShelfRow = Pick<ReleaseRow, 'id' | 'appId' | 'version' | 'size' | 'digest' | 'publishedAt'> &
  Pick<AppRow, 'name' | 'provider' | 'kind' | 'type' | 'industry' | 'architecture' | 'description'> & {
    newestId: string | null;
  };

/** What is put on the shelf. */
export interface NewRelease {
  source: PublishablePackage;
  input: z.output<typeof publishInput>;
  publisher: { id: string; name: string };
  proofs: BootProof[];
  locations: ImageLocation[];
}

/** Rows of apps and releases, and the search index beside them. */
export interface Shelves {
  app(id: string): AppRow | undefined;
  appNamed(provider: string, name: string): AppRow | undefined;
  release(id: string): ReleaseRow | undefined;
  releaseOf(appId: string, version: string): ReleaseRow | undefined;
  releaseOfPackage(packageId: string): ReleaseRow | undefined;
  /** Releases on the shelf, newest first. */
  history(appId: string): ReleaseRow[];
  /** All releases on the shelf with their apps, newest first. */
  all(page: { limit: number; offset: number }): ShelfRow[];
  count(): number;
  /** Whether anything of the app was ever on the shelf. */
  wasPublished(appId: string): boolean;
  /** Whether a release on the shelf has this content. */
  usesDigest(digest: string): boolean;
  /**
   * Refuses a release that contradicts what is published: the same version with other content, or somebody else's app.
   *
   * @throws Problem `conflict`, `forbidden`
   */
  check(source: PublishablePackage, mayTouch: (app: AppRow) => boolean): void;
  /** Makes room for an app of which nothing is published yet. */
  reserve(app: Shown): AppRow;
  /** Puts a release on the shelf, in one transaction. @throws Problem `conflict` */
  put(release: NewRelease): PublishResult;
  takeDown(release: ReleaseRow): void;
  countDownload(release: ReleaseRow): void;
}

/** Opens the shelves. */
export function openShelves(db: Db, search: AppSearch): Shelves {
  const app = (id: string) => db.select().from(storeApps).where(eq(storeApps.id, id)).get();
  const appNamed = (provider: string, name: string) =>
    db
      .select()
      .from(storeApps)
      .where(and(eq(storeApps.provider, provider), eq(storeApps.name, name)))
      .get();
  const releaseOf = (appId: string, version: string) =>
    db
      .select()
      .from(storeReleases)
      .where(and(eq(storeReleases.appId, appId), eq(storeReleases.version, version)))
      .get();
  const history = (appId: string) =>
    db
      .select()
      .from(storeReleases)
      .where(and(eq(storeReleases.appId, appId), isNull(storeReleases.unpublishedAt)))
      .orderBy(desc(storeReleases.publishedAt), desc(storeReleases.id))
      .all();

  /** Writes what the shelf shows of the newest release, and the index with it. */
  const refresh = (appId: string) => {
    const [newest, ...older] = history(appId);
    const shown = newest
      ? {
          releaseId: newest.id,
          version: newest.version,
          size: newest.size,
          publishedAt: newest.publishedAt,
          bootProven: newest.proofs.some((proof) => proof.passed),
          releases: older.length + 1,
        }
      : {
          releaseId: null,
          version: null,
          size: null,
          publishedAt: null,
          bootProven: false,
          releases: 0,
        };
    const row = db.update(storeApps).set(shown).where(eq(storeApps.id, appId)).returning().get();
    if (row === undefined) return;
    if (newest) search.put({ ...row, notes: newest.notes });
    else search.drop(row.rowId);
  };

  const check = (source: PublishablePackage, mayTouch: (row: AppRow) => boolean) => {
    const { name, provider, version, digest } = source.summary;
    const there = appNamed(provider, name);
    if (there === undefined) return;
    if (!mayTouch(there)) throw new Problem('forbidden', 'store.errors.notYourApp', { name, provider });
    const same = releaseOf(there.id, version);
    if (same !== undefined && same.digest !== digest) {
      const params = { name, version, published: same.digest, offered: digest };
      throw new Problem('conflict', 'store.errors.versionTaken', params);
    }
  };

  return {
    app,
    appNamed,
    release: (id) => db.select().from(storeReleases).where(eq(storeReleases.id, id)).get(),
    releaseOf,
    releaseOfPackage: (packageId) =>
      db.select().from(storeReleases).where(eq(storeReleases.packageId, packageId)).get(),
    history,
    all: ({ limit, offset }) =>
      db
        .select(shelfColumns)
        .from(storeReleases)
        .innerJoin(storeApps, eq(storeApps.id, storeReleases.appId))
        .where(isNull(storeReleases.unpublishedAt))
        .orderBy(desc(storeReleases.publishedAt), desc(storeReleases.id))
        .limit(limit)
        .offset(offset)
        .all(),
    count: () =>
      db.select({ releases: count() }).from(storeReleases).where(isNull(storeReleases.unpublishedAt)).get()
        ?.releases ?? 0,
    wasPublished: (appId) =>
      db.select({ id: storeReleases.id }).from(storeReleases).where(eq(storeReleases.appId, appId)).get() !==
      undefined,
    usesDigest: (digest) =>
      db
        .select({ id: storeReleases.id })
        .from(storeReleases)
        .where(and(eq(storeReleases.digest, digest), isNull(storeReleases.unpublishedAt)))
        .get() !== undefined,
    check,
    reserve: (shown) => {
      const { provider, name } = shown.source.summary;
      return appNamed(provider, name) ?? upsertApp(db, undefined, shown);
    },
    put: (release) =>
      db.transaction(() => {
        // Between the check at the start and now somebody else may have published.
        check(release.source, () => true);
        const { name, provider, version, digest, id: packageId } = release.source.summary;
        const known = appNamed(provider, name);
        const there = known && releaseOf(known.id, version);
        if (there?.unpublishedAt === null) {
          return { appId: there.appId, releaseId: there.id, version, digest, unchanged: true };
        }
        const appRow = upsertApp(db, known, release);
        const releaseId = there?.id ?? newId('rel');
        if (there === undefined) insertRelease(db, releaseId, appRow.id, packageId, release);
        else {
          const { input, proofs, locations } = release;
          const { notes } = input;
          db.update(storeReleases)
            .set({ unpublishedAt: null, publishedAt: Date.now(), notes, proofs, locations })
            .where(eq(storeReleases.id, releaseId))
            .run();
        }
        refresh(appRow.id);
        return { appId: appRow.id, releaseId, version, digest, unchanged: false };
      }),
    takeDown: (release) => {
      db.transaction(() => {
        db.update(storeReleases)
          .set({ unpublishedAt: Date.now() })
          .where(eq(storeReleases.id, release.id))
          .run();
        refresh(release.appId);
      });
    },
    countDownload: (release) => {
      db.transaction(() => {
        const more = { downloads: sql`downloads + 1` };
        db.update(storeReleases).set(more).where(eq(storeReleases.id, release.id)).run();
        db.update(storeApps).set(more).where(eq(storeApps.id, release.appId)).run();
      });
    },
  };
}

type Shown = Pick<NewRelease, 'source' | 'input' | 'publisher'>;

function upsertApp(db: Db, there: AppRow | undefined, { source, input, publisher }: Shown): AppRow {
  const { summary, story } = source;
  const icon =
    input.icon ?? (story.icon && { type: story.icon.type, base64: story.icon.data.toString('base64') });
  const words = {
    kind: summary.kind,
    type: input.type ?? story.type,
    industry: input.industry ?? story.industry,
    architecture: input.architecture ?? story.architecture,
    description: input.description ?? summary.description,
    readme: story.readme,
    // A release that says no icon keeps the one the app has.
    ...(icon ? { iconType: icon.type, icon: icon.base64 } : {}),
  };
  if (there !== undefined) {
    return db.update(storeApps).set(words).where(eq(storeApps.id, there.id)).returning().get();
  }
  return db
    .insert(storeApps)
    .values({
      ...words,
      id: newId('app'),
      ownerId: publisher.id,
      ownerName: publisher.name,
      projectId: summary.projectId,
      name: summary.name,
      provider: summary.provider,
      createdAt: Date.now(),
    })
    .returning()
    .get();
}

function insertRelease(
  db: Db,
  id: string,
  appId: string,
  packageId: string,
  { source, input, publisher, proofs, locations }: NewRelease,
): void {
  const { version, digest, size, fileName, images } = source.summary;
  db.insert(storeReleases)
    .values({
      id,
      appId,
      packageId,
      version,
      digest,
      size,
      fileName,
      images,
      locations,
      proofs,
      notes: input.notes,
      files: source.detail.files,
      publishedBy: publisher.name,
      publishedAt: Date.now(),
    })
    .run();
}
