/**
 * The paths of EdgeGallery's application package manager (MECM apm) that sync packages from stores. They call the same
 * room as our own paths and hold no rule of their own.
 */
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { House } from '../../house';
import {
  mecCatalogueEntry,
  mecSyncAnswer,
  mecSyncInput,
  mecSyncStatus,
} from '../../operations/sync/mec-schemas';
import type { ProblemReport } from '../../problem';
import { problemWords } from './problem';
import { body, json, restRoute, userOf, type RestApp, type RestEnv } from './route';

const read = { role: 'developer', scope: 'read' } as const;
const write = { role: 'operator', scope: 'write' } as const;
const tags = ['EdgeGallery apm'];
const base = '/apm/v1/apps';
const status = mecSyncStatus.extend({}).openapi('MecSyncStatus');

const start = restRoute(write, {
  method: 'post',
  path: `${base}/sync`,
  tags,
  summary: 'Syncs packages of stores; each is accepted, or the answer says why not',
  request: body(mecSyncInput),
  responses: { 202: json(mecSyncAnswer, 'What became of each, in their order') },
});

const listStates = restRoute(read, {
  method: 'get',
  path: `${base}/syncstatus`,
  tags,
  summary: 'How all packages of all stores stand',
  responses: { 200: json(z.array(status), 'Packages') },
});

const getState = restRoute(read, {
  method: 'get',
  path: `${base}/{appId}/packages/{packageId}/syncstatus`,
  tags,
  summary: 'How a package stands',
  request: { params: z.object({ appId: z.string().max(200), packageId: z.string().max(200) }) },
  responses: { 200: json(status, 'The package') },
});

const catalogue = restRoute(read, {
  method: 'get',
  path: `${base}/info/appstores/{appstoreIp}`,
  tags,
  summary: 'What a store has, as it was last read',
  request: { params: z.object({ appstoreIp: z.string().max(300) }) },
  responses: { 200: json(z.array(mecCatalogueEntry), 'Packages') },
});

/** Adds the paths of apm that sync. */
export function addEdgeGallerySyncRoutes(app: RestApp, house: House): void {
  const mec = () => house.operations.sync.mecStores;
  app.openapi(start, (c) => {
    const say = sayTo(c);
    const answers = mec().sync(userOf(c), c.req.valid('json'));
    return c.json(
      answers.map(({ problem, ...each }) => ({ ...each, status: problem ? say(problem) : 'accepted' })),
      202,
    );
  });
  app.openapi(listStates, (c) => c.json(mec().states(sayTo(c)), 200));
  app.openapi(getState, (c) => {
    const { appId, packageId } = c.req.valid('param');
    return c.json(mec().state(appId, packageId, sayTo(c)), 200);
  });
  app.openapi(catalogue, async (c) =>
    c.json(await mec().catalogue(c.req.valid('param').appstoreIp, c.req.raw.signal), 200),
  );
}

/** Problems in the words of who asks. */
const sayTo = (c: Context<RestEnv>) => (problem: ProblemReport) =>
  problemWords(problem, c.req.header('accept-language'));
