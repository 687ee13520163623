import { z } from '@hono/zod-openapi';
import type { House } from '../../house';
import {
  createDeploymentInput,
  deploymentLogsInput,
  deploymentSchema,
  deployReleaseInput,
  listDeploymentsInput,
  planDeploymentInput,
  planReleaseInput,
  releasePlanSchema,
  upgradeInput,
  upgradePlanSchema,
} from '../../operations/deployments/schemas';
import { reportSchema } from '../../problem-schema';
import { stackEventSchema, stackPlanSchema } from '../../sites/stack-schemas';
import { accepted, acceptedJob, body, jobSchema, json, restRoute, userOf, type RestApp } from './route';

const read = { role: 'developer', scope: 'read' } as const;
const write = { role: 'developer', scope: 'write' } as const;
const operate = { role: 'operator', scope: 'write' } as const;
const tags = ['Deployments'];
const params = z.object({ id: z.string().max(64) });
// Schemas that were made before zod learnt OpenAPI lack the method: new ones have it.
const deployment = deploymentSchema.extend({}).openapi('Deployment');

const list = restRoute(read, {
  method: 'get',
  path: '/api/v1/deployments',
  tags,
  summary: 'Packages and releases that run on sites',
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
    200: json(stackPlanSchema.extend({}).openapi('DeploymentPlan'), 'The plan; nothing is changed'),
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
  summary: 'What the site tells of it, oldest first',
  request: { params },
  responses: {
    200: json(z.object({ events: z.array(stackEventSchema.extend({}).openapi('StackEvent')) }), 'Events'),
  },
});

const remove = restRoute(write, {
  method: 'delete',
  path: '/api/v1/deployments/{id}',
  tags,
  summary: 'Remove a deployment and everything of it',
  request: { params },
  responses: acceptedJob,
});

const planRelease = restRoute(read, {
  method: 'post',
  path: '/api/v1/deployments/plan-release',
  tags,
  summary: 'What a release would become at an edge, and what stands in the way',
  request: body(planReleaseInput),
  responses: {
    200: json(releasePlanSchema.extend({}).openapi('ReleasePlan'), 'The plan; nothing is changed'),
  },
});

const deployRelease = restRoute(operate, {
  method: 'post',
  path: '/api/v1/deployments/release',
  tags,
  summary: 'Deploy a release at one or many edges, where it was brought before',
  request: body(deployReleaseInput),
  responses: {
    202: json(
      z.object({
        started: z.array(z.object({ deployment, job: jobSchema })),
        refused: z.array(z.object({ edgeId: z.string(), problem: reportSchema })),
      }),
      'A deployment and its job for each edge that takes it',
    ),
  },
});

const planUpgrade = restRoute(
  { role: 'operator', scope: 'read' },
  {
    method: 'post',
    path: '/api/v1/deployments/{id}/plan-upgrade',
    tags,
    summary: 'What an upgrade would change',
    request: { params, ...body(upgradeInput) },
    responses: {
      200: json(upgradePlanSchema.extend({}).openapi('UpgradePlan'), 'The plan; nothing is changed'),
    },
  },
);

const upgrade = restRoute(operate, {
  method: 'post',
  path: '/api/v1/deployments/{id}/upgrade',
  tags,
  summary: 'Bring a deployment to another release of its app, or to other values',
  description: 'When that fails, what ran before runs again.',
  request: { params, ...body(upgradeInput) },
  responses: acceptedJob,
});

const rollBack = restRoute(operate, {
  method: 'post',
  path: '/api/v1/deployments/{id}/roll-back',
  tags,
  summary: 'Bring an earlier revision back; the one before the present when none is named',
  request: { params, ...body(z.object({ revision: z.number().int().optional() })) },
  responses: acceptedJob,
});

const logs = restRoute(read, {
  method: 'get',
  path: '/api/v1/deployments/{id}/logs',
  tags,
  summary: 'The last lines of a container’s output',
  request: {
    params,
    query: deploymentLogsInput
      .omit({ deploymentId: true })
      .extend({ tailLines: z.coerce.number().int().min(1).max(10_000).default(500) }),
  },
  responses: { 200: json(z.object({ lines: z.array(z.string()) }), 'Lines, oldest first') },
});

/** Adds `/api/v1/deployments…`. */
export function addDeploymentRoutes(app: RestApp, { operations }: House): void {
  app.openapi(list, (c) =>
    c.json({ deployments: operations.deployments.list(userOf(c), c.req.valid('query')) }, 200),
  );
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
  addReleaseRoutes(app, operations);
}

function addReleaseRoutes(app: RestApp, operations: House['operations']): void {
  const room = () => operations.deployments;
  app.openapi(planRelease, async (c) =>
    c.json(await room().planRelease(userOf(c), c.req.valid('json'), c.req.raw.signal), 200),
  );
  app.openapi(deployRelease, async (c) => {
    const key = c.req.header('idempotency-key');
    return c.json(await room().deployRelease(userOf(c), c.req.valid('json'), key), 202);
  });
  app.openapi(planUpgrade, async (c) => {
    const { id } = c.req.valid('param');
    return c.json(await room().planUpgrade(userOf(c), id, c.req.valid('json'), c.req.raw.signal), 200);
  });
  app.openapi(upgrade, async (c) =>
    accepted(c, (await room().upgrade(userOf(c), c.req.valid('param').id, c.req.valid('json'))).job),
  );
  app.openapi(rollBack, async (c) => {
    const { revision } = c.req.valid('json');
    return accepted(c, (await room().rollBack(userOf(c), c.req.valid('param').id, revision)).job);
  });
  app.openapi(logs, async (c) => {
    const input = { deploymentId: c.req.valid('param').id, ...c.req.valid('query') };
    const lines: string[] = [];
    for await (const line of room().logs(userOf(c), input, false, c.req.raw.signal)) lines.push(line);
    return c.json({ lines }, 200);
  });
}
