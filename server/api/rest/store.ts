import { z } from '@hono/zod-openapi';
import type { House } from '../../house';
import { appDetail, appRelease, searchResult, storeSearch } from '../../store/schemas';
import { json, restRoute, userOf, type RestApp } from './route';

const open = { role: 'guest', scope: 'read' } as const;
const id = z.object({ id: z.string().max(64) });
const tags = ['Store'];

const searchApps = restRoute(open, {
  method: 'get',
  path: '/api/v1/store/apps',
  tags,
  summary: 'Searches the store',
  description: 'Words are found by their beginnings. `facets` counts the apps for each choice of a filter.',
  request: { query: storeSearch },
  responses: { 200: json(searchResult, 'Apps') },
});

const getApp = restRoute(open, {
  method: 'get',
  path: '/api/v1/store/apps/{id}',
  tags,
  summary: 'An app with its releases; 410 once nothing of it is published any more',
  request: { params: id },
  responses: { 200: json(appDetail, 'The app') },
});

const getRelease = restRoute(open, {
  method: 'get',
  path: '/api/v1/store/releases/{id}',
  tags,
  summary: 'A release with its files',
  description: 'The package itself is at /api/v1/store/releases/{id}/content (Range, ETag, Repr-Digest).',
  request: { params: id },
  responses: { 200: json(appRelease, 'The release') },
});

const unpublish = restRoute(
  { role: 'developer', scope: 'write' },
  {
    method: 'delete',
    path: '/api/v1/store/releases/{id}',
    tags,
    summary: 'Takes a release off the shelf',
    request: { params: id },
    responses: { 204: { description: 'No longer published' } },
  },
);

/** Adds the routes of the store. */
export function addStoreRoutes(app: RestApp, house: House): void {
  app.openapi(searchApps, (c) => c.json(house.store.search(c.req.valid('query')), 200));

  app.openapi(getApp, (c) => c.json(house.store.app(c.get('actor'), c.req.valid('param').id), 200));

  app.openapi(getRelease, (c) => c.json(house.store.release(c.req.valid('param').id), 200));

  app.openapi(unpublish, (c) => {
    house.store.unpublish(userOf(c), c.req.valid('param').id);
    return c.body(null, 204);
  });
}
