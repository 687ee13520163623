import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { ProblemReport } from '../problem';
import type { BootPhase } from '../sites/site';
import type { ImageSource, ImageState, StoredFormat, Visibility } from './schemas';

/** Disk images we hold. The bytes lie in the images folder, as `<id>.qcow2` or `<id>.iso`. */
export const images = sqliteTable(
  'images',
  {
    id: text('id').primaryKey(),
    name: text('name').notNull(),
    description: text('description').notNull().default(''),
    os: text('os'),
    login: text('login'),
    cloudInit: integer('cloud_init', { mode: 'boolean' }).notNull().default(false),
    architecture: text('architecture').$type<'x86_64' | 'aarch64'>().notNull(),
    minMemoryMiB: integer('min_memory_mib').notNull(),
    minDiskGiB: integer('min_disk_gib').notNull(),
    format: text('format').$type<StoredFormat>(),
    /** Bytes stored, and bytes of disk a guest sees. */
    size: integer('size').notNull().default(0),
    virtualSize: integer('virtual_size').notNull().default(0),
    /** `sha256:…` of the stored file. */
    digest: text('digest'),
    md5: text('md5'),
    state: text('state').$type<ImageState>().notNull(),
    error: text('error', { mode: 'json' }).$type<ProblemReport>(),
    source: text('source', { mode: 'json' }).$type<ImageSource>().notNull(),
    visibility: text('visibility').$type<Visibility>().notNull(),
    ownerId: text('owner_id'),
    ownerName: text('owner_name'),
    projectId: text('project_id'),
    sizeBefore: integer('size_before'),
    /** SHA-256 in hex that the sender promised for the file it sends. */
    expectedSha256: text('expected_sha256'),
    /** The disk in the workbench's registry: digest of its manifest, and where; null until it was pushed. */
    artifactDigest: text('artifact_digest'),
    artifactRegistry: text('artifact_registry'),
    artifactRepository: text('artifact_repository'),
    /** Bytes of all its blobs, and those of them that no other image had brought. */
    artifactBytes: integer('artifact_bytes'),
    artifactBytesSent: integer('artifact_bytes_sent'),
    jobId: text('job_id'),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [index('images_digest').on(table.digest), index('images_project').on(table.projectId)],
);

/** Boots of images that were watched; the pictures lie in the proofs folder as `<id>.png`. */
export const imageProofs = sqliteTable(
  'image_proofs',
  {
    /** The boot test's job. */
    id: text('id').primaryKey(),
    imageId: text('image_id')
      .notNull()
      .references(() => images.id, { onDelete: 'cascade' }),
    siteId: text('site_id').notNull(),
    siteName: text('site_name').notNull(),
    accelerator: text('accelerator'),
    phase: text('phase').$type<BootPhase>(),
    passed: integer('passed', { mode: 'boolean' }).notNull(),
    tookMs: integer('took_ms').notNull(),
    hasScreenshot: integer('has_screenshot', { mode: 'boolean' }).notNull(),
    at: integer('at').notNull(),
  },
  (table) => [index('image_proofs_image').on(table.imageId)],
);
