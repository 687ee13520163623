import { z } from '@hono/zod-openapi';
import type { House } from '../../house';
import {
  bootTestInput,
  diskImage,
  fetchInput,
  heldDisks,
  heldDisksInput,
  imageChanges,
  imageFilter,
  pullDiskInput,
} from '../../images/schemas';
import { captureDoctor, captureInput } from '../../workbench/capture-schemas';
import { accepted, acceptedJob, body, json, restRoute, userOf, type RestApp } from './route';

const read = { role: 'developer', scope: 'read' } as const;
const write = { role: 'developer', scope: 'write' } as const;
const operatorRead = { role: 'operator', scope: 'read' } as const;
const operatorWrite = { role: 'operator', scope: 'write' } as const;
const tags = ['Images'];
const params = z.object({ id: z.string() });

const list = restRoute(read, {
  method: 'get',
  path: '/api/v1/images',
  tags,
  summary: 'Disk images you may use',
  request: { query: imageFilter },
  responses: { 200: json(z.object({ images: z.array(diskImage) }), 'Images, newest first') },
});

const fetchImage = restRoute(write, {
  method: 'post',
  path: '/api/v1/images',
  tags,
  summary: 'Fetch an image from an address, with its SHA-256',
  description:
    'Files of your own are sent by resumable upload (tus 1.0) to `/api/v1/images/uploads`, with the metadata ' +
    '`filename`, `format` (qcow2, raw, vmdk, vdi, vhdx, iso), `name`, and optionally `checksum` (SHA-256).',
  request: body(fetchInput),
  responses: acceptedJob,
});

const get = restRoute(read, {
  method: 'get',
  path: '/api/v1/images/{id}',
  tags,
  summary: 'One image; its bytes are at `/api/v1/images/{id}/content`, with Range',
  request: { params },
  responses: { 200: json(diskImage, 'The image') },
});

const change = restRoute(write, {
  method: 'patch',
  path: '/api/v1/images/{id}',
  tags,
  summary: 'Change what is said about an image',
  request: { params, ...body(imageChanges) },
  responses: { 200: json(diskImage, 'The image') },
});

const remove = restRoute(write, {
  method: 'delete',
  path: '/api/v1/images/{id}',
  tags,
  summary: 'Delete an image that nothing uses',
  request: { params },
  responses: { 204: { description: 'It is gone' } },
});

const bootTest = restRoute(write, {
  method: 'post',
  path: '/api/v1/images/{id}/boot-test',
  tags,
  summary: 'Boot an image in a throw-away VM and keep a picture',
  request: { params, ...body(bootTestInput) },
  responses: acceptedJob,
});

const pull = restRoute(operatorWrite, {
  method: 'post',
  path: '/api/v1/images/pull',
  tags,
  summary: 'Hold a disk image of a registry here; only pieces that no image here has are fetched',
  description:
    'How an operations centre brings a disk image to an edge that is an Edgeyard. The job’s result says the ' +
    'image’s id, the bytes that were fetched and those that were here. A disk that is here is done at once. From a ' +
    'registry in a private network only administrators may pull, unless it is set here or `images.allowPrivateUrls` is.',
  request: body(pullDiskInput),
  responses: acceptedJob,
});

const planPull = restRoute(operatorRead, {
  method: 'post',
  path: '/api/v1/images/pull/plan',
  tags,
  summary: 'How many bytes a pull would fetch now',
  request: body(pullDiskInput),
  responses: { 200: json(z.object({ bytes: z.number() }), 'The bytes; 0 when the disk is here') },
});

const held = restRoute(operatorRead, {
  method: 'post',
  path: '/api/v1/images/held',
  tags,
  summary: 'Which disk images of registries are here whole, by their manifests’ digests',
  request: body(heldDisksInput),
  responses: { 200: json(heldDisks, 'Those that are here') },
});

const dropHeld = restRoute(operatorWrite, {
  method: 'delete',
  path: '/api/v1/images/held/{digest}',
  tags,
  summary: 'Remove what was pulled of a disk image; what people here brought or made themselves stays',
  request: { params: z.object({ digest: heldDisksInput.shape.digests.element }) },
  responses: { 204: { description: 'It is gone, or was not there' } },
});

const examine = restRoute(read, {
  method: 'get',
  path: '/api/v1/vms/{id}/capture',
  tags,
  summary: 'What a clean image of a VM would need, with the exact commands',
  request: { params },
  responses: { 200: json(captureDoctor, 'The findings') },
});

const capture = restRoute(write, {
  method: 'post',
  path: '/api/v1/vms/{id}/capture',
  tags,
  summary: 'Make an image out of a VM',
  request: { params, ...body(captureInput) },
  responses: acceptedJob,
});

/** Adds the paths of disk images and of capturing. */
export function addImageRoutes(app: RestApp, { images, capture: captures }: House): void {
  app.openapi(list, (c) => c.json({ images: images.list(c.get('actor'), c.req.valid('query')) }, 200));
  app.openapi(fetchImage, (c) => accepted(c, images.fetch(userOf(c), c.req.valid('json')).job));
  app.openapi(pull, async (c) => accepted(c, await images.pull(userOf(c), c.req.valid('json'))));
  app.openapi(planPull, async (c) =>
    c.json({ bytes: await images.bytesToPull(userOf(c), c.req.valid('json'), c.req.raw.signal) }, 200),
  );
  app.openapi(held, async (c) => {
    const found = await images.heldArtifacts(c.req.valid('json').digests);
    return c.json({ images: [...found].map(([digest, imageId]) => ({ digest, imageId })) }, 200);
  });
  app.openapi(dropHeld, async (c) => {
    await images.dropTaken(c.req.valid('param').digest, userOf(c));
    return c.body(null, 204);
  });
  app.openapi(get, (c) => c.json(images.get(c.get('actor'), c.req.valid('param').id), 200));
  app.openapi(change, (c) =>
    c.json(images.update(userOf(c), c.req.valid('param').id, c.req.valid('json')), 200),
  );
  app.openapi(remove, async (c) => {
    await images.remove(userOf(c), c.req.valid('param').id);
    return c.body(null, 204);
  });
  app.openapi(bootTest, (c) =>
    accepted(c, images.bootTest(userOf(c), c.req.valid('param').id, c.req.valid('json'))),
  );
  app.openapi(examine, async (c) =>
    c.json(await captures.examine(c.get('actor'), c.req.valid('param').id, c.req.raw.signal), 200),
  );
  app.openapi(capture, (c) =>
    accepted(c, captures.start(userOf(c), c.req.valid('param').id, c.req.valid('json'))),
  );
}
