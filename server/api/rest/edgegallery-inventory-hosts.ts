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
import {
  inventoryAdmin,
  inventoryBases,
  inventoryRoutes,
  inventoryTags as tags,
  ofIp,
  wrote,
  type InventoryBase,
} from './edgegallery-inventory';
import { restRoute, userOf, type RestApp } from './route';

/** EdgeGallery's own limit. */
const mostBytes = 500_000;

const host = mecHostView.extend({}).openapi('MecHost');
const plain = (description: string) => ({
  200: { description, content: { 'text/plain': { schema: z.string() } } },
});

function routesBelow(base: InventoryBase) {
  const all = `${base}/mechosts` as const;
  const one = `${all}/{ip}` as const;
  return {
    ...inventoryRoutes(
      { all, one },
      { named: ofIp, row: host, input: mecHostInput },
      {
        list: 'Hosts: the edges that are clusters or clouds, and hosts that wait for their configuration',
        description: 'Whose tenant is asked for makes no difference: the token tells who asks.',
        rows: 'Hosts',
        get: 'A host',
        row: 'The host',
        add: 'Adds a host; it becomes an edge with its configuration',
        change: 'Changes a host, and name and place of its edge',
        remove: 'Forgets a host with its edge; refused while something runs there',
      },
    ),
    configure: restRoute(inventoryAdmin, {
      method: 'post',
      path: `${one}/k8sconfig`,
      tags,
      summary: 'Sends the login of a host',
      description:
        'multipart/form-data with the part `file`: a kubeconfig, of which the current context counts, or for OpenStack ' +
        'a clouds.yaml or openrc; at most 500,000 bytes.',
      request: { params: ofIp },
      responses: plain('The host is an edge now'),
    }),
    unconfigure: restRoute(inventoryAdmin, {
      method: 'delete',
      path: `${one}/k8sconfig`,
      tags,
      summary: 'Takes the login of a host away, and with it the edge; refused while something runs there',
      request: { params: ofIp },
      responses: plain('The host is no edge any more'),
    }),
  };
}

/** Adds the paths of EdgeGallery's hosts. */
export function addEdgeGalleryHostRoutes(app: RestApp, house: House): void {
  for (const base of inventoryBases) addBelow(app, house, base);
}

function addBelow(app: RestApp, house: House, base: (typeof inventoryBases)[number]): void {
  const hosts = () => house.operations.edges.mecHosts;
  const routes = routesBelow(base);
  app.openapi(routes.list, (c) => c.json(hosts().list(), 200));
  app.openapi(routes.get, (c) => c.json(hosts().get(c.req.valid('param').ip), 200));
  app.openapi(routes.add, (c) => {
    hosts().add(userOf(c), c.req.valid('json'));
    return wrote(c, 'Saved');
  });
  app.openapi(routes.change, (c) => {
    hosts().change(userOf(c), c.req.valid('param').ip, c.req.valid('json'));
    return wrote(c, 'Updated');
  });
  app.openapi(routes.remove, async (c) => {
    await hosts().remove(userOf(c), c.req.valid('param').ip);
    return wrote(c, 'Deleted');
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
