import type { House } from '../../house';
import { overview, retryCause, retried } from '../../operations/overview/schemas';
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
    request: body(retryCause),
    responses: { 200: json(retried, 'Started again') },
  },
);

/** Adds `/api/v1/edges/overview…`; before the paths of single edges, which would take it for an edge's id. */
export function addOverviewRoutes(app: RestApp, { operations }: House): void {
  app.openapi(get, (c) => c.json(operations.overview.get(userOf(c)), 200));
  app.openapi(retry, (c) => c.json(operations.overview.retry(userOf(c), c.req.valid('json').id), 200));
}
