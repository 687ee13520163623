import { z } from '@hono/zod-openapi';
import type { House } from '../../house';
import { folderListing, guestPath, sha256, toolStates, uploadView } from '../../workbench/guest/schemas';
import { uploadViewOf } from '../../workbench/guest/upload-view';
import { accepted, acceptedJob, body, json, restRoute, userOf, type RestApp } from './route';

const read = { role: 'developer', scope: 'read' } as const;
const write = { role: 'developer', scope: 'write' } as const;
const tags = ['Files in VMs'];
const params = z.object({ id: z.string() });
const ofUpload = params.extend({ uploadId: z.string() });
const atPath = z.object({
  path: guestPath
    .default('')
    .openapi({ description: 'Absolute, or relative to the home of the login; empty: the home' }),
});
const noContent = { 204: { description: 'Done' } };

const list = restRoute(read, {
  method: 'get',
  path: '/api/v1/vms/{id}/files',
  tags,
  summary: 'What a folder of the guest holds',
  description:
    'The bytes of a file are at `/api/v1/vms/{id}/files/content?path=…`, with Range. Files are sent by resumable ' +
    'upload (tus 1.0) to `/api/v1/vms/{id}/files/uploads`, straight into the guest, with the metadata `filename` (a ' +
    'relative path makes its folders), `directory`, `checksum` (SHA-256 in hex), `onConflict` (`refuse`, `replace`).',
  request: { params, query: atPath },
  responses: { 200: json(folderListing, 'The folder') },
});

const remove = restRoute(write, {
  method: 'delete',
  path: '/api/v1/vms/{id}/files',
  tags,
  summary: 'Delete a file, or a folder with all in it',
  request: { params, query: z.object({ path: guestPath.min(1) }) },
  responses: noContent,
});

const makeFolder = restRoute(write, {
  method: 'post',
  path: '/api/v1/vms/{id}/files/folders',
  tags,
  summary: 'Make a folder',
  request: { params, ...body(z.object({ path: guestPath.min(1) })) },
  responses: { 201: json(z.object({ path: z.string() }), 'The folder') },
});

const uploads = restRoute(read, {
  method: 'get',
  path: '/api/v1/vms/{id}/files/uploads',
  tags,
  summary: 'Uploads into the guest: unfinished ones, and those of the last day with their digests',
  request: { params },
  responses: { 200: json(z.object({ uploads: z.array(uploadView) }), 'Newest first') },
});

const confirm = restRoute(write, {
  method: 'post',
  path: '/api/v1/vms/{id}/files/uploads/{uploadId}/digest',
  tags,
  summary: 'Give the digest of a complete upload that was begun with the metadata `confirm: later`',
  request: { params: ofUpload, ...body(z.object({ sha256 })) },
  responses: { 200: json(uploadView, 'The upload; it is verified in the guest now') },
});

const toolView = z.object({
  toolId: z.string(),
  nameEn: z.string(),
  nameZh: z.string(),
  version: z.string(),
  installedVersion: z.string().optional(),
  state: z.enum([...toolStates, 'available', 'cancelled']),
  jobId: z.string().optional(),
});

const tools = restRoute(read, {
  method: 'get',
  path: '/api/v1/vms/{id}/tools',
  tags: ['Tools in VMs'],
  summary: 'The tools that can be installed, and how each stands in the VM',
  request: { params },
  responses: { 200: json(z.object({ tools: z.array(toolView) }), 'By name') },
});

const install = restRoute(write, {
  method: 'post',
  path: '/api/v1/vms/{id}/tools/{toolId}',
  tags: ['Tools in VMs'],
  summary: 'Install a tool',
  request: { params: params.extend({ toolId: z.string() }) },
  responses: acceptedJob,
});

/** Adds `/api/v1/vms/{id}/files…` and `/api/v1/vms/{id}/tools…`. */
export function addFileRoutes(app: RestApp, { guest }: House): void {
  app.openapi(list, async (c) => {
    const { path } = c.req.valid('query');
    const { id } = c.req.valid('param');
    return c.json(await guest.files.list(userOf(c), id, path, c.req.raw.signal), 200);
  });
  app.openapi(remove, async (c) => {
    const { path } = c.req.valid('query');
    await guest.files.remove(userOf(c), c.req.valid('param').id, path, c.req.raw.signal);
    return c.body(null, 204);
  });
  app.openapi(makeFolder, async (c) => {
    const { path } = c.req.valid('json');
    const { id } = c.req.valid('param');
    return c.json(await guest.files.makeFolder(userOf(c), id, path, c.req.raw.signal), 201);
  });
  app.openapi(uploads, (c) =>
    c.json({ uploads: guest.uploads.list(userOf(c), c.req.valid('param').id).map(uploadViewOf) }, 200),
  );
  app.openapi(confirm, (c) => {
    const { id, uploadId } = c.req.valid('param');
    const { sha256: digest } = c.req.valid('json');
    return c.json(uploadViewOf(guest.uploads.confirm(userOf(c), id, uploadId, digest)), 200);
  });
  app.openapi(tools, (c) => {
    const views = guest.tools.list(userOf(c), c.req.valid('param').id);
    return c.json({ tools: views.map((view) => toolView.parse(view)) }, 200);
  });
  app.openapi(install, (c) => {
    const { id, toolId } = c.req.valid('param');
    return accepted(c, guest.tools.install(userOf(c), id, toolId));
  });
}
