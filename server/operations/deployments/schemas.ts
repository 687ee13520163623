import { z } from 'zod';
import { reportSchema } from '../../problem-schema';
import { stackPlanSchema, stackSchema } from '../../sites/stack-schemas';
import { workloadEndpointSchema, workloadPartSchema } from '../../sites/workload-schemas';

/**
 * `changing`: an upgrade or roll-back runs, and what ran before may still do. `notReady`: containers are there, and not
 * all of them are ready. `failed`: nothing of it is left, unless its removal was what failed.
 */
export const deploymentStates = [
  'creating',
  'changing',
  'ready',
  'notReady',
  'failed',
  'deleting',
  'gone',
] as const;
export type DeploymentState = (typeof deploymentStates)[number];

/** What the person fills in for an input of the package. */
const value = z.union([z.string().max(10_000), z.number(), z.boolean()]);

export const planDeploymentInput = z.object({ packageId: z.string().max(64), siteId: z.string().max(64) });
export type PlanDeploymentInput = z.infer<typeof planDeploymentInput>;

export const createDeploymentInput = planDeploymentInput.extend({
  // Heat's rule for the names of stacks.
  name: z
    .string()
    .min(1)
    .max(60)
    .regex(/^[a-zA-Z][a-zA-Z0-9_.-]*$/),
  parameters: z.record(z.string(), value).default({}),
});
export type CreateDeploymentInput = z.infer<typeof createDeploymentInput>;

export const listDeploymentsInput = z.object({
  packageId: z.string().max(64).optional(),
  releaseId: z.string().max(64).optional(),
  siteId: z.string().max(64).optional(),
});

/** A release that is at an edge, to be run there. */
export const planReleaseInput = z.object({
  releaseId: z.string().max(64),
  edgeId: z.string().max(64),
  /** YAML over a chart's defaults; of a release of containers only. */
  values: z.string().max(200_000).default(''),
});
export type PlanReleaseInput = z.input<typeof planReleaseInput>;

/** One deployment for each edge, all of one name. */
export const deployReleaseInput = z.object({
  releaseId: z.string().max(64),
  edgeIds: z.array(z.string().max(64)).min(1).max(200),
  name: createDeploymentInput.shape.name,
  parameters: createDeploymentInput.shape.parameters,
  values: z.string().max(200_000).default(''),
});
export type DeployReleaseInput = z.input<typeof deployReleaseInput>;

/** What a deployment is brought to: another release of the same app, or other values. */
export const upgradeInput = z.object({
  releaseId: z.string().max(64),
  parameters: createDeploymentInput.shape.parameters,
  values: z.string().max(200_000).default(''),
});
export type UpgradeInput = z.input<typeof upgradeInput>;

/** People put passwords there, so only those who may deploy read them. */
const chartValues = {
  values: z
    .string()
    .nullable()
    .describe('YAML over a chart’s defaults; null: there are some, which operators and administrators read'),
  valuesGiven: z.number().describe('How many settings those values are'),
};

/** What ran, or runs, under a deployment's name; the last is the present one. */
export const revisionSchema = z.object({
  number: z.number(),
  releaseId: z.string(),
  version: z.string(),
  at: z.number(),
  by: z.string(),
  outcome: z
    .enum(['starting', 'running', 'replaced', 'failed', 'rolledBack'])
    .describe('replaced by an upgrade, or left by a roll-back'),
  ...chartValues,
  parameters: z.record(z.string(), value).describe('Without the secret ones'),
  /** Why it failed. */
  problem: reportSchema.nullable(),
});
export type Revision = z.infer<typeof revisionSchema>;

/** A deployment as pages and REST show it. */
export const deploymentSchema = z.object({
  id: z.string(),
  name: z.string(),
  runs: z.enum(['stack', 'workload']).describe('VMs as one unit, or containers'),
  /** The synced release it runs; null for one of a package. */
  releaseId: z.string().nullable(),
  revisions: z.array(revisionSchema),
  parts: z.array(workloadPartSchema).describe('Of containers'),
  endpoints: z.array(workloadEndpointSchema),
  ...chartValues,
  packageId: z.string(),
  packageName: z.string(),
  packageVersion: z.string(),
  siteId: z.string(),
  siteName: z.string(),
  state: z.enum(deploymentStates),
  /** The site's own words. */
  reason: z.string(),
  template: z.string().nullable().describe('What was sent to the site; null: it holds values, as above'),
  parameters: z.record(z.string(), value).describe('Without the secret ones'),
  outputs: stackSchema.shape.outputs,
  resources: stackSchema.shape.resources,
  jobId: z.string().optional(),
  createdBy: z.string(),
  createdAt: z.number(),
});
export type Deployment = z.infer<typeof deploymentSchema>;

/** What a release would become at an edge, before anything is sent. */
export const releasePlanSchema = stackPlanSchema.extend({
  runs: z.enum(['stack', 'workload']),
  /** A chart's default values, YAML; empty for everything else. */
  defaults: z.string(),
  /** What is made there, as `Deployment/web` or `VM/front`. */
  creates: z.array(z.string()),
  /** Names of the secrets that are made there, never what is in them. */
  secrets: z.array(z.string()),
  /** What it asks for, and what the edge has free; null where either is not known. */
  quota: z.array(
    z.object({
      resource: z.enum(['cpus', 'memoryMiB', 'diskGiB']),
      asks: z.number().nullable(),
      free: z.number().nullable(),
    }),
  ),
});
export type ReleasePlan = z.infer<typeof releasePlanSchema>;

/** What an upgrade would change: the text of today and that of then, to be compared line by line. */
export const upgradePlanSchema = releasePlanSchema.extend({ before: z.string() });
export type UpgradePlan = z.infer<typeof upgradePlanSchema>;

export const deploymentLogsInput = z.object({
  deploymentId: z.string().max(64),
  part: z.string().max(300),
  container: z.string().max(300),
  tailLines: z.number().int().min(1).max(10_000).default(500),
});
export type DeploymentLogsInput = z.input<typeof deploymentLogsInput>;
