import { z } from 'zod';

export const deploymentStates = ['creating', 'ready', 'failed', 'deleting', 'gone'] as const;
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

export const listDeploymentsInput = z.object({ packageId: z.string().max(64).optional() });

/** An input of the package, as the person is asked for it. */
export const parameterSchema = z.object({
  name: z.string(),
  type: z.enum(['string', 'number', 'boolean']),
  description: z.string(),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  required: z.boolean(),
  secret: z.boolean(),
  choices: z.array(z.string()).optional().describe('Networks or zones of the site, of which it names one'),
});

export const deploymentPlanSchema = z.object({
  /** The text that will be sent to the site. */
  template: z.string(),
  parameters: z.array(parameterSchema),
  /** What stands in the way; empty when it can be deployed. */
  reasons: z.array(
    z.object({ key: z.string(), params: z.record(z.string(), z.union([z.string(), z.number()])) }),
  ),
});

const outputs = z.array(z.object({ name: z.string(), value: z.string() }));
const resources = z.array(
  z.object({ name: z.string(), type: z.string(), status: z.string(), id: z.string() }),
);

/** A deployment as pages and REST show it. */
export const deploymentSchema = z.object({
  id: z.string(),
  name: z.string(),
  packageId: z.string(),
  packageName: z.string(),
  packageVersion: z.string(),
  siteId: z.string(),
  siteName: z.string(),
  state: z.enum(deploymentStates),
  /** The site's own words. */
  reason: z.string(),
  template: z.string(),
  parameters: z.record(z.string(), value).describe('Without the secret ones'),
  outputs,
  resources,
  jobId: z.string().optional(),
  createdBy: z.string(),
  createdAt: z.number(),
});
export type Deployment = z.infer<typeof deploymentSchema>;

export const stackEventSchema = z.object({
  id: z.string(),
  at: z.number().describe('Milliseconds since 1970'),
  resource: z.string(),
  status: z.string(),
  reason: z.string(),
});
