/**
 * Stores and registries of EdgeGallery's MECM inventory, with the tenant in the path, as its pages ask, and without.
 * An `apprepo` is where MECM keeps images: here the registry of the role operations, of which there is one.
 */
import { z } from '@hono/zod-openapi';
import type { House } from '../../house';
import { mecStoreInput, mecStoreView } from '../../operations/sync/mec-schemas';
import { setRegistrySchema } from '../../registries/schemas';
import { Problem } from '../../problem';
import { body, json, restRoute, userOf, type RestApp } from './route';

const read = { role: 'developer', scope: 'read' } as const;
const admin = { role: 'admin', scope: 'admin' } as const;
const tags = ['EdgeGallery inventory'];
const bases = ['/inventory/v1', '/inventory/v1/tenants/{tenantId}'] as const;
const tenant = { tenantId: z.string().max(64).optional() };
const ofTenant = z.object(tenant);
const ofStore = z.object({ ...tenant, ip: z.string().max(300) });
const ofRepo = z.object({ ...tenant, endpoint: z.string().max(300) });
const store = mecStoreView.extend({}).openapi('MecAppStore');
const written = json(z.object({ response: z.string() }), 'What was done');

const repoInput = z.object({
  /** `host:port`. */
  repoEndPoint: z.string().trim().min(1).max(260),
  repoName: z.string().trim().max(128).default(''),
  repoUserName: z.string().trim().max(256).default(''),
  repoPassword: z.string().max(4096).default(''),
});
const repo = z
  .object({
    repoEndPoint: z.string(),
    repoName: z.string(),
    repoUserName: z.string(),
    repoPassword: z.literal(''),
  })
  .openapi('MecAppRepo');

function storeRoutesBelow(base: (typeof bases)[number]) {
  const all = `${base}/appstores` as const;
  const one = `${all}/{ip}` as const;
  return {
    list: restRoute(read, {
      method: 'get',
      path: all,
      tags,
      summary: 'Stores that packages are synced from',
      request: { params: ofTenant },
      responses: { 200: json(z.array(store), 'Stores') },
    }),
    get: restRoute(read, {
      method: 'get',
      path: one,
      tags,
      summary: 'A store, by its IP, or IP and port',
      request: { params: ofStore },
      responses: { 200: json(store, 'The store') },
    }),
    add: restRoute(admin, {
      method: 'post',
      path: all,
      tags,
      summary: 'Adds a store',
      request: { params: ofTenant, ...body(mecStoreInput) },
      responses: { 200: written },
    }),
    change: restRoute(admin, {
      method: 'put',
      path: one,
      tags,
      summary: 'Changes a store; without a password the stored one stays',
      request: { params: ofStore, ...body(mecStoreInput) },
      responses: { 200: written },
    }),
    remove: restRoute(admin, {
      method: 'delete',
      path: one,
      tags,
      summary: 'Forgets a store',
      request: { params: ofStore },
      responses: { 200: written },
    }),
  };
}

function repoRoutesBelow(base: (typeof bases)[number]) {
  const all = `${base}/apprepos` as const;
  const one = `${all}/{endpoint}` as const;
  return {
    list: restRoute(read, {
      method: 'get',
      path: all,
      tags,
      summary: 'Where operations keep images: one registry',
      request: { params: ofTenant },
      responses: { 200: json(z.array(repo), 'The registry') },
    }),
    get: restRoute(read, {
      method: 'get',
      path: one,
      tags,
      summary: 'The registry, by its host and port',
      request: { params: ofRepo },
      responses: { 200: json(repo, 'The registry') },
    }),
    add: restRoute(admin, {
      method: 'post',
      path: all,
      tags,
      summary: 'Sets the registry of operations; a job moves there what is in the present one',
      request: { params: ofTenant, ...body(repoInput) },
      responses: { 200: written },
    }),
    change: restRoute(admin, {
      method: 'put',
      path: one,
      tags,
      summary: 'Changes the registry of operations',
      request: { params: ofRepo, ...body(repoInput) },
      responses: { 200: written },
    }),
    remove: restRoute(admin, {
      method: 'delete',
      path: one,
      tags,
      summary: 'Back to the registry that comes with Edgeyard',
      request: { params: ofRepo },
      responses: { 200: written },
    }),
  };
}

/** Adds the paths of EdgeGallery's stores and registries. */
export function addEdgeGalleryStoreRoutes(app: RestApp, house: House): void {
  for (const base of bases) {
    addStores(app, house, base);
    addRepos(app, house, base);
  }
}

function addStores(app: RestApp, house: House, base: (typeof bases)[number]): void {
  const stores = () => house.operations.sync.mecStores;
  const routes = storeRoutesBelow(base);
  app.openapi(routes.list, (c) => c.json(stores().list(), 200));
  app.openapi(routes.get, (c) => c.json(stores().get(c.req.valid('param').ip), 200));
  app.openapi(routes.add, (c) => {
    stores().add(userOf(c), c.req.valid('json'));
    return c.json({ response: 'Saved' }, 200);
  });
  app.openapi(routes.change, (c) => {
    stores().change(userOf(c), c.req.valid('param').ip, c.req.valid('json'));
    return c.json({ response: 'Updated' }, 200);
  });
  app.openapi(routes.remove, (c) => {
    stores().remove(userOf(c), c.req.valid('param').ip);
    return c.json({ response: 'Deleted' }, 200);
  });
}

function addRepos(app: RestApp, house: House, base: (typeof bases)[number]): void {
  const routes = repoRoutesBelow(base);
  const present = async () => {
    const row = (await house.registries.adminList()).find(({ role }) => role === 'operations');
    if (row === undefined) throw new Problem('not_found', 'sync.errors.noRegistryThere');
    const { address, prefix, config } = row;
    return {
      repoEndPoint: address,
      repoName: prefix,
      repoUserName: config?.user ?? '',
      repoPassword: '' as const,
    };
  };
  const one = async (endpoint: string) => {
    const found = await present();
    const host = URL.canParse(`https://${endpoint}`) ? new URL(`https://${endpoint}`).host : endpoint;
    if (found.repoEndPoint !== endpoint && found.repoEndPoint !== host)
      throw new Problem('not_found', 'sync.errors.noRegistryThere');
    return found;
  };
  const set = async (actor: Parameters<House['registries']['set']>[0], input: z.infer<typeof repoInput>) => {
    const { repoEndPoint, repoName, repoUserName, repoPassword } = input;
    const url = /^https?:\/\//.test(repoEndPoint) ? repoEndPoint : `https://${repoEndPoint}`;
    const wanted = setRegistrySchema.safeParse({
      kind: 'external',
      config: { url, prefix: repoName, ...(repoUserName === '' ? {} : { user: repoUserName }) },
      ...(repoPassword === '' ? {} : { password: repoPassword }),
    });
    if (!wanted.success) throw new Problem('invalid', wanted.error.issues[0]?.message ?? 'problems.badInput');
    await house.registries.set(actor, 'operations', wanted.data);
  };
  app.openapi(routes.list, async (c) => c.json([await present()], 200));
  app.openapi(routes.get, async (c) => c.json(await one(c.req.valid('param').endpoint), 200));
  app.openapi(routes.add, async (c) => {
    await set(userOf(c), c.req.valid('json'));
    return c.json({ response: 'Saved' }, 200);
  });
  app.openapi(routes.change, async (c) => {
    await one(c.req.valid('param').endpoint);
    await set(userOf(c), c.req.valid('json'));
    return c.json({ response: 'Updated' }, 200);
  });
  app.openapi(routes.remove, async (c) => {
    await one(c.req.valid('param').endpoint);
    await house.registries.set(userOf(c), 'operations', { kind: 'bundled' });
    return c.json({ response: 'Deleted' }, 200);
  });
}
