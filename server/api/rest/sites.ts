import { z } from '@hono/zod-openapi';
import type { House } from '../../house';
import {
  createSiteSchema,
  examineSiteSchema,
  importableKinds,
  importedLoginSchema,
  lightSchema,
  siteRowSchema,
  siteViewSchema,
  updateSiteSchema,
} from '../../sites/schemas';
import { allLights } from '../../sites/sites';
import { loginsFile } from './import-file';
import { lines, ndjson, wantsLines } from './light-lines';
import { body, json, restRoute, userOf, type RestApp } from './route';

const read = { role: 'developer', scope: 'read' } as const;
const adminRead = { role: 'admin', scope: 'read' } as const;
const admin = { role: 'admin', scope: 'admin' } as const;
const tags = ['Sites'];
const params = z.object({ id: z.string().max(64) });
// Schemas that were made before zod learnt OpenAPI lack the method: new ones have it.
const site = siteRowSchema.extend({}).openapi('SiteConfiguration');
const light = lightSchema.extend({}).openapi('Light');
const lights = {
  description: 'What was looked at, in order; what depends on something that failed is skipped',
  content: {
    'application/json': { schema: z.object({ lights: z.array(light) }) },
    // One line of JSON for each light, as soon as it is on.
    [ndjson]: { schema: { type: 'string' as const } },
  },
};

const amount = z.object({ total: z.number(), used: z.number() });

const offersSchema = z
  .object({
    flavors: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        vcpus: z.int(),
        memoryMiB: z.int(),
        diskGiB: z.int(),
      }),
    ),
    images: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        os: z.string().optional(),
        architecture: z.string(),
        format: z.string(),
        size: z.number(),
        virtualSize: z.number(),
        minMemoryMiB: z.number(),
        minDiskGiB: z.number(),
      }),
    ),
    networks: z.array(
      z.object({ id: z.string(), name: z.string(), kind: z.string(), forwards: z.boolean() }),
    ),
    capacity: z.object({ vcpus: amount, memoryMiB: amount, diskGiB: amount }),
  })
  .openapi('Offers');

const listSites = restRoute(read, {
  method: 'get',
  path: '/api/v1/sites',
  tags,
  summary: 'Places that run VMs, and how each stands',
  responses: { 200: json(z.object({ sites: z.array(siteViewSchema.extend({}).openapi('Site')) }), 'Sites') },
});

const getOffers = restRoute(read, {
  method: 'get',
  path: '/api/v1/sites/{id}/offers',
  tags,
  summary: 'Flavors, guest images, networks and free capacity of a site',
  request: { params },
  responses: { 200: json(offersSchema, 'What one can ask for') },
});

const getSite = restRoute(adminRead, {
  method: 'get',
  path: '/api/v1/sites/{id}',
  tags,
  summary: 'A site with its configuration; its secret never comes back',
  request: { params },
  responses: { 200: json(site, 'The site') },
});

const createSite = restRoute(admin, {
  method: 'post',
  path: '/api/v1/sites',
  tags,
  summary: 'Add a cloud',
  description: 'It is opened in the background: its state tells when it can be used, or why not.',
  request: body(createSiteSchema),
  responses: { 201: json(site, 'The site') },
});

const updateSite = restRoute(admin, {
  method: 'patch',
  path: '/api/v1/sites/{id}',
  tags,
  summary: 'Change a cloud; what is absent stays, the secret too',
  description:
    'The stored secret goes only to the address it was given for: with another address, way of signing in, or ' +
    'without the check of certificates it has to be sent again.',
  request: { params, ...body(updateSiteSchema) },
  responses: { 200: json(site, 'The site') },
});

const removeSite = restRoute(admin, {
  method: 'delete',
  path: '/api/v1/sites/{id}',
  tags,
  summary: 'Forget a cloud and its secret; refused while VMs are on it',
  description:
    'With `force=true` a cloud that is gone for good is forgotten together with the VMs and deployments that were on ' +
    'it. It is asked to delete nothing; refused while it still answers and takes the login.',
  request: { params, query: z.object({ force: z.stringbool().optional() }) },
  responses: {
    200: json(
      z.object({
        dropped: z.array(z.object({ kind: z.enum(['vm', 'stack']), id: z.string(), name: z.string() })),
      }),
      'It is gone, and with it what is told here (only with `force=true`)',
    ),
    204: { description: 'It is gone' },
  },
});

const testForm = restRoute(admin, {
  method: 'post',
  path: '/api/v1/sites/test',
  tags,
  summary: 'Test a connection before it is saved',
  description: `With \`Accept: ${ndjson}\` each light comes as a line of JSON as soon as it is on.`,
  request: body(examineSiteSchema),
  responses: { 200: lights },
});

const testSite = restRoute(admin, {
  method: 'post',
  path: '/api/v1/sites/{id}/test',
  tags,
  summary: 'Test the connection of a site as it is saved',
  description: `With \`Accept: ${ndjson}\` each light comes as a line of JSON as soon as it is on.`,
  request: { params },
  responses: { 200: lights },
});

const kindShown = { type: 'string' as const, enum: [...importableKinds], default: 'openstack' };
const importLogins = restRoute(admin, {
  method: 'post',
  path: '/api/v1/sites/import',
  tags,
  summary: 'Read the logins in a clouds.yaml, an openrc file or a kubeconfig',
  description:
    'The file as `text` in JSON, or as the parts of a multipart form (clouds.yaml and secure.yaml may come together), ' +
    'with the kind of site beside it. Nothing is kept; secrets come back only because you have just sent them.',
  request: {
    body: {
      required: true,
      content: {
        // Plain schemas, which are shown and not checked: the handler reads either form itself.
        'application/json': {
          schema: {
            type: 'object',
            properties: { kind: kindShown, text: { type: 'string' } },
            required: ['text'],
          },
        },
        'multipart/form-data': {
          schema: {
            type: 'object',
            properties: { kind: kindShown, file: { type: 'string', format: 'binary' } },
          },
        },
      },
    },
  },
  responses: {
    200: json(
      z.object({ logins: z.array(importedLoginSchema) }),
      'One for each cloud and region, or for each context',
    ),
  },
});

/** Adds the routes of sites. */
export function addSiteRoutes(app: RestApp, house: House): void {
  const { sites } = house;
  app.openapi(listSites, (c) => c.json({ sites: sites.list() }, 200));

  app.openapi(getOffers, async (c) => {
    const offers = await sites.registry
      .stackHost(c.req.valid('param').id)
      .offers({ signal: c.req.raw.signal });
    const images = offers.images.filter(
      (image) => !image.ours || house.images.mayUse(c.get('actor'), image.id),
    );
    return c.json({ ...offers, images }, 200);
  });

  app.openapi(getSite, (c) => c.json(sites.get(c.req.valid('param').id), 200));
  app.openapi(createSite, (c) => {
    const made = sites.create(userOf(c), c.req.valid('json'));
    c.header('Location', `/api/v1/sites/${made.id}`);
    return c.json(made, 201);
  });
  app.openapi(updateSite, (c) =>
    c.json(sites.update(userOf(c), c.req.valid('param').id, c.req.valid('json')), 200),
  );
  app.openapi(removeSite, async (c) => {
    const { id } = c.req.valid('param');
    if (c.req.valid('query').force === true) {
      return c.json({ dropped: await sites.forget(userOf(c), id, c.req.raw.signal) }, 200);
    }
    await sites.remove(userOf(c), id);
    return c.body(null, 204);
  });
  app.openapi(testForm, async (c) => {
    const found = sites.examine(c.req.valid('json'), c.req.raw.signal);
    if (wantsLines(c)) return lines(found);
    return c.json({ lights: await allLights(found) }, 200);
  });
  app.openapi(testSite, async (c) => {
    const found = sites.examineSaved(c.req.valid('param').id, c.req.raw.signal);
    if (wantsLines(c)) return lines(found);
    return c.json({ lights: await allLights(found) }, 200);
  });
  app.openapi(importLogins, async (c) => {
    const { kind, text } = await loginsFile(c.req);
    // Holds what was sent: neither a cache nor the store of idempotent answers may keep it.
    c.header('Cache-Control', 'no-store');
    return c.json({ logins: sites.readLogins(kind, text) }, 200);
  });
}
