/**
 * Stores and registries of EdgeGallery's MECM inventory, with the tenant in the path, as its pages ask, and without.
 * An `apprepo` is where MECM keeps images: here the registry of the role operations, of which there is one.
 */
import { z } from '@hono/zod-openapi';
import { hasRole, type UserActor } from '../../access/actor';
import type { House } from '../../house';
import { mecStoreInput, mecStoreView } from '../../operations/sync/mec-schemas';
import { setRegistrySchema } from '../../registries/schemas';
import { Problem, problemFrom } from '../../problem';
import {
  inventoryBases,
  inventoryRoutes,
  ofEndpoint,
  ofIp,
  wrote,
  type InventoryBase,
} from './edgegallery-inventory';
import { userOf, type RestApp } from './route';

const store = mecStoreView.extend({}).openapi('MecAppStore');

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

function storeRoutesBelow(base: InventoryBase) {
  const all = `${base}/appstores` as const;
  return inventoryRoutes(
    { all, one: `${all}/{ip}` },
    { named: ofIp, row: store, input: mecStoreInput },
    {
      list: 'Stores that packages are synced from',
      rows: 'Stores',
      get: 'A store, by its IP, or IP and port',
      row: 'The store',
      add: 'Adds a store',
      change: 'Changes a store; without a password the stored one stays',
      remove: 'Forgets a store',
    },
  );
}

function repoRoutesBelow(base: InventoryBase) {
  const all = `${base}/apprepos` as const;
  return inventoryRoutes(
    { all, one: `${all}/{endpoint}` },
    { named: ofEndpoint, row: repo, input: repoInput },
    {
      list: 'Where operations keep images: one registry',
      rows: 'The registry',
      get: 'The registry, by its host and port',
      row: 'The registry',
      add: 'Sets the registry of operations; a job moves there what is in the present one',
      change: 'Changes the registry of operations',
      remove: 'Back to the registry that comes with Edgeyard',
    },
  );
}

/** Adds the paths of EdgeGallery's stores and registries. */
export function addEdgeGalleryStoreRoutes(app: RestApp, house: House): void {
  for (const base of inventoryBases) {
    addStores(app, house, base);
    addRepos(app, house, base);
  }
}

function addStores(app: RestApp, house: House, base: (typeof inventoryBases)[number]): void {
  const stores = () => house.operations.sync.mecStores;
  const routes = storeRoutesBelow(base);
  app.openapi(routes.list, (c) => c.json(stores().list(), 200));
  app.openapi(routes.get, (c) => c.json(stores().get(c.req.valid('param').ip), 200));
  app.openapi(routes.add, (c) => {
    stores().add(userOf(c), c.req.valid('json'));
    return wrote(c, 'Saved');
  });
  app.openapi(routes.change, (c) => {
    stores().change(userOf(c), c.req.valid('param').ip, c.req.valid('json'));
    return wrote(c, 'Updated');
  });
  app.openapi(routes.remove, (c) => {
    stores().remove(userOf(c), c.req.valid('param').ip);
    return wrote(c, 'Deleted');
  });
}

function addRepos(app: RestApp, house: House, base: (typeof inventoryBases)[number]): void {
  const routes = repoRoutesBelow(base);
  const present = async (reader: UserActor) => {
    const row = house.registries.list().find(({ role }) => role === 'operations');
    if (row === undefined) throw new Problem('not_found', 'sync.errors.noRegistryThere');
    return {
      repoEndPoint: row.address,
      repoName: row.prefix,
      repoUserName: await userNameFor(reader),
      repoPassword: '' as const,
    };
  };
  /** Whom the registry lets in is a setting, and settings are for administrators. */
  const userNameFor = async (reader: UserActor) => {
    if (!hasRole(reader, 'admin')) return '';
    const settings = await house.registries.adminList();
    return settings.find(({ role }) => role === 'operations')?.config?.user ?? '';
  };
  const one = async (reader: UserActor, endpoint: string) => {
    const found = await present(reader);
    const host = URL.canParse(`https://${endpoint}`) ? new URL(`https://${endpoint}`).host : endpoint;
    if (found.repoEndPoint !== endpoint && found.repoEndPoint !== host)
      throw new Problem('not_found', 'sync.errors.noRegistryThere');
    return found;
  };
  const set = async (actor: UserActor, input: z.infer<typeof repoInput>) => {
    const { repoEndPoint, repoName, repoUserName, repoPassword } = input;
    const url = /^https?:\/\//.test(repoEndPoint) ? repoEndPoint : `https://${repoEndPoint}`;
    const wanted = setRegistrySchema.safeParse({
      kind: 'external',
      config: { url, prefix: repoName, ...(repoUserName === '' ? {} : { user: repoUserName }) },
      ...(repoPassword === '' ? {} : { password: repoPassword }),
    });
    if (!wanted.success)
      throw problemFrom({
        code: 'invalid',
        key: wanted.error.issues[0]?.message ?? 'problems.badInput',
        params: {},
      });
    await house.registries.set(actor, 'operations', wanted.data);
  };
  app.openapi(routes.list, async (c) => c.json([await present(userOf(c))], 200));
  app.openapi(routes.get, async (c) => c.json(await one(userOf(c), c.req.valid('param').endpoint), 200));
  app.openapi(routes.add, async (c) => {
    await set(userOf(c), c.req.valid('json'));
    return wrote(c, 'Saved');
  });
  app.openapi(routes.change, async (c) => {
    await one(userOf(c), c.req.valid('param').endpoint);
    await set(userOf(c), c.req.valid('json'));
    return wrote(c, 'Updated');
  });
  app.openapi(routes.remove, async (c) => {
    await one(userOf(c), c.req.valid('param').endpoint);
    await house.registries.set(userOf(c), 'operations', { kind: 'bundled' });
    return wrote(c, 'Deleted');
  });
}
