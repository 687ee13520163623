import type { House } from '../../house';
import { chosenCause, dismissed, overview, retried } from '../../operations/overview/schemas';
import { body, json, restRoute, userOf, type RestApp } from './route';

const tags = ['Edges'];

const get = restRoute(
  { role: 'developer', scope: 'read' },
  {
    method: 'get',
    path: '/api/v1/edges/overview',
    tags,
    summary: 'How edges, releases and what runs stand together, with failures by cause',
    responses: { 200: json(overview.extend({}).openapi('OperationsOverview'), 'How things stand now') },
  },
);

const retry = restRoute(
  { role: 'operator', scope: 'write' },
  {
    method: 'post',
    path: '/api/v1/edges/overview/retry',
    tags,
    summary: 'Try again everything that failed for one cause',
    request: body(chosenCause),
    responses: { 200: json(retried, 'Started again') },
  },
);

const dismiss = restRoute(
  { role: 'operator', scope: 'write' },
  {
    method: 'post',
    path: '/api/v1/edges/overview/dismiss',
    tags,
    summary: 'Set what could not be brought to edges for one cause aside',
    description:
      'It is not told any more until it fails again. An edge that is unwell and a release that could not be synced ' +
      'stay until they are mended (409).',
    request: body(chosenCause),
    responses: { 200: json(dismissed, 'Set aside') },
  },
);

/** Adds `/api/v1/edges/overview…`; before the paths of single edges, which would take it for an edge's id. */
export function addOverviewRoutes(app: RestApp, { operations }: House): void {
  app.openapi(get, (c) => c.json(operations.overview.get(userOf(c)), 200));
  app.openapi(retry, (c) => c.json(operations.overview.retry(userOf(c), c.req.valid('json').id), 200));
  app.openapi(dismiss, (c) => c.json(operations.overview.dismiss(userOf(c), c.req.valid('json').id), 200));
}
