/**
 * EdgeGallery's paths for container images: of its Developer's interface v1 the upload, of v2 all of them. They call
 * the containers room and hold no rule of their own.
 */
import { Readable } from 'node:stream';
import { z } from '@hono/zod-openapi';
import type { Actor } from '../../access/actor';
import type { House } from '../../house';
import { Problem } from '../../problem';
import { takeChunk } from './edgegallery-chunks';
import { egImage, egImageOf, egImagePage, egImageQuery, listImages } from './edgegallery-image-views';
import { body, json, restRoute, userOf, type RestApp } from './route';

const v1 = '/mec/developer/v1/image';
const v2 = '/mec/developer/v2/containerimages';
const tags = ['EdgeGallery container images'];
const read = { role: 'developer', scope: 'read' } as const;
const write = { role: 'developer', scope: 'write' } as const;
const params = z.object({ imageId: z.string().min(1).max(100) });
const said = (description: string) => ({
  200: { description, content: { 'text/plain': { schema: z.string() } } },
});

const chunkText =
  'multipart/form-data: chunkNumber, chunkSize, currentChunkSize, totalSize, totalChunks, identifier, filename, ' +
  'relativePath, and the chunk as `file`, after them. Chunks may come several at once; they are read in their order, so ' +
  'one that is early is answered after those before it. The images go to the project in `projectId`; without it to your ' +
  'own container project that is called as the file, which is made when it is not there. What the registry has already ' +
  'is not stored again.';
const chunkQuery = z.object({ projectId: z.string().max(64).optional() });
const merged = z.object({ fileName: z.string().min(1).max(255), guid: z.string().min(1).max(300) });
const mergeText = 'Waits until the images are stored; answers at once when they are.';

const uploadV1 = restRoute(write, {
  method: 'post',
  path: `${v1}/upload`,
  tags,
  summary: 'Takes a chunk of an archive of container images',
  description: chunkText,
  request: { query: chunkQuery },
  responses: said('The chunk was taken'),
});

const mergeV1 = restRoute(write, {
  method: 'get',
  path: `${v1}/merge`,
  tags,
  summary: 'Ends an upload in chunks',
  description: `${mergeText} \`guid\` is the chunks’ identifier.`,
  request: { query: merged },
  responses: said('The images are stored'),
});

const listAll = restRoute(read, {
  method: 'post',
  path: `${v2}/action/get-all-images`,
  tags,
  summary: 'Container images of all projects you may see',
  description: 'The token tells who asks: userId in the body is not looked at.',
  request: body(egImageQuery),
  responses: { 200: json(egImagePage, 'A page of them') },
});

const synchronize = restRoute(read, {
  method: 'get',
  path: `${v2}/action/synchronize`,
  tags,
  summary: 'Nothing is to be done: the list and the registry are one',
  responses: { 200: json(z.literal(true), 'They are the same') },
});

const uploadV2 = restRoute(write, {
  method: 'post',
  path: `${v2}/{imageId}/action/upload`,
  tags,
  summary: 'Takes a chunk of an archive of container images',
  description: `${chunkText} \`imageId\` is chosen by the sender, for this upload.`,
  request: { params, query: chunkQuery },
  responses: said('The chunk was taken'),
});

const cancelV2 = restRoute(write, {
  method: 'delete',
  path: `${v2}/{imageId}/action/upload`,
  tags,
  summary: 'Forgets an upload in chunks',
  request: { params },
  responses: { 200: json(z.literal(true), 'It is forgotten') },
});

const mergeV2 = restRoute(write, {
  method: 'get',
  path: `${v2}/{imageId}/action/merge`,
  tags,
  summary: 'Ends an upload in chunks',
  description: mergeText,
  request: { params, query: merged },
  responses: { 200: json(egImage, 'The first image of the archive') },
});

const download = restRoute(read, {
  method: 'get',
  path: `${v2}/{imageId}/action/download`,
  tags,
  summary: 'The image as a tar that docker load takes',
  request: { params },
  responses: { 200: { description: 'A tar', content: { 'application/x-tar': { schema: z.any() } } } },
});

const change = restRoute(write, {
  method: 'put',
  path: `${v2}/{imageId}`,
  tags,
  summary: 'Gives an image another name or version',
  description: 'The image under its new name has a new imageId.',
  request: { params, ...body(egImage.partial()) },
  responses: { 200: json(egImage, 'The image') },
});

const remove = restRoute(write, {
  method: 'delete',
  path: `${v2}/{imageId}`,
  tags,
  summary: 'Removes an image; refused while something uses it',
  request: { params },
  responses: { 200: json(z.literal(true), 'It is gone') },
});

/** Adds EdgeGallery's paths of container images. */
export function addEdgeGalleryImageRoutes(app: RestApp, house: House): void {
  addUploads(app, house);
  addImages(app, house);
}

function addUploads(app: RestApp, house: House): void {
  const chunks = () => house.containers.chunks;
  app.openapi(uploadV1, async (c) => {
    await takeChunk(house, userOf(c), c.req.raw, c.req.valid('query'));
    return c.text('Upload Success', 200);
  });
  app.openapi(mergeV1, async (c) => {
    const { guid, fileName } = c.req.valid('query');
    await chunks().merge(userOf(c), { key: guid, fileName }, c.req.raw.signal);
    return c.text('Merge Success', 200);
  });
  app.openapi(uploadV2, async (c) => {
    const { imageId: uploadId } = c.req.valid('param');
    await takeChunk(house, userOf(c), c.req.raw, { uploadId, ...c.req.valid('query') });
    return c.text('Upload Success', 200);
  });
  app.openapi(cancelV2, (c) => {
    chunks().discard(userOf(c), c.req.valid('param').imageId);
    return c.json(true as const, 200);
  });
  app.openapi(mergeV2, async (c) => {
    const upload = { key: c.req.valid('param').imageId, fileName: c.req.valid('query').fileName };
    const { imageIds } = await chunks().merge(userOf(c), upload, c.req.raw.signal);
    const image = await house.containers.get(userOf(c), imageIds[0] ?? '', c.req.raw.signal);
    return c.json(egImageOf(house, image), 200);
  });
}

/** The id of an image, or the one its sender chose for the upload it came by. */
function imageIdOf(house: House, actor: Actor, id: string): string {
  if (actor.userId === undefined || id.startsWith('ctr_')) return id;
  return house.containers.chunks.imageOf({ ...actor, userId: actor.userId }, id) ?? id;
}

function addImages(app: RestApp, house: House): void {
  const room = () => house.containers;
  app.openapi(listAll, (c) => c.json(listImages(house, c.get('actor'), c.req.valid('json')), 200));
  app.openapi(synchronize, (c) => c.json(true as const, 200));
  app.openapi(download, async (c) => {
    const id = imageIdOf(house, c.get('actor'), c.req.valid('param').imageId);
    const { fileName, size, content } = await room().archive(c.get('actor'), id, c.req.raw.signal);
    return c.body(Readable.toWeb(content) as NonNullable<Response['body']>, 200, {
      'content-type': 'application/x-tar',
      'content-length': String(size),
      'content-disposition': `attachment; filename="${fileName}"`,
    });
  });
  app.openapi(change, async (c) => {
    const actor = userOf(c);
    const { signal } = c.req.raw;
    const wish = c.req.valid('json');
    const image = await room().get(actor, imageIdOf(house, actor, c.req.valid('param').imageId), signal);
    if (wish.imageType !== undefined && wish.imageType !== 'private') {
      throw new Problem('conflict', 'containers.errors.neverPublic');
    }
    const name = `${wish.imageName ?? image.name}:${wish.imageVersion ?? image.tag}`;
    if (name === `${image.name}:${image.tag}`) return c.json(egImageOf(house, image), 200);
    const [use, ...more] = image.usedBy;
    if (use) {
      throw new Problem('conflict', 'containers.errors.imageUsed', { by: use.name, more: more.length });
    }
    const renamed = await room().adopt(
      actor,
      { projectId: image.projectId, imageId: image.id, name },
      signal,
    );
    await room().remove(actor, image.id);
    return c.json(egImageOf(house, renamed), 200);
  });
  app.openapi(remove, async (c) => {
    const actor = userOf(c);
    await room().remove(actor, imageIdOf(house, actor, c.req.valid('param').imageId));
    return c.json(true as const, 200);
  });
}
