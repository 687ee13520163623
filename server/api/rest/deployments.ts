import { z } from '@hono/zod-openapi';
import type { House } from '../../house';
import {
  createDeploymentInput,
  deploymentPlanSchema,
  deploymentSchema,
  listDeploymentsInput,
  planDeploymentInput,
  stackEventSchema,
} from '../../operations/deployments/schemas';
import { accepted, acceptedJob, body, json, restRoute, userOf, type RestApp } from './route';

const read = { role: 'developer', scope: 'read' } as const;
const write = { role: 'developer', scope: 'write' } as const;
const tags = ['Deployments'];
const params = z.object({ id: z.string().max(64) });
// Schemas that were made before zod learnt OpenAPI lack the method: new ones have it.
const deployment = deploymentSchema.extend({}).openapi('Deployment');

const list = restRoute(read, {
  method: 'get',
  path: '/api/v1/deployments',
  tags,
  summary: 'Packages that run as stacks on sites',
  request: { query: listDeploymentsInput },
  responses: { 200: json(z.object({ deployments: z.array(deployment) }), 'Newest first') },
});

const plan = restRoute(read, {
  method: 'post',
  path: '/api/v1/deployments/plan',
  tags,
  summary: 'What would be sent to the site for a package, and what stands in the way',
  request: body(planDeploymentInput),
  responses: {
    200: json(deploymentPlanSchema.extend({}).openapi('DeploymentPlan'), 'The plan; nothing is changed'),
  },
});

const create = restRoute(write, {
  method: 'post',
  path: '/api/v1/deployments',
  tags,
  summary: 'Deploy a package on a site as one stack',
  request: body(createDeploymentInput),
  responses: acceptedJob,
});

const get = restRoute(read, {
  method: 'get',
  path: '/api/v1/deployments/{id}',
  tags,
  summary: 'A deployment as its site tells of it now',
  request: { params },
  responses: { 200: json(deployment, 'The deployment') },
});

const events = restRoute(read, {
  method: 'get',
  path: '/api/v1/deployments/{id}/events',
  tags,
  summary: 'What the site tells of the stack, oldest first',
  request: { params },
  responses: {
    200: json(z.object({ events: z.array(stackEventSchema.extend({}).openapi('StackEvent')) }), 'Events'),
  },
});

const remove = restRoute(write, {
  method: 'delete',
  path: '/api/v1/deployments/{id}',
  tags,
  summary: 'Remove a deployment and its stack',
  request: { params },
  responses: acceptedJob,
});

/** Adds `/api/v1/deployments…`. */
export function addDeploymentRoutes(app: RestApp, { operations }: House): void {
  app.openapi(list, (c) => c.json({ deployments: operations.deployments.list(userOf(c), c.req.valid('query')) }, 200));
  app.openapi(plan, async (c) =>
    c.json({ ...(await operations.deployments.plan(userOf(c), c.req.valid('json'), c.req.raw.signal)) }, 200),
  );
  app.openapi(create, async (c) => {
    const key = c.req.header('idempotency-key');
    const { job } = await operations.deployments.create(userOf(c), c.req.valid('json'), key);
    return accepted(c, job);
  });
  app.openapi(get, async (c) =>
    c.json(await operations.deployments.get(userOf(c), c.req.valid('param').id, c.req.raw.signal), 200),
  );
  app.openapi(events, async (c) => {
    const found = await operations.deployments.events(userOf(c), c.req.valid('param').id, c.req.raw.signal);
    return c.json({ events: found }, 200);
  });
  app.openapi(remove, (c) => accepted(c, operations.deployments.remove(userOf(c), c.req.valid('param').id)));
}
