import { z } from '@hono/zod-openapi';
import type { House } from '../../house';
import {
  cellChoice,
  cellPage,
  distribution,
  distributionPlan,
  distributionSummary,
  placement,
  planInput,
  retryChoice,
  startDistribution,
} from '../../operations/distribution/schemas';
import { accepted, acceptedJob, body, jobSchema, json, restRoute, userOf, type RestApp } from './route';

const read = { role: 'developer', scope: 'read' } as const;
const write = { role: 'operator', scope: 'write' } as const;
const tags = ['Distribution'];
const id = z.string().max(64);
const params = z.object({ id });
// Schemas that were made before zod learnt OpenAPI lack the method: new ones have it.
const view = distribution.extend({}).openapi('Distribution');

const plan = restRoute(read, {
  method: 'post',
  path: '/api/v1/distributions/plan',
  tags,
  summary: 'What of releases is at edges, and what would have to move; nothing is changed',
  request: body(planInput),
  responses: { 200: json(distributionPlan.extend({}).openapi('DistributionPlan'), 'The plan') },
});

const start = restRoute(write, {
  method: 'post',
  path: '/api/v1/distributions',
  tags,
  summary: 'Bring releases to edges',
  description:
    'Each release goes to each edge that runs its kind, by a job of its own; an edge takes one after the other.',
  request: body(startDistribution),
  responses: { 202: json(view, 'The distribution, which has begun') },
});

const list = restRoute(read, {
  method: 'get',
  path: '/api/v1/distributions',
  tags,
  summary: 'Distributions',
  responses: {
    200: json(
      z.object({ distributions: z.array(distributionSummary.extend({}).openapi('DistributionSummary')) }),
      'Newest first',
    ),
  },
});

const get = restRoute(read, {
  method: 'get',
  path: '/api/v1/distributions/{id}',
  tags,
  summary: 'A distribution with its cells, page by page',
  description:
    'Cells of one edge, one release or one state alone where the query names them; `total` counts them.',
  request: { params, query: cellPage },
  responses: { 200: json(view, 'The distribution') },
});

const retry = restRoute(write, {
  method: 'post',
  path: '/api/v1/distributions/{id}/retry',
  tags,
  summary: 'Try failed and cancelled cells again',
  request: { params, ...body(retryChoice) },
  responses: { 202: json(z.object({ jobs: z.array(jobSchema) }), 'Jobs that begin now; others follow') },
});

const cancel = restRoute(write, {
  method: 'post',
  path: '/api/v1/distributions/{id}/cancel',
  tags,
  summary: 'Stop cells that wait or run',
  request: { params, ...body(cellChoice) },
  responses: { 200: json(view, 'The distribution') },
});

const dismiss = restRoute(write, {
  method: 'post',
  path: '/api/v1/distributions/{id}/dismiss',
  tags,
  summary: 'Set failed and cancelled cells aside: the overview speaks of them no more',
  request: { params, ...body(cellChoice) },
  responses: {
    200: json(z.object({ count: z.number().describe('How many were set aside') }), 'Set aside'),
  },
});

const placements = restRoute(read, {
  method: 'get',
  path: '/api/v1/placements',
  tags,
  summary: 'Releases that were proved to be at edges',
  request: { query: z.object({ edgeId: id.optional(), releaseId: id.optional() }) },
  responses: {
    200: json(z.object({ placements: z.array(placement.extend({}).openapi('Placement')) }), 'Placements'),
  },
});

const withdraw = restRoute(write, {
  method: 'delete',
  path: '/api/v1/placements/{edgeId}/{releaseId}',
  tags,
  summary: 'Take a release away from an edge',
  request: { params: z.object({ edgeId: id, releaseId: id }) },
  responses: acceptedJob,
});

/** Adds `/api/v1/distributions…` and `/api/v1/placements…`. */
export function addDistributionRoutes(app: RestApp, { operations }: House): void {
  const room = () => operations.distributions;
  app.openapi(plan, async (c) =>
    c.json(await room().plan(userOf(c), c.req.valid('json'), c.req.raw.signal), 200),
  );
  app.openapi(start, async (c) => {
    const key = c.req.header('idempotency-key');
    const started = await room().start(userOf(c), c.req.valid('json'), key);
    c.header('Location', `/api/v1/distributions/${started.id}`);
    return c.json(started, 202);
  });
  app.openapi(list, (c) => c.json({ distributions: room().list() }, 200));
  app.openapi(get, (c) => c.json(room().get(c.req.valid('param').id, c.req.valid('query')), 200));
  app.openapi(retry, (c) => {
    const jobs = room().retry(userOf(c), c.req.valid('param').id, c.req.valid('json'));
    return c.json({ jobs }, 202);
  });
  app.openapi(cancel, (c) => {
    const { id: which } = c.req.valid('param');
    room().cancel(userOf(c), which, c.req.valid('json'));
    return c.json(room().get(which), 200);
  });
  app.openapi(dismiss, (c) =>
    c.json({ count: room().dismiss(userOf(c), c.req.valid('param').id, c.req.valid('json')) }, 200),
  );
  app.openapi(placements, (c) => c.json({ placements: room().placements(c.req.valid('query')) }, 200));
  app.openapi(withdraw, (c) => {
    const { edgeId, releaseId } = c.req.valid('param');
    return accepted(c, room().withdraw(userOf(c), releaseId, edgeId));
  });
}
