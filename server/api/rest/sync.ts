import { z } from '@hono/zod-openapi';
import type { House } from '../../house';
import {
  createStore,
  releaseList,
  releasePage,
  startSync,
  storeView,
  syncedRelease,
  updateStore,
} from '../../operations/sync/schemas';
import { accepted, acceptedJob, body, jobSchema, json, restRoute, userOf, type RestApp } from './route';

const read = { role: 'developer', scope: 'read' } as const;
const write = { role: 'operator', scope: 'write' } as const;
const admin = { role: 'admin', scope: 'admin' } as const;
const tags = ['Sync'];
const params = z.object({ id: z.string().max(64) });
const store = storeView.extend({}).openapi('SyncStore');
const release = syncedRelease.extend({}).openapi('SyncedRelease');

const listStores = restRoute(read, {
  method: 'get',
  path: '/api/v1/stores',
  tags,
  summary: 'Stores that releases are synced from, and what is new there',
  responses: { 200: json(z.object({ stores: z.array(store) }), 'The own one first') },
});

const addStore = restRoute(admin, {
  method: 'post',
  path: '/api/v1/stores',
  tags,
  summary: 'Add a store: another Edgeyard, or an EdgeGallery AppStore; its catalogue is read at once',
  description: 'Token and password are write-only.',
  request: body(createStore),
  responses: { 201: json(store, 'The store') },
});

const changeStore = restRoute(admin, {
  method: 'patch',
  path: '/api/v1/stores/{id}',
  tags,
  summary: 'Change a store; what is absent stays, null takes it away',
  description:
    'A stored token or password stays only as long as it goes to the same address; an empty one removes it. The own ' +
    'store takes `rules` and `everyMinutes` alone.',
  request: { params, ...body(updateStore) },
  responses: { 200: json(store, 'The store') },
});

const removeStore = restRoute(admin, {
  method: 'delete',
  path: '/api/v1/stores/{id}',
  tags,
  summary: 'Forget a store; what was synced from it stays',
  request: { params },
  responses: { 204: { description: 'Forgotten' } },
});

const refresh = restRoute(write, {
  method: 'post',
  path: '/api/v1/stores/{id}/refresh',
  tags,
  summary: 'Read a store’s catalogue now, and sync what its rules ask for',
  request: { params },
  responses: acceptedJob,
});

const listReleases = restRoute(read, {
  method: 'get',
  path: '/api/v1/releases',
  tags,
  summary: 'Releases of all stores, synced or not, newest first',
  request: { query: releasePage },
  responses: {
    200: json(releaseList.extend({ releases: z.array(release) }), 'A page of them, and how many fit in all'),
  },
});

const getRelease = restRoute(read, {
  method: 'get',
  path: '/api/v1/releases/{id}',
  tags,
  summary: 'A release, and where its images lie in the operations registry',
  request: { params },
  responses: { 200: json(release, 'The release') },
});

const removeRelease = restRoute(write, {
  method: 'delete',
  path: '/api/v1/releases/{id}',
  tags,
  summary: 'Drop what is synced of a release, here and from the registry; refused while an edge has it',
  request: { params },
  responses: { 204: { description: 'Dropped' } },
});

const start = restRoute(write, {
  method: 'post',
  path: '/api/v1/sync',
  tags,
  summary: 'Sync releases, a job for each; one that is being synced keeps its job',
  description:
    'What is in sync and unchanged is done at once, with the proof in the job’s log. The result of each job tells ' +
    '`unchanged`, `bytesMoved`, `bytesKept` and `ms`.',
  request: body(startSync),
  responses: { 202: json(z.object({ jobs: z.array(jobSchema) }), 'The jobs, in the order of the releases') },
});

/** Adds the routes of stores, their releases and sync. */
export function addSyncRoutes(app: RestApp, house: House): void {
  const sync = () => house.operations.sync;
  app.openapi(listStores, (c) => c.json({ stores: sync().stores.list() }, 200));
  app.openapi(addStore, (c) => c.json(sync().stores.create(userOf(c), c.req.valid('json')), 201));
  app.openapi(changeStore, (c) =>
    c.json(sync().stores.update(userOf(c), c.req.valid('param').id, c.req.valid('json')), 200),
  );
  app.openapi(removeStore, (c) => {
    sync().stores.remove(userOf(c), c.req.valid('param').id);
    return c.body(null, 204);
  });
  app.openapi(refresh, (c) => accepted(c, sync().stores.refresh(userOf(c), c.req.valid('param').id)));
  app.openapi(listReleases, (c) => c.json(sync().page(c.req.valid('query')), 200));
  app.openapi(getRelease, (c) => c.json(sync().release(c.req.valid('param').id), 200));
  app.openapi(removeRelease, async (c) => {
    await sync().remove(userOf(c), c.req.valid('param').id);
    return c.body(null, 204);
  });
  app.openapi(start, (c) => c.json({ jobs: sync().start(userOf(c), c.req.valid('json')) }, 202));
}
