import { z } from '@hono/zod-openapi';
import type { House } from '../../house';
import {
  buildInput,
  filePreview,
  packageDetail,
  packageFilter,
  packageSummary,
} from '../../packages/schemas';
import { publishInput } from '../../store/schemas';
import { accepted, acceptedJob, body, json, restRoute, userOf, type RestApp } from './route';

const read = { role: 'developer', scope: 'read' } as const;
const write = { role: 'developer', scope: 'write' } as const;
const id = z.object({ id: z.string().max(64) });
const tags = ['Packages'];

const listPackages = restRoute(read, {
  method: 'get',
  path: '/api/v1/packages',
  tags,
  summary: 'Packages you may see, newest first',
  request: { query: packageFilter },
  responses: { 200: json(z.object({ packages: z.array(packageSummary) }), 'Packages') },
});

const buildPackage = restRoute(write, {
  method: 'post',
  path: '/api/v1/projects/{id}/packages',
  tags,
  summary: 'Builds a package of a project',
  request: { params: id, ...body(buildInput) },
  responses: acceptedJob,
});

const getPackage = restRoute(read, {
  method: 'get',
  path: '/api/v1/packages/{id}',
  tags,
  summary: 'A package, what the lint says of it, and whether its hashes match',
  description: 'The archive itself is at /api/v1/packages/{id}/content (Range, ETag, Repr-Digest).',
  request: { params: id },
  responses: { 200: json(packageDetail.omit({ files: true }), 'The package') },
});

const listFiles = restRoute(read, {
  method: 'get',
  path: '/api/v1/packages/{id}/files',
  tags,
  summary: 'Files of a package with their hashes',
  request: { params: id },
  responses: { 200: json(packageDetail.pick({ files: true }), 'Files') },
});

const previewFile = restRoute(read, {
  method: 'get',
  path: '/api/v1/packages/{id}/preview',
  tags,
  summary: 'The beginning of one file of a package',
  request: { params: id, query: z.object({ path: z.string().max(2000) }) },
  responses: { 200: json(filePreview, 'Text, picture, or bytes in hex') },
});

const publishPackage = restRoute(write, {
  method: 'post',
  path: '/api/v1/packages/{id}/publish',
  tags,
  summary: 'Publishes a package to the store',
  description:
    'The same content again is done at once and says so; the same version with other content is refused.',
  request: { params: id, ...body(publishInput) },
  responses: acceptedJob,
});

const removePackage = restRoute(write, {
  method: 'delete',
  path: '/api/v1/packages/{id}',
  tags,
  summary: 'Removes a package; what is published stays in the store',
  request: { params: id },
  responses: { 204: { description: 'Gone' } },
});

/** Adds the routes of packages. */
export function addPackageRoutes(app: RestApp, house: House): void {
  app.openapi(listPackages, (c) =>
    c.json({ packages: house.packages.list(c.get('actor'), c.req.valid('query')) }, 200),
  );

  app.openapi(buildPackage, async (c) => {
    const key = c.req.header('idempotency-key');
    const { id: projectId } = c.req.valid('param');
    return accepted(c, await house.packages.build(userOf(c), projectId, c.req.valid('json'), key));
  });

  app.openapi(getPackage, (c) => {
    const { files: _files, ...detail } = house.packages.get(c.get('actor'), c.req.valid('param').id);
    return c.json(detail, 200);
  });

  app.openapi(listFiles, (c) => {
    const { files } = house.packages.get(c.get('actor'), c.req.valid('param').id);
    return c.json({ files }, 200);
  });

  app.openapi(previewFile, async (c) => {
    const { path } = c.req.valid('query');
    return c.json(await house.packages.preview(c.get('actor'), c.req.valid('param').id, path), 200);
  });

  app.openapi(publishPackage, async (c) => {
    const key = c.req.header('idempotency-key');
    return accepted(
      c,
      await house.store.publish(userOf(c), c.req.valid('param').id, c.req.valid('json'), key),
    );
  });

  app.openapi(removePackage, async (c) => {
    await house.packages.remove(userOf(c), c.req.valid('param').id);
    return c.body(null, 204);
  });
}
