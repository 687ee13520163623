/**
 * The hosts of EdgeGallery's MECM inventory, with the tenant in the path, as its pages ask, and without. They call the
 * edges and hold no rule of their own.
 */
import { text } from 'node:stream/consumers';
import { z } from '@hono/zod-openapi';
import type { House } from '../../house';
import { mecHostInput, mecHostView } from '../../operations/edges/mec-host-schemas';
import { Problem } from '../../problem';
import { readMultipart } from './multipart';
import { body, json, restRoute, userOf, type RestApp } from './route';

const read = { role: 'developer', scope: 'read' } as const;
const admin = { role: 'admin', scope: 'admin' } as const;
const tags = ['EdgeGallery inventory'];
const bases = ['/inventory/v1', '/inventory/v1/tenants/{tenantId}'] as const;
/** EdgeGallery's own limit. */
const mostBytes = 500_000;

const host = mecHostView.extend({}).openapi('MecHost');
const written = json(z.object({ response: z.string() }), 'What was done');
const plain = (description: string) => ({
  200: { description, content: { 'text/plain': { schema: z.string() } } },
});
const said = 'Whose tenant is asked for makes no difference: the token tells who asks.';
const tenant = { tenantId: z.string().max(64).optional() };
const ofTenant = z.object(tenant);
const ofHost = z.object({ ...tenant, ip: z.string().max(300) });

function routesBelow(base: (typeof bases)[number]) {
  const all = `${base}/mechosts` as const;
  const one = `${all}/{ip}` as const;
  return {
    list: restRoute(read, {
      method: 'get',
      path: all,
      tags,
      summary: 'Hosts: the edges that are clusters or clouds, and hosts that wait for their configuration',
      description: said,
      request: { params: ofTenant },
      responses: { 200: json(z.array(host), 'Hosts') },
    }),
    get: restRoute(read, {
      method: 'get',
      path: one,
      tags,
      summary: 'A host',
      request: { params: ofHost },
      responses: { 200: json(host, 'The host') },
    }),
    add: restRoute(admin, {
      method: 'post',
      path: all,
      tags,
      summary: 'Adds a host; it becomes an edge with its configuration',
      request: { params: ofTenant, ...body(mecHostInput) },
      responses: { 200: written },
    }),
    change: restRoute(admin, {
      method: 'put',
      path: one,
      tags,
      summary: 'Changes a host, and name and place of its edge',
      request: { params: ofHost, ...body(mecHostInput) },
      responses: { 200: written },
    }),
    remove: restRoute(admin, {
      method: 'delete',
      path: one,
      tags,
      summary: 'Forgets a host with its edge; refused while something runs there',
      request: { params: ofHost },
      responses: { 200: written },
    }),
    configure: restRoute(admin, {
      method: 'post',
      path: `${one}/k8sconfig`,
      tags,
      summary: 'Sends the login of a host',
      description:
        'multipart/form-data with the part `file`: a kubeconfig, of which the current context counts, or for OpenStack ' +
        'a clouds.yaml or openrc; at most 500,000 bytes.',
      request: { params: ofHost },
      responses: plain('The host is an edge now'),
    }),
    unconfigure: restRoute(admin, {
      method: 'delete',
      path: `${one}/k8sconfig`,
      tags,
      summary: 'Takes the login of a host away, and with it the edge; refused while something runs there',
      request: { params: ofHost },
      responses: plain('The host is no edge any more'),
    }),
  };
}

/** Adds the paths of EdgeGallery's hosts. */
export function addEdgeGalleryHostRoutes(app: RestApp, house: House): void {
  for (const base of bases) addBelow(app, house, base);
}

function addBelow(app: RestApp, house: House, base: (typeof bases)[number]): void {
  const hosts = () => house.operations.edges.mecHosts;
  const routes = routesBelow(base);
  app.openapi(routes.list, (c) => c.json(hosts().list(), 200));
  app.openapi(routes.get, (c) => c.json(hosts().get(c.req.valid('param').ip), 200));
  app.openapi(routes.add, (c) => {
    hosts().add(userOf(c), c.req.valid('json'));
    return c.json({ response: 'Saved' }, 200);
  });
  app.openapi(routes.change, (c) => {
    hosts().change(userOf(c), c.req.valid('param').ip, c.req.valid('json'));
    return c.json({ response: 'Updated' }, 200);
  });
  app.openapi(routes.remove, async (c) => {
    await hosts().remove(userOf(c), c.req.valid('param').ip);
    return c.json({ response: 'Deleted' }, 200);
  });
  app.openapi(routes.configure, async (c) => {
    const { ip } = c.req.valid('param');
    hosts().configure(userOf(c), ip, await configIn(c.req.raw));
    return c.text('Uploaded', 200);
  });
  app.openapi(routes.unconfigure, async (c) => {
    await hosts().unconfigure(userOf(c), c.req.valid('param').ip);
    return c.text('Deleted', 200);
  });
}

/** @throws Problem `invalid` for a body without a file, `too_large` */
async function configIn(request: Request): Promise<string> {
  const files: string[] = [];
  let bytes = 0;
  // EdgeGallery's pages send host and vim beside it.
  await readMultipart(request, { fieldBytes: 300, fields: 8, files: 1 }, async ({ content }) => {
    content.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > mostBytes) {
        content.destroy(new Problem('too_large', 'edges.errors.configTooLarge', { limit: mostBytes }));
      }
    });
    files.push(await text(content));
  });
  const [config] = files;
  if (config === undefined) throw new Problem('invalid', 'problems.badBody');
  return config;
}
