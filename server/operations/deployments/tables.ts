import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { ProblemReport } from '../../problem';
import type { Stack } from '../../sites/stacks';
import type { CreateDeploymentInput, Deployment, DeploymentState, Revision } from './schemas';

/** A revision as it is kept; who may read its values is decided when it is shown. */
export type KeptRevision = Omit<Revision, 'values'> & { values: string };

/** Packages and releases that run, or shall run, on a site: as a stack of VMs, or as containers. */
export const deployments = sqliteTable(
  'deployments',
  {
    id: text('id').primaryKey(),
    name: text('name').notNull(),
    runs: text('runs').$type<Deployment['runs']>().notNull(),
    /** Of a synced release; null for a package of the workbench. */
    releaseId: text('release_id'),
    revisions: text('revisions', { mode: 'json' }).$type<KeptRevision[]>().notNull(),
    parts: text('parts', { mode: 'json' }).$type<Deployment['parts']>().notNull(),
    endpoints: text('endpoints', { mode: 'json' }).$type<Deployment['endpoints']>().notNull(),
    values: text('chart_values').notNull(),
    packageId: text('package_id').notNull(),
    /** As they were when it was deployed: the package may go before its deployment. */
    packageName: text('package_name').notNull(),
    packageVersion: text('package_version').notNull(),
    projectId: text('project_id'),
    siteId: text('site_id').notNull(),
    siteName: text('site_name').notNull(),
    /** The site's own id; null before it was made there. */
    stackRef: text('stack_ref'),
    state: text('state').$type<DeploymentState>().notNull(),
    reason: text('reason').notNull(),
    template: text('template').notNull(),
    /** Without the secret ones, which stand in the secrets while the deployment does. */
    parameters: text('parameters', { mode: 'json' }).$type<CreateDeploymentInput['parameters']>().notNull(),
    /** Our image ids by the package's image names. */
    images: text('images', { mode: 'json' }).$type<Record<string, string>>().notNull(),
    outputs: text('outputs', { mode: 'json' }).$type<Stack['outputs']>().notNull(),
    resources: text('resources', { mode: 'json' }).$type<Stack['resources']>().notNull(),
    jobId: text('job_id'),
    createdBy: text('created_by').notNull(),
    createdByName: text('created_by_name').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('deployments_site_name').on(table.siteId, table.name),
    index('deployments_package').on(table.packageId),
    // All that the overview counts, so that it reads no row.
    index('deployments_counts').on(
      table.releaseId,
      table.siteId,
      table.state,
      table.projectId,
      table.createdBy,
    ),
  ],
);

/** Deployments that EdgeGallery's clients prepared: they create an instance first, and instantiate it later. */
export const appInstances = sqliteTable('app_instances', {
  /** A UUID, as its clients expect. */
  id: text('id').primaryKey(),
  releaseId: text('release_id').notNull(),
  siteId: text('site_id').notNull(),
  name: text('name').notNull(),
  description: text('description').notNull(),
  /** Null before it was instantiated. */
  deploymentId: text('deployment_id'),
  /** Why it could not be instantiated. */
  problem: text('problem', { mode: 'json' }).$type<ProblemReport>(),
  createdAt: integer('created_at').notNull(),
});
