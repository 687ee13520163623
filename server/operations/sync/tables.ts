import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { ProblemReport } from '../../problem';
import type { ExternalRegistry } from '../../registries/schemas';
import type { ImageLocation } from '../../store/schemas';
import type { StoreKind, SyncRule, SyncState } from './schemas';

/** Stores that releases are synced from. Tokens are sealed apart, as `store:<id>:token` and `store:<id>:registry`. */
export const stores = sqliteTable('stores', {
  id: text('id').primaryKey(),
  kind: text('kind').$type<StoreKind>().notNull(),
  name: text('name').notNull().unique(),
  /** Null for the own one. */
  url: text('url'),
  ca: text('ca'),
  registry: text('registry', { mode: 'json' }).$type<Omit<ExternalRegistry, 'pullUser'>>(),
  /** Who its token or password is for, at the registry that the store itself names. */
  registryUser: text('registry_user'),
  /** Certificates in PEM of those one of whom must have signed each package, or of their authorities. */
  signers: text('signers'),
  /** Whose product it is, as EdgeGallery's inventory keeps it. */
  producer: text('producer'),
  rules: text('rules', { mode: 'json' }).$type<SyncRule[]>().notNull(),
  everyMinutes: integer('every_minutes'),
  readAt: integer('read_at'),
  problem: text('problem', { mode: 'json' }).$type<ProblemReport>(),
});

/** Releases of the stores' catalogues, synced or not. Packages that are lie in a folder, by digest. */
export const syncedReleases = sqliteTable(
  'synced_releases',
  {
    id: text('id').primaryKey(),
    storeId: text('store_id').notNull(),
    /** As it was called when it was last read: the store may be forgotten before its releases. */
    storeName: text('store_name').notNull(),
    appId: text('app_id').notNull(),
    releaseId: text('release_id').notNull(),
    name: text('name').notNull(),
    provider: text('provider').notNull(),
    version: text('version').notNull(),
    kind: text('kind').$type<'vm' | 'container'>().notNull(),
    type: text('type').notNull(),
    industry: text('industry').notNull(),
    architecture: text('architecture').notNull(),
    description: text('description').notNull(),
    iconUrl: text('icon_url'),
    size: integer('size').notNull(),
    digest: text('digest'),
    publishedAt: integer('published_at').notNull(),
    state: text('state').$type<SyncState>().notNull(),
    problem: text('problem', { mode: 'json' }).$type<ProblemReport>(),
    proof: text('proof').$type<'verified' | 'signed'>(),
    images: text('images', { mode: 'json' }).$type<ImageLocation[]>().notNull(),
    /** `sha256:…` of the package as it lies here; null before it is in sync. */
    heldDigest: text('held_digest'),
    /** What a sync under way copies: kept in the registry until it is over, like what is in sync. */
    pendingImages: text('pending_images', { mode: 'json' }).$type<ImageLocation[]>(),
    syncedAt: integer('synced_at'),
    withdrawnAt: integer('withdrawn_at'),
    jobId: text('job_id'),
  },
  (table) => [
    uniqueIndex('synced_releases_store').on(table.storeId, table.releaseId),
    index('synced_releases_app').on(table.provider, table.name),
    index('synced_releases_digest').on(table.heldDigest),
  ],
);

/** Manifests in the operations registry: written down before they are copied, so that what comes to nothing is freed. */
export const operationImages = sqliteTable(
  'operation_images',
  {
    /** Without the prefix of the place in its registry, which an administrator may change. */
    repository: text('repository').notNull(),
    digest: text('digest').notNull(),
    /** Bytes of all its parts; null until it was copied whole. */
    size: integer('size'),
  },
  (table) => [primaryKey({ columns: [table.repository, table.digest] })],
);
