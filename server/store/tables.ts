import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { ImageLocation } from './schemas';
import type { BootProof, PackageFile, PackageImage } from '../packages/schemas';

/** Apps of the store. What lists show of the newest release stands here too, so that a search reads one table. */
export const storeApps = sqliteTable(
  'store_apps',
  {
    /** Also the row's number in the search index. */
    rowId: integer('row_id').primaryKey({ autoIncrement: true }),
    id: text('id').notNull().unique(),
    ownerId: text('owner_id').notNull(),
    ownerName: text('owner_name').notNull(),
    projectId: text('project_id'),
    name: text('name').notNull(),
    provider: text('provider').notNull(),
    kind: text('kind').$type<'vm' | 'container'>().notNull(),
    type: text('type').notNull(),
    industry: text('industry').notNull(),
    architecture: text('architecture').notNull(),
    description: text('description').notNull(),
    readme: text('readme').notNull(),
    iconType: text('icon_type'),
    /** Base64. */
    icon: text('icon'),
    /** Of the newest published release; null while there is none: the app is then not on the shelves. */
    releaseId: text('release_id'),
    version: text('version'),
    size: integer('size'),
    publishedAt: integer('published_at'),
    bootProven: integer('boot_proven', { mode: 'boolean' }).notNull().default(false),
    releases: integer('releases').notNull().default(0),
    downloads: integer('downloads').notNull().default(0),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('store_apps_identity').on(table.provider, table.name),
    index('store_apps_published').on(table.publishedAt),
    index('store_apps_downloads').on(table.downloads),
  ],
);

/** Manifests in the store's registry: written down before they are copied, so that what comes to nothing is freed. */
export const storeImages = sqliteTable(
  'store_images',
  {
    /** Without the prefix of the store's place in its registry, which an administrator may change. */
    repository: text('repository').notNull(),
    digest: text('digest').notNull(),
    /** Bytes of all its parts; null until it was copied whole. */
    size: integer('size'),
    /** Of the qcow2 file that a disk image is given out as, in hex; null until somebody has had all of it. */
    qcow2Sha256: text('qcow2_sha256'),
  },
  (table) => [primaryKey({ columns: [table.repository, table.digest] })],
);

/** Published versions. The bytes lie in the store's folder, by digest. */
export const storeReleases = sqliteTable(
  'store_releases',
  {
    id: text('id').primaryKey(),
    appId: text('app_id')
      .notNull()
      .references(() => storeApps.id),
    packageId: text('package_id').notNull(),
    version: text('version').notNull(),
    notes: text('notes').notNull(),
    digest: text('digest').notNull(),
    size: integer('size').notNull(),
    fileName: text('file_name').notNull(),
    images: text('images', { mode: 'json' }).$type<PackageImage[]>().notNull(),
    /** Where they lie: digest → place in the store's registry. */
    locations: text('locations', { mode: 'json' }).$type<ImageLocation[]>().notNull(),
    files: text('files', { mode: 'json' }).$type<PackageFile[]>().notNull(),
    proofs: text('proofs', { mode: 'json' }).$type<BootProof[]>().notNull(),
    downloads: integer('downloads').notNull().default(0),
    publishedBy: text('published_by').notNull(),
    publishedAt: integer('published_at').notNull(),
    /** When it was taken off the shelves; its page then says so. */
    unpublishedAt: integer('unpublished_at'),
  },
  (table) => [
    uniqueIndex('store_releases_version').on(table.appId, table.version),
    index('store_releases_digest').on(table.digest),
    index('store_releases_package').on(table.packageId),
  ],
);
