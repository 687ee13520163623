import { z } from '@hono/zod-openapi';
import type { House } from '../../house';
import {
  appDetail,
  appRelease,
  searchResult,
  shelf,
  shelfPage,
  storeRegistry,
  storeSearch,
} from '../../store/schemas';
import { Problem } from '../../problem';
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

const listReleases = restRoute(open, {
  method: 'get',
  path: '/api/v1/store/releases',
  tags,
  summary: 'All releases on the shelves, newest first',
  description: 'What an operations centre reads to know what it could sync.',
  request: { query: shelfPage },
  responses: { 200: json(shelf, 'A page of them, and how many there are in all') },
});

const getRegistry = restRoute(
  { role: 'developer', scope: 'read' },
  {
    method: 'get',
    path: '/api/v1/store/registry',
    tags,
    summary: 'Where the store keeps the images of releases',
    description:
      'Whoever is let in there pulls them: an operator’s API token, or a login for machines of the role store.',
    responses: { 200: json(storeRegistry, 'The registry') },
  },
);

const getRelease = restRoute(open, {
  method: 'get',
  path: '/api/v1/store/releases/{id}',
  tags,
  summary: 'A release with its files',
  description:
    'The package itself is at `/api/v1/store/releases/{id}/content` (Range, ETag, Repr-Digest). A disk image that the ' +
    'store holds is at `/api/v1/store/releases/{id}/images/{number}/content` as a qcow2 file, numbered from 0 as ' +
    '`locations` are (Range, ETag; Repr-Digest once somebody has had all of it).',
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

  app.openapi(listReleases, (c) => c.json(house.store.shelf(c.req.valid('query')), 200));

  app.openapi(getRegistry, (c) => {
    const registry = house.registries.list().find(({ role }) => role === 'store');
    if (registry === undefined || registry.address === '')
      throw new Problem('unavailable', 'store.errors.noRegistry');
    const { encrypted, address, prefix } = registry;
    return c.json({ url: `${encrypted ? 'https' : 'http'}://${address}`, prefix }, 200);
  });

  app.openapi(getRelease, (c) => c.json(house.store.release(c.req.valid('param').id), 200));

  app.openapi(unpublish, (c) => {
    house.store.unpublish(userOf(c), c.req.valid('param').id);
    return c.body(null, 204);
  });
}
