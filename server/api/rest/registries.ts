import { z } from '@hono/zod-openapi';
import type { House } from '../../house';
import {
  artifactViewSchema,
  bundledViewSchema,
  createRobotSchema,
  digest,
  examineRegistrySchema,
  newRobotSchema,
  registryLightSchema,
  registryRole,
  registryRowSchema,
  registryViewSchema,
  repositoryDetailSchema,
  repositoryName,
  repositoryViewSchema,
  robotViewSchema,
  setRegistrySchema,
} from '../../registries/schemas';
import { lines, ndjson, wantsLines } from './light-lines';
import { accepted, acceptedJob, body, json, restRoute, userOf, type RestApp } from './route';

const read = { role: 'developer', scope: 'read' } as const;
const adminRead = { role: 'admin', scope: 'read' } as const;
const admin = { role: 'admin', scope: 'admin' } as const;
const tags = ['Registries'];
const ofRole = z.object({ role: registryRole });
// A repository's name has slashes, so it is asked for and not part of the path.
const ofRepository = z.object({ repository: repositoryName });
const ofArtifact = ofRepository.extend({ digest });
const row = registryRowSchema.extend({}).openapi('RegistryConfiguration');
const light = registryLightSchema.extend({}).openapi('RegistryLight');

const list = restRoute(read, {
  method: 'get',
  path: '/api/v1/registries',
  tags,
  summary: 'Where each room keeps its images, and how that registry stands',
  responses: {
    200: json(
      z.object({ registries: z.array(registryViewSchema.extend({}).openapi('Registry')) }),
      'One a room',
    ),
  },
});

const settings = restRoute(adminRead, {
  method: 'get',
  path: '/api/v1/registries/settings',
  tags,
  summary: 'How the registries are set; secrets never come back',
  responses: { 200: json(z.object({ registries: z.array(row) }), 'One a room') },
});

const set = restRoute(admin, {
  method: 'put',
  path: '/api/v1/registries/{role}',
  tags,
  summary: 'Set a room’s registry; with `move` a job copies what is there and switches then',
  request: { params: ofRole, ...body(setRegistrySchema) },
  responses: { 200: json(z.object({ registries: z.array(row) }), 'It is switched'), ...acceptedJob },
});

const moveLeft = restRoute(admin, {
  method: 'post',
  path: '/api/v1/registries/{role}/move',
  tags,
  summary: 'Copy what the former registry of a room still holds',
  request: { params: ofRole },
  responses: acceptedJob,
});

const examine = restRoute(admin, {
  method: 'post',
  path: '/api/v1/registries/test',
  tags,
  summary: 'Test the connection to a registry, saved or not',
  description: `With \`Accept: ${ndjson}\` each light comes as a line of JSON as soon as it is on.`,
  request: body(examineRegistrySchema),
  responses: {
    200: {
      description: 'What was looked at, in order; what depends on something that failed is skipped',
      content: {
        'application/json': { schema: z.object({ lights: z.array(light) }) },
        [ndjson]: { schema: { type: 'string' as const } },
      },
    },
  },
});

const bundled = restRoute(adminRead, {
  method: 'get',
  path: '/api/v1/registries/bundled',
  tags,
  summary: 'The registry that comes with Edgeyard: how it runs, its size, its log',
  responses: { 200: json(bundledViewSchema.extend({}).openapi('BundledRegistry'), 'The registry') },
});

const collect = restRoute(admin, {
  method: 'post',
  path: '/api/v1/registries/bundled/collect',
  tags,
  summary: 'Free what nothing refers to any more; pushes wait meanwhile',
  responses: acceptedJob,
});

const repositories = restRoute(read, {
  method: 'get',
  path: '/api/v1/registries/{role}/repositories',
  tags,
  summary: 'Repositories of a room; developers see the workbench’s',
  request: { params: ofRole },
  responses: { 200: json(z.object({ repositories: z.array(repositoryViewSchema) }), 'By name') },
});

const repository = restRoute(read, {
  method: 'get',
  path: '/api/v1/registries/{role}/repository',
  tags,
  summary: 'What a repository holds: tags, digests, platforms, layers, sizes, and what uses them',
  request: { params: ofRole, query: ofRepository },
  responses: { 200: json(repositoryDetailSchema.extend({}).openapi('Repository'), 'The repository') },
});

const artifact = restRoute(read, {
  method: 'get',
  path: '/api/v1/registries/{role}/artifact',
  tags,
  summary: 'One image or artifact by its digest',
  request: { params: ofRole, query: ofArtifact },
  responses: { 200: json(artifactViewSchema.extend({}).openapi('Artifact'), 'The artifact') },
});

const remove = restRoute(admin, {
  method: 'delete',
  path: '/api/v1/registries/{role}/artifact',
  tags,
  summary: 'Remove an image or artifact that nothing uses',
  request: { params: ofRole, query: ofArtifact },
  responses: { 204: { description: 'It is gone' } },
});

const robot = robotViewSchema.extend({}).openapi('Robot');

const listRobots = restRoute(adminRead, {
  method: 'get',
  path: '/api/v1/registries/robots',
  tags,
  summary: 'Logins for machines',
  responses: { 200: json(z.object({ robots: z.array(robot) }), 'By name') },
});

const createRobot = restRoute(admin, {
  method: 'post',
  path: '/api/v1/registries/robots',
  tags,
  summary: 'Make a login for a machine; its secret is in this answer and never again',
  request: body(createRobotSchema),
  responses: { 201: json(newRobotSchema.extend({}).openapi('NewRobot'), 'The login') },
});

const revokeRobot = restRoute(admin, {
  method: 'delete',
  path: '/api/v1/registries/robots/{id}',
  tags,
  summary: 'Take a machine’s login back',
  request: { params: z.object({ id: z.string().max(64) }) },
  responses: { 204: { description: 'It works no more' } },
});

/** Adds the routes of registries. */
export function addRegistryRoutes(app: RestApp, house: House): void {
  const { registries } = house;
  app.openapi(list, (c) => c.json({ registries: registries.list() }, 200));
  app.openapi(settings, async (c) => c.json({ registries: await registries.adminList() }, 200));
  app.openapi(set, async (c) => {
    const job = await registries.set(userOf(c), c.req.valid('param').role, c.req.valid('json'));
    return job ? accepted(c, job) : c.json({ registries: await registries.adminList() }, 200);
  });
  app.openapi(moveLeft, (c) => accepted(c, registries.moveLeft(userOf(c), c.req.valid('param').role)));
  app.openapi(examine, async (c) => {
    const found = registries.examine(c.req.valid('json'), c.req.raw.signal);
    if (wantsLines(c)) return lines(found);
    const lights = [];
    for await (const each of found) lights.push(each);
    return c.json({ lights }, 200);
  });
  app.openapi(bundled, async (c) => c.json(await registries.bundled(), 200));
  app.openapi(collect, (c) => accepted(c, registries.collectGarbage(userOf(c))));
  addBrowse(app, house);
  addRobots(app, house);
}

function addBrowse(app: RestApp, { registries }: House): void {
  app.openapi(repositories, async (c) => {
    const { role } = c.req.valid('param');
    return c.json(
      { repositories: await registries.browse.repositories(userOf(c), role, c.req.raw.signal) },
      200,
    );
  });
  app.openapi(repository, async (c) => {
    const { role } = c.req.valid('param');
    const name = c.req.valid('query').repository;
    return c.json(await registries.browse.repository(userOf(c), role, name, c.req.raw.signal), 200);
  });
  app.openapi(artifact, async (c) => {
    const { role } = c.req.valid('param');
    const query = c.req.valid('query');
    const found = await registries.browse.artifact(
      userOf(c),
      role,
      query.repository,
      query.digest,
      c.req.raw.signal,
    );
    return c.json(found, 200);
  });
  app.openapi(remove, async (c) => {
    const query = c.req.valid('query');
    await registries.browse.remove(userOf(c), c.req.valid('param').role, query.repository, query.digest);
    return c.body(null, 204);
  });
}

function addRobots(app: RestApp, { registries }: House): void {
  app.openapi(listRobots, (c) => c.json({ robots: registries.robots.list() }, 200));
  app.openapi(createRobot, (c) => {
    // Holds a secret: neither a cache nor the store of idempotent answers may keep it.
    c.header('Cache-Control', 'no-store');
    return c.json(registries.robots.create(userOf(c), c.req.valid('json')), 201);
  });
  app.openapi(revokeRobot, (c) => {
    registries.robots.revoke(userOf(c), c.req.valid('param').id);
    return c.body(null, 204);
  });
}
