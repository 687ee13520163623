/**
 * The paths of EdgeGallery's AppStore (interface v1), so that its Developer and its scripts can publish here. They call
 * the same rooms as our own paths and hold no rule of their own.
 */
import { z } from '@hono/zod-openapi';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';
import type { Actor } from '../../access/actor';
import type { House } from '../../house';
import { Problem, problemFrom } from '../../problem';
import { fileHeaders, sendFile, type SentFile } from '../../content/send-file';
import { readChunk } from './edgegallery-chunks';
import { takeUpload } from './edgegallery-upload';
import {
  egApp,
  egAppOf,
  egPackage,
  egPackageOf,
  egReleaseOf,
  egUploaded,
  type EgPackage,
} from './edgegallery-views';
import { json, restRoute, userOf, type RestApp, type RestEnv } from './route';

const base = '/mec/appstore/v1/apps';
const tags = ['EdgeGallery AppStore'];
const open = { role: 'guest', scope: 'read' } as const;
const write = { role: 'developer', scope: 'write' } as const;
const appParams = z.object({ appId: z.string().max(64) });
const packageParams = appParams.extend({ packageId: z.string().max(64) });

const upload = restRoute(write, {
  method: 'post',
  path: base,
  tags,
  summary: 'Uploads a package',
  description:
    'multipart/form-data: file (the CSAR, of any size), icon, type, shortDesc, affinity, industry. Nobody else sees the app before it is published.',
  responses: { 200: json(egUploaded, 'What was taken in') },
});

const uploadChunk = restRoute(write, {
  method: 'post',
  path: `${base}/upload`,
  tags,
  summary: 'Takes a chunk of a package',
  description:
    'multipart/form-data: chunkNumber, chunkSize, currentChunkSize, totalSize, totalChunks, identifier, filename, and the chunk as `file`, after them. Chunks may come in any order.',
  responses: { 200: { description: 'Taken', content: { 'text/plain': { schema: z.string() } } } },
});

const mergeChunks = restRoute(write, {
  method: 'get',
  path: `${base}/merge`,
  tags,
  summary: 'Ends an upload in chunks',
  description: '`guid` is the chunks’ identifier. The answer is to be sent as `fileAddress` to the upload.',
  request: { query: z.object({ fileName: z.string().min(1).max(255), guid: z.string().min(1).max(300) }) },
  responses: { 200: { description: 'The address', content: { 'text/plain': { schema: z.string() } } } },
});

const registerVmApp = restRoute(write, {
  method: 'post',
  path: `${base}/vm-register`,
  tags,
  summary: 'Uploads a package that came in chunks',
  description: 'multipart/form-data: fileAddress, and the other fields of the upload.',
  responses: { 200: json(egUploaded, 'What was taken in') },
});

const listApps = restRoute(open, {
  method: 'get',
  path: base,
  tags,
  summary: 'Published apps',
  request: {
    query: z.object({
      name: z.string().max(120).optional(),
      provider: z.string().max(120).optional(),
      type: z.string().max(60).optional(),
      affinity: z.string().max(20).optional(),
      limit: z.coerce.number().int().min(1).max(100).default(100),
      offset: z.coerce.number().int().min(0).default(0),
    }),
  },
  responses: { 200: json(z.array(egApp), 'Apps') },
});

const getApp = restRoute(open, {
  method: 'get',
  path: `${base}/{appId}`,
  tags,
  summary: 'A published app',
  request: { params: appParams },
  responses: { 200: json(egApp, 'The app') },
});

const getIcon = restRoute(open, {
  method: 'get',
  path: `${base}/{appId}/icon`,
  tags,
  summary: 'The icon of an app',
  request: { params: appParams },
  responses: { 200: { description: 'A picture' } },
});

const deleteApp = restRoute(write, {
  method: 'delete',
  path: `${base}/{appId}`,
  tags,
  summary: 'Takes all releases of an app off the shelf',
  request: { params: appParams },
  responses: { 200: { description: 'Done', content: { 'text/plain': { schema: z.string() } } } },
});

const listPackages = restRoute(open, {
  method: 'get',
  path: `${base}/{appId}/packages`,
  tags,
  summary: 'Packages of an app: the published, and those of one’s own that are not',
  request: { params: appParams },
  responses: { 200: json(z.array(egPackage), 'Packages') },
});

const getPackage = restRoute(open, {
  method: 'get',
  path: `${base}/{appId}/packages/{packageId}`,
  tags,
  summary: 'A package with its file tree',
  request: { params: packageParams },
  responses: { 200: json(egPackage, 'The package') },
});

const deletePackage = restRoute(write, {
  method: 'delete',
  path: `${base}/{appId}/packages/{packageId}`,
  tags,
  summary: 'Takes a published package off the shelf, or removes one that is not published',
  request: { params: packageParams },
  responses: { 200: { description: 'Done', content: { 'text/plain': { schema: z.string() } } } },
});

const download = restRoute(open, {
  method: 'get',
  path: `${base}/{appId}/packages/{packageId}/action/download`,
  tags,
  summary: 'The package itself, with Range and digest',
  request: { params: packageParams },
  responses: { 200: { description: 'A CSAR' } },
});

const publish = restRoute(write, {
  method: 'post',
  path: `${base}/{appId}/packages/{packageId}/action/publish`,
  tags,
  summary: 'Publishes an uploaded package; the answer comes once it is in the store',
  request: { params: packageParams },
  responses: {
    200: { description: 'Publish Success', content: { 'text/plain': { schema: z.string() } } },
  },
});

/** Adds EdgeGallery's AppStore paths. */
export function addEdgeGalleryRoutes(app: RestApp, house: House): void {
  const { store } = house;

  app.openapi(upload, async (c) => c.json(await takeUpload(house, userOf(c), c.req.raw), 200));
  app.openapi(registerVmApp, async (c) => c.json(await takeUpload(house, userOf(c), c.req.raw), 200));
  app.openapi(uploadChunk, async (c) => {
    const actor = userOf(c);
    await readChunk(c.req.raw, ({ identifier, ...chunk }, content) =>
      house.packages.chunks.receive(actor, { key: identifier, ...chunk }, content),
    );
    return c.text('Upload Success', 200);
  });
  app.openapi(mergeChunks, async (c) => {
    const { guid, fileName } = c.req.valid('query');
    return c.text(await house.packages.chunks.merge(userOf(c), { key: guid, fileName }), 200);
  });

  app.openapi(listApps, (c) => {
    const { name, provider, type, affinity, limit, offset } = c.req.valid('query');
    const q = [name, provider].filter(Boolean).join(' ') || undefined;
    const found = store.search({ q, type, architecture: affinity, sort: 'newest', limit, offset });
    return c.json(found.apps.map(egAppOf), 200);
  });

  app.openapi(getApp, (c) => c.json(egAppOf(store.app(c.get('actor'), c.req.valid('param').appId)), 200));

  app.openapi(getIcon, (c) => {
    const { appId } = c.req.valid('param');
    return c.redirect(`/api/v1/store/apps/${encodeURIComponent(appId)}/icon`, 302);
  });

  app.openapi(deleteApp, (c) => {
    const actor = userOf(c);
    for (const release of store.app(actor, c.req.valid('param').appId).history) {
      store.unpublish(actor, release.id);
    }
    return c.text('delete App success.', 200);
  });

  app.openapi(listPackages, (c) =>
    c.json(packagesOf(house, c.get('actor'), c.req.valid('param').appId), 200),
  );

  app.openapi(getPackage, (c) => {
    const { appId, packageId } = c.req.valid('param');
    return c.json(onePackage(house, c.get('actor'), appId, packageId), 200);
  });

  app.openapi(deletePackage, async (c) => {
    const { appId, packageId } = c.req.valid('param');
    const actor = userOf(c);
    const release = releaseIn(house, appId, packageId);
    if (release) store.unpublish(actor, release.id);
    else {
      onePackage(house, actor, appId, packageId);
      await house.packages.remove(actor, packageId);
    }
    return c.text('delete App package success.', 200);
  });

  app.openapi(download, async (c) => {
    const { appId, packageId } = c.req.valid('param');
    const release = releaseIn(house, appId, packageId);
    if (release) return await stream(c, store.content(release.id));
    onePackage(house, c.get('actor'), appId, packageId);
    return await stream(c, house.packages.content(c.get('actor'), packageId));
  });

  app.openapi(publish, async (c) => {
    const { appId, packageId } = c.req.valid('param');
    const actor = userOf(c);
    onePackage(house, actor, appId, packageId);
    const words = requireWords(house, appId);
    const job = await store.publish(actor, packageId, {
      type: words.type,
      industry: words.industry,
      architecture: words.architecture,
      description: words.description,
    });
    const { error, state } = await house.jobs.settled(job.id, c.req.raw.signal);
    if (state !== 'done') {
      throw error
        ? problemFrom({ ...error, code: 'conflict' })
        : new Problem('conflict', 'problems.cancelled');
    }
    return c.text('Publish Success', 200);
  });
}

function requireWords(house: House, appId: string) {
  const words = house.store.wordsOf(appId);
  if (words === undefined) throw new Problem('not_found', 'store.errors.noApp');
  return words;
}

function releaseIn(house: House, appId: string, packageId: string) {
  const release = house.store.releaseOfPackage(packageId);
  return release?.appId === appId ? release : undefined;
}

/** Published first; then the asker's own that belong to the app and are ready. */
function packagesOf(house: House, actor: Actor, appId: string): EgPackage[] {
  const words = requireWords(house, appId);
  const own = house.packages
    .list(actor, {})
    .filter((item) => item.name === words.name && item.provider === words.provider && item.state === 'ready');
  const published = publishedOf(house, actor, appId);
  const known = new Set(published.map((item) => item.packageId));
  return [
    ...published,
    ...own.filter((item) => !known.has(item.id)).map((item) => egPackageOf(item, appId, words, [])),
  ];
}

function publishedOf(house: House, actor: Actor, appId: string): EgPackage[] {
  if (!house.store.isOnShelf(appId)) return [];
  const app = house.store.app(actor, appId);
  return app.history.map((release) => egReleaseOf(app, release, [], release.packageId));
}

/** @throws Problem `not_found` also when it belongs to another app, or is somebody else's and not published */
function onePackage(house: House, actor: Actor, appId: string, packageId: string): EgPackage {
  const release = releaseIn(house, appId, packageId);
  if (release) {
    return egReleaseOf(house.store.app(actor, appId), release, release.files, packageId);
  }
  const words = requireWords(house, appId);
  const item = house.packages.get(actor, packageId);
  if (item.name !== words.name || item.provider !== words.provider) {
    throw new Problem('not_found', 'packages.errors.noPackageHere');
  }
  return egPackageOf(item, appId, words, item.files);
}

/** Sends a file on the socket below, which knows Range. */
async function stream(c: Context<RestEnv>, file: SentFile): Promise<Response> {
  // Hono answers HEAD with a copy of what GET answers, which no longer says that it was sent already.
  if (c.req.method === 'HEAD')
    return c.body(null, 200, { ...fileHeaders(file), 'content-length': String(file.size) });
  const { incoming, outgoing } = c.env as HttpBindings;
  await sendFile(incoming, outgoing, file);
  return RESPONSE_ALREADY_SENT;
}
