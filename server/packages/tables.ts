import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { ProblemReport } from '../problem';
import type { PackageOrder } from './order';
import type {
  Finding,
  PackageFile,
  PackageImage,
  PackageOrigin,
  PackageState,
  Verification,
} from './schemas';

/** Application packages. The bytes lie in the packages folder, as `<id>.csar`. */
export const packages = sqliteTable(
  'packages',
  {
    id: text('id').primaryKey(),
    projectId: text('project_id'),
    ownerId: text('owner_id').notNull(),
    ownerName: text('owner_name').notNull(),
    name: text('name').notNull(),
    provider: text('provider').notNull(),
    version: text('version').notNull(),
    kind: text('kind').$type<'vm' | 'container'>().notNull(),
    description: text('description').notNull().default(''),
    origin: text('origin').$type<PackageOrigin>().notNull(),
    state: text('state').$type<PackageState>().notNull(),
    verification: text('verification').$type<Verification>(),
    error: text('error', { mode: 'json' }).$type<ProblemReport>(),
    /** What a build was asked for, frozen at the moment of asking: the same order gives the same bytes. */
    order: text('order', { mode: 'json' }).$type<PackageOrder>(),
    fileName: text('file_name').notNull(),
    size: integer('size'),
    /** `sha256:…` of the archive. */
    digest: text('digest'),
    files: text('files', { mode: 'json' }).$type<PackageFile[]>().notNull(),
    findings: text('findings', { mode: 'json' }).$type<Finding[]>().notNull(),
    images: text('images', { mode: 'json' }).$type<PackageImage[]>().notNull(),
    /** Name of the unfinished upload's file. */
    uploadId: text('upload_id').unique(),
    jobId: text('job_id'),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [index('packages_project').on(table.projectId), index('packages_owner').on(table.ownerId)],
);
