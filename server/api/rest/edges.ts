import { z } from '@hono/zod-openapi';
import type { House } from '../../house';
import { edgeView, importEdges, importedEdge, updateEdge } from '../../operations/edges/schemas';
import { body, json, restRoute, userOf, type RestApp } from './route';

const read = { role: 'developer', scope: 'read' } as const;
const write = { role: 'operator', scope: 'write' } as const;
const admin = { role: 'admin', scope: 'admin' } as const;
const tags = ['Edges'];
const params = z.object({ id: z.string().max(64) });
const edge = edgeView.extend({}).openapi('Edge');
const imported = json(z.object({ edges: z.array(importedEdge) }), 'One for each entry, in their order');

const listEdges = restRoute(read, {
  method: 'get',
  path: '/api/v1/edges',
  tags,
  summary: 'Edges, with how each is and what it has',
  request: {
    query: z.object({
      label: z
        .union([z.string(), z.array(z.string())])
        .optional()
        .openapi({ description: 'Only those with this label, `key=value` or `key`; several must all fit' }),
    }),
  },
  responses: { 200: json(z.object({ edges: z.array(edge) }), 'By name') },
});

const getEdge = restRoute(read, {
  method: 'get',
  path: '/api/v1/edges/{id}',
  tags,
  summary: 'An edge',
  request: { params },
  responses: { 200: json(edge, 'The edge') },
});

const updateOne = restRoute(write, {
  method: 'patch',
  path: '/api/v1/edges/{id}',
  tags,
  summary: 'Change labels, place or registry of an edge; what is absent stays, null takes it away',
  description:
    'The registry is set by administrators. Its stored passwords stay where address and user are the same, and never ' +
    'come back. The site behind the edge is changed at `/api/v1/sites/{id}`.',
  request: { params, ...body(updateEdge) },
  responses: { 200: json(edge, 'The edge') },
});

const checkEdge = restRoute(write, {
  method: 'post',
  path: '/api/v1/edges/{id}/check',
  tags,
  summary: 'Look at an edge now; the answer comes once it has answered, or time is up',
  request: { params },
  responses: { 200: json(edge, 'The edge as it is now') },
});

const importText =
  'YAML: a list, or a list under `edges`, of `{name, kind, config, secret, login, enabled, labels, place, registry}`; ' +
  '`config` and `secret` are those of `POST /api/v1/sites`, `login` is a kubeconfig, clouds.yaml or openrc in place of ' +
  'both. CSV: a column for each field, by its path (`config.server`) or by the short names server, endpoint, authUrl, ' +
  'userName, projectName, ca, token, password, address, latitude, longitude, registry; labels as `a=b;c=d`. An edge of ' +
  'the same name is changed. Secrets never come back.';

const previewImport = restRoute(admin, {
  method: 'post',
  path: '/api/v1/edges/import/preview',
  tags,
  summary: 'What an import would do; changes nothing',
  description: importText,
  request: body(importEdges),
  responses: { 200: imported },
});

const runImport = restRoute(admin, {
  method: 'post',
  path: '/api/v1/edges/import',
  tags,
  summary: 'Make or change many edges; what is refused stops no other',
  description: importText,
  request: body(importEdges),
  responses: { 200: imported },
});

/** Adds the routes of edges. */
export function addEdgeRoutes(app: RestApp, house: House): void {
  const edges = () => house.operations.edges;
  app.openapi(listEdges, (c) => {
    const { label = [] } = c.req.valid('query');
    const wanted = [label].flat().map((text) => text.split('='));
    const found = edges()
      .list()
      .filter(({ labels }) =>
        wanted.every(([key = '', ...value]) =>
          value.length === 0 ? Object.hasOwn(labels, key) : labels[key] === value.join('='),
        ),
      );
    return c.json({ edges: found }, 200);
  });
  app.openapi(previewImport, (c) => c.json({ edges: edges().previewImport(c.req.valid('json')) }, 200));
  app.openapi(runImport, (c) => c.json({ edges: edges().import(userOf(c), c.req.valid('json')) }, 200));
  app.openapi(getEdge, (c) => c.json(edges().get(c.req.valid('param').id), 200));
  app.openapi(updateOne, (c) =>
    c.json(edges().update(userOf(c), c.req.valid('param').id, c.req.valid('json')), 200),
  );
  app.openapi(checkEdge, async (c) =>
    c.json(await edges().check(c.req.valid('param').id, c.req.raw.signal), 200),
  );
}
