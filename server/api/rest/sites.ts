import { z } from '@hono/zod-openapi';
import type { House } from '../../house';
import { capabilitiesOf, siteKinds } from '../../sites/site';
import { json, restRoute, type RestApp } from './route';

const siteSchema = z
  .object({
    id: z.string(),
    kind: z.enum(siteKinds),
    name: z.string(),
    capabilities: z.array(z.string()).openapi({ description: 'What the site can do beside running VMs' }),
  })
  .openapi('Site');

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

const listSites = restRoute(
  { role: 'developer', scope: 'read' },
  {
    method: 'get',
    path: '/api/v1/sites',
    tags: ['Sites'],
    summary: 'Places that run VMs',
    responses: { 200: json(z.object({ sites: z.array(siteSchema) }), 'Sites') },
  },
);

const getOffers = restRoute(
  { role: 'developer', scope: 'read' },
  {
    method: 'get',
    path: '/api/v1/sites/{id}/offers',
    tags: ['Sites'],
    summary: 'Flavors, guest images, networks and free capacity of a site',
    request: { params: z.object({ id: z.string() }) },
    responses: { 200: json(offersSchema, 'What one can ask for') },
  },
);

/** Adds the routes of sites. */
export function addSiteRoutes(app: RestApp, house: House): void {
  app.openapi(listSites, (c) =>
    c.json(
      {
        sites: house.sites.list().map((site) => ({
          id: site.id,
          kind: site.kind,
          name: site.name,
          capabilities: capabilitiesOf(site),
        })),
      },
      200,
    ),
  );

  app.openapi(getOffers, async (c) => {
    const offers = await house.sites.get(c.req.valid('param').id).offers({ signal: c.req.raw.signal });
    const images = offers.images.filter(
      (image) => !image.ours || house.images.mayUse(c.get('actor'), image.id),
    );
    return c.json({ ...offers, images }, 200);
  });
}
