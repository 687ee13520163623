import { z } from '@hono/zod-openapi';
import type { House } from '../../house';
import {
  createStackInput,
  planStackInput,
  stackEventSchema,
  stackPlanSchema,
  stackSchema,
} from '../../sites/stack-schemas';
import { body, json, restRoute, userOf, type RestApp } from './route';

const read = { role: 'operator', scope: 'read' } as const;
const write = { role: 'operator', scope: 'write' } as const;
const tags = ['Stacks'];
const params = z.object({ id: z.string().max(64) });
// Schemas that were made before zod learnt OpenAPI lack the method: new ones have it.
const stack = stackSchema.extend({}).openapi('Stack');
const event = stackEventSchema.extend({}).openapi('HostedStackEvent');

const plan = restRoute(read, {
  method: 'post',
  path: '/api/v1/stacks/plan',
  tags,
  summary: 'What a package’s VMs would become on this machine, and what stands in the way',
  description: 'For another Edgeyard that has this one as an edge.',
  request: body(planStackInput),
  responses: { 200: json(stackPlanSchema, 'The plan; nothing is changed') },
});

const create = restRoute(write, {
  method: 'post',
  path: '/api/v1/stacks',
  tags,
  summary: 'Make the VMs of a plan on this machine; the same deployment again goes on with what is there',
  description: 'Answers when they run. Who hangs up before that leaves nothing here.',
  request: body(createStackInput),
  responses: { 200: json(stack, 'The stack') },
});

const get = restRoute(read, {
  method: 'get',
  path: '/api/v1/stacks/{id}',
  tags,
  summary: 'A stack as it is now, by the id of its deployment',
  request: { params },
  responses: { 200: json(stack, 'The stack') },
});

const events = restRoute(read, {
  method: 'get',
  path: '/api/v1/stacks/{id}/events',
  tags,
  summary: 'What happened to a stack, oldest first',
  request: { params },
  responses: { 200: json(z.object({ events: z.array(event) }), 'Events') },
});

const remove = restRoute(write, {
  method: 'delete',
  path: '/api/v1/stacks/{id}',
  tags,
  summary: 'Remove a stack with its VMs; one that is not there is fine',
  request: { params },
  responses: { 204: { description: 'It is gone' } },
});

/** Adds the routes by which other Edgeyards run packages here. */
export function addStackRoutes(app: RestApp, { hostedStacks: stacks }: House): void {
  app.openapi(plan, async (c) =>
    c.json(await stacks.plan(userOf(c), c.req.valid('json'), c.req.raw.signal), 200),
  );
  app.openapi(create, async (c) =>
    c.json(await stacks.create(userOf(c), c.req.valid('json'), c.req.raw.signal), 200),
  );
  app.openapi(get, async (c) => c.json(await stacks.get(c.req.valid('param').id, c.req.raw.signal), 200));
  app.openapi(events, async (c) =>
    c.json({ events: await stacks.events(c.req.valid('param').id, c.req.raw.signal) }, 200),
  );
  app.openapi(remove, async (c) => {
    await stacks.remove(userOf(c), c.req.valid('param').id, c.req.raw.signal);
    return c.body(null, 204);
  });
}
