import { z } from '@hono/zod-openapi';
import type { House } from '../../house';
import {
  createProjectInput,
  listProjectsInput,
  projectFields,
  updateProjectInput,
} from '../../workbench/schemas';
import { accepted, acceptedJob, body, json, restRoute, userOf, type RestApp } from './route';
import { belongingSchema, memberSchema, projectSchema } from './workbench-schemas';

const read = { role: 'developer', scope: 'read' } as const;
const write = { role: 'developer', scope: 'write' } as const;
const tags = ['Projects'];
const params = z.object({ id: z.string() });
const memberList = json(z.object({ members: z.array(memberSchema) }), 'The members');

const list = restRoute(read, {
  method: 'get',
  path: '/api/v1/projects',
  tags,
  summary: 'Your projects',
  request: { query: listProjectsInput },
  responses: { 200: json(z.object({ projects: z.array(projectSchema) }), 'Projects, newest change first') },
});

const create = restRoute(write, {
  method: 'post',
  path: '/api/v1/projects',
  tags,
  summary: 'Create a project',
  request: body(createProjectInput),
  responses: { 201: json(projectSchema, 'The project') },
});

const get = restRoute(read, {
  method: 'get',
  path: '/api/v1/projects/{id}',
  tags,
  summary: 'One project',
  request: { params },
  responses: { 200: json(projectSchema, 'The project') },
});

const update = restRoute(write, {
  method: 'patch',
  path: '/api/v1/projects/{id}',
  tags,
  summary: 'Change a project',
  request: { params, ...body(updateProjectInput) },
  responses: { 200: json(projectSchema, 'The project') },
});

const remove = restRoute(write, {
  method: 'delete',
  path: '/api/v1/projects/{id}',
  tags,
  summary: 'Delete a project with its VMs, images and packages',
  request: { params },
  responses: acceptedJob,
});

const clone = restRoute(write, {
  method: 'post',
  path: '/api/v1/projects/{id}/clone',
  tags,
  summary: 'A copy without VMs, images and packages',
  request: { params, ...body(projectFields.pick({ name: true })) },
  responses: { 201: json(projectSchema, 'The copy') },
});

const removalPlan = restRoute(read, {
  method: 'get',
  path: '/api/v1/projects/{id}/removal-plan',
  tags,
  summary: 'What deleting the project would delete',
  request: { params },
  responses: { 200: json(z.object({ belongings: z.array(belongingSchema) }), 'What goes with it') },
});

const icon = restRoute(read, {
  method: 'get',
  path: '/api/v1/projects/{id}/icon',
  tags,
  summary: 'The project’s icon',
  request: { params },
  responses: { 200: { description: 'A PNG, WebP or SVG picture' } },
});

const members = restRoute(read, {
  method: 'get',
  path: '/api/v1/projects/{id}/members',
  tags,
  summary: 'Who works in the project',
  request: { params },
  responses: { 200: memberList },
});

const addMember = restRoute(write, {
  method: 'post',
  path: '/api/v1/projects/{id}/members',
  tags,
  summary: 'Add a member by name or e-mail address',
  request: { params, ...body(z.object({ nameOrEmail: z.string().trim().min(1).max(200) })) },
  responses: { 200: memberList },
});

const removeMember = restRoute(write, {
  method: 'delete',
  path: '/api/v1/projects/{id}/members/{userId}',
  tags,
  summary: 'Remove a member',
  request: { params: params.extend({ userId: z.string() }) },
  responses: { 200: memberList },
});

/** Adds `/api/v1/projects…`. */
export function addProjectRoutes(app: RestApp, { workbench: { projects } }: House): void {
  app.openapi(list, (c) =>
    c.json({ projects: projects.list(userOf(c), c.req.valid('query')).map((each) => ({ ...each })) }, 200),
  );
  app.openapi(create, (c) =>
    c.json({ ...projects.create(userOf(c), c.req.valid('json'), c.req.header('idempotency-key')) }, 201),
  );
  app.openapi(get, (c) => c.json({ ...projects.get(userOf(c), c.req.valid('param').id) }, 200));
  app.openapi(update, (c) =>
    c.json({ ...projects.update(userOf(c), c.req.valid('param').id, c.req.valid('json')) }, 200),
  );
  app.openapi(remove, (c) => accepted(c, projects.remove(userOf(c), c.req.valid('param').id)));
  app.openapi(clone, (c) =>
    c.json({ ...projects.clone(userOf(c), c.req.valid('param').id, c.req.valid('json').name) }, 201),
  );
  app.openapi(removalPlan, (c) =>
    c.json({ belongings: projects.removalPlan(userOf(c), c.req.valid('param').id) }, 200),
  );
  app.openapi(icon, (c) => {
    const { type, data, version } = projects.icon(userOf(c), c.req.valid('param').id);
    const etag = `"${version}"`;
    if (c.req.header('if-none-match') === etag) return c.body(null, 304);
    return c.body(new Uint8Array(data), 200, {
      'content-type': type,
      etag,
      'cache-control': 'private, no-cache',
      // Opened by itself, an SVG is a document: it gets no scripts, no origin and no network.
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
      'x-content-type-options': 'nosniff',
    });
  });
  app.openapi(members, (c) => c.json({ members: projects.members(userOf(c), c.req.valid('param').id) }, 200));
  app.openapi(addMember, (c) => {
    const { nameOrEmail } = c.req.valid('json');
    return c.json({ members: projects.addMember(userOf(c), c.req.valid('param').id, nameOrEmail) }, 200);
  });
  app.openapi(removeMember, (c) => {
    const { id, userId } = c.req.valid('param');
    return c.json({ members: projects.removeMember(userOf(c), id, userId) }, 200);
  });
}
