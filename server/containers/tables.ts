import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { ProblemReport } from '../problem';
import type { KubeObject, WorkloadStatus } from '../sites/workloads';
import type { Taken } from './archive/take-archive';
import type { ContainerSource, TestState, TextKind, UploadState } from './schemas';

/** Container images of projects. Their bytes lie in the workbench's registry, in a repository for each name. */
export const containerImages = sqliteTable(
  'container_images',
  {
    id: text('id').primaryKey(),
    projectId: text('project_id').notNull(),
    name: text('name').notNull(),
    tag: text('tag').notNull(),
    digest: text('digest').notNull(),
    mediaType: text('media_type').notNull(),
    configDigests: text('config_digests', { mode: 'json' }).$type<string[]>().notNull(),
    platforms: text('platforms', { mode: 'json' }).$type<string[]>().notNull(),
    size: integer('size').notNull(),
    layers: integer('layers').notNull(),
    source: text('source', { mode: 'json' }).$type<ContainerSource>().notNull(),
    createdBy: text('created_by'),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [
    // One that is named by digest only has no tag, so the digest is part of its name.
    uniqueIndex('container_images_name').on(table.projectId, table.name, table.tag, table.digest),
    index('container_images_digest').on(table.digest),
  ],
);

/** Archives that are being sent. */
export const containerUploads = sqliteTable(
  'container_uploads',
  {
    id: text('id').primaryKey(),
    projectId: text('project_id').notNull(),
    ownerId: text('owner_id').notNull(),
    fileName: text('file_name').notNull(),
    /** What an image of the archive that has no name is called. */
    fallbackName: text('fallback_name'),
    size: integer('size').notNull(),
    /** Bytes from the front whose content is safe: a restarted server goes on from there. */
    safe: integer('safe').notNull(),
    /** What was read up to there. */
    taken: text('taken', { mode: 'json' }).$type<Taken>(),
    state: text('state').$type<UploadState>().notNull(),
    error: text('error', { mode: 'json' }).$type<ProblemReport>(),
    jobId: text('job_id'),
    imageIds: text('image_ids', { mode: 'json' }).$type<string[]>().notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [index('container_uploads_project').on(table.projectId)],
);

/** What container projects are deployed by, one for each. */
export const deploymentTexts = sqliteTable('deployment_texts', {
  projectId: text('project_id').primaryKey(),
  kind: text('kind').$type<TextKind>().notNull(),
  fileName: text('file_name').notNull(),
  /** Manifests as they were written. */
  text: text('text').notNull(),
  /** Files of a chart: path, and content in base64. */
  files: text('files', { mode: 'json' }).$type<{ path: string; base64: string }[]>().notNull(),
  updatedBy: text('updated_by'),
  updatedAt: integer('updated_at').notNull(),
});

/** What was sent to a site, with which of our images stands for each one as it is written. */
export interface Deployed {
  objects: KubeObject[];
  images: { image: string; name: string; tag: string; digest: string }[];
}

/** Container projects tried out on sites. */
export const testDeployments = sqliteTable(
  'test_deployments',
  {
    id: text('id').primaryKey(),
    projectId: text('project_id').notNull(),
    siteId: text('site_id').notNull(),
    siteName: text('site_name').notNull(),
    name: text('name').notNull(),
    values: text('values').notNull(),
    state: text('state').$type<TestState>().notNull(),
    status: text('status', { mode: 'json' }).$type<WorkloadStatus>(),
    images: text('images', { mode: 'json' }).$type<{ name: string; digest: string }[]>().notNull(),
    /** What runs, or ran last: what a failed change goes back to. Null when nothing is there to go back to. */
    deployed: text('deployed', { mode: 'json' }).$type<Deployed>(),
    error: text('error', { mode: 'json' }).$type<ProblemReport>(),
    jobId: text('job_id'),
    createdBy: text('created_by').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [
    uniqueIndex('test_deployments_name').on(table.siteId, table.name),
    index('test_deployments_project').on(table.projectId),
  ],
);
