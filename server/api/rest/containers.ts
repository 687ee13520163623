import { z } from '@hono/zod-openapi';
import {
  checkTextInput,
  containerImage,
  containerImageDetail,
  containerUpload,
  deployInput,
  deploymentText,
  deployTarget,
  digestSchema,
  knownImages,
  pullInput,
  saveTextInput,
  testDeployment,
  textCheck,
} from '../../containers/schemas';
import type { House } from '../../house';
import { accepted, acceptedJob, body, jobSchema, json, restRoute, userOf, type RestApp } from './route';
import { workloadEventSchema } from '../../sites/workload-schemas';

const read = { role: 'developer', scope: 'read' } as const;
const write = { role: 'developer', scope: 'write' } as const;
const tags = ['Containers'];
const params = z.object({ id: z.string().max(64) });
const gone = { 204: { description: 'It is gone' } };

const list = restRoute(read, {
  method: 'get',
  path: '/api/v1/projects/{id}/container-images',
  tags,
  summary: 'Container images of a project',
  description:
    'Archives (docker save, OCI; plain, gzip or zstd) are sent by resumable upload (tus 1.0) to ' +
    '`/api/v1/containers/uploads`, with the metadata `filename`, `projectId` and optionally `name`.',
  request: { params },
  responses: { 200: json(z.object({ images: z.array(containerImage) }), 'Images by name') },
});

const uploads = restRoute(read, {
  method: 'get',
  path: '/api/v1/projects/{id}/container-uploads',
  tags,
  summary: 'Archives that are being sent, or were lately',
  request: { params },
  responses: { 200: json(z.object({ uploads: z.array(containerUpload) }), 'Uploads, newest first') },
});

const known = restRoute(read, {
  method: 'post',
  path: '/api/v1/projects/{id}/container-images/known',
  tags,
  summary: 'Which digests (of manifests or configs) somebody sent before, so that they need not be sent',
  request: { params, ...body(z.object({ digests: z.array(digestSchema).max(500) })) },
  responses: {
    200: json(z.object({ known: knownImages }), 'Images you may see that have one of the digests'),
  },
});

const adopt = restRoute(write, {
  method: 'post',
  path: '/api/v1/projects/{id}/container-images/adopt',
  tags,
  summary: 'Give an image that is there a further name, without sending it',
  request: { params, ...body(z.object({ imageId: z.string().max(64), name: z.string().max(300) })) },
  responses: { 200: json(containerImage, 'The image under its new name') },
});

const pull = restRoute(write, {
  method: 'post',
  path: '/api/v1/projects/{id}/container-images',
  tags,
  summary: 'Fetch an image from a registry by its name',
  request: { params, ...body(pullInput) },
  responses: acceptedJob,
});

const get = restRoute(read, {
  method: 'get',
  path: '/api/v1/container-images/{id}',
  tags,
  summary: 'An image, platform by platform and layer by layer, and what uses it',
  request: { params },
  responses: { 200: json(containerImageDetail, 'The image') },
});

const remove = restRoute(write, {
  method: 'delete',
  path: '/api/v1/container-images/{id}',
  tags,
  summary: 'Remove an image that nothing uses',
  request: { params },
  responses: gone,
});

const getText = restRoute(read, {
  method: 'get',
  path: '/api/v1/projects/{id}/deployment-text',
  tags,
  summary: 'What the project is deployed by: manifests, or the files of a chart',
  request: { params },
  responses: {
    200: json(z.object({ text: deploymentText.nullable() }), 'The text; null before it was saved'),
  },
});

const saveText = restRoute(write, {
  method: 'put',
  path: '/api/v1/projects/{id}/deployment-text',
  tags,
  summary: 'Save the deployment text',
  request: { params, ...body(saveTextInput.omit({ projectId: true })) },
  responses: { 200: json(deploymentText, 'The text as it is stored') },
});

const removeText = restRoute(write, {
  method: 'delete',
  path: '/api/v1/projects/{id}/deployment-text',
  tags,
  summary: 'Remove the deployment text',
  request: { params },
  responses: gone,
});

const checkText = restRoute(read, {
  method: 'post',
  path: '/api/v1/projects/{id}/deployment-text/check',
  tags,
  summary: 'What is wrong with a text, what it makes, and which images it names',
  request: { params, ...body(checkTextInput.omit({ projectId: true })) },
  responses: { 200: json(textCheck, 'Findings, objects and images') },
});

const fetchMissing = restRoute(write, {
  method: 'post',
  path: '/api/v1/projects/{id}/deployment-text/fetch',
  tags,
  summary: 'Fetch every image the stored text names and that is not held',
  request: { params },
  responses: { 202: json(z.object({ jobs: z.array(jobSchema) }), 'A job for each image') },
});

const targets = restRoute(read, {
  method: 'get',
  path: '/api/v1/test-deployment-targets',
  tags,
  summary: 'Sites that containers can be tried out on',
  responses: { 200: json(z.object({ targets: z.array(deployTarget) }), 'Sites') },
});

const listTests = restRoute(read, {
  method: 'get',
  path: '/api/v1/projects/{id}/test-deployments',
  tags,
  summary: 'Test deployments of a project',
  request: { params },
  responses: { 200: json(z.object({ deployments: z.array(testDeployment) }), 'Newest first') },
});

const createTest = restRoute(write, {
  method: 'post',
  path: '/api/v1/projects/{id}/test-deployments',
  tags,
  summary: 'Deploy the project’s text on a site; done when every part is ready',
  request: { params, ...body(deployInput.omit({ projectId: true })) },
  responses: acceptedJob,
});

const getTest = restRoute(read, {
  method: 'get',
  path: '/api/v1/test-deployments/{id}',
  tags,
  summary: 'A test deployment as its site tells of it now',
  request: { params },
  responses: { 200: json(testDeployment, 'The deployment') },
});

const testEvents = restRoute(read, {
  method: 'get',
  path: '/api/v1/test-deployments/{id}/events',
  tags,
  summary: 'What happened around it at the site',
  request: { params },
  responses: { 200: json(z.object({ events: z.array(workloadEventSchema) }), 'Oldest first') },
});

const testLogs = restRoute(read, {
  method: 'get',
  path: '/api/v1/test-deployments/{id}/logs',
  tags,
  summary: 'The last lines of a container’s output',
  request: {
    params,
    query: z.object({
      part: z.string().max(300),
      container: z.string().max(300),
      tailLines: z.coerce.number().int().min(1).max(10_000).default(200),
    }),
  },
  responses: { 200: json(z.object({ lines: z.array(z.string()) }), 'Lines, oldest first') },
});

const redeploy = restRoute(write, {
  method: 'post',
  path: '/api/v1/test-deployments/{id}/redeploy',
  tags,
  summary: 'Bring a test deployment to what the text says now',
  request: { params },
  responses: acceptedJob,
});

const removeTest = restRoute(write, {
  method: 'delete',
  path: '/api/v1/test-deployments/{id}',
  tags,
  summary: 'Remove everything of a test deployment from its site',
  request: { params },
  responses: acceptedJob,
});

/** Adds the paths of container images, deployment texts and test deployments. */
export function addContainerRoutes(app: RestApp, house: House): void {
  addImagePaths(app, house);
  addTextPaths(app, house);
  addTestPaths(app, house);
}

function addImagePaths(app: RestApp, house: House): void {
  const room = () => house.containers;
  app.openapi(list, (c) => c.json({ images: room().list(c.get('actor'), c.req.valid('param').id) }, 200));
  app.openapi(uploads, (c) =>
    c.json({ uploads: room().uploads(c.get('actor'), c.req.valid('param').id) }, 200),
  );
  app.openapi(known, (c) => {
    const input = { projectId: c.req.valid('param').id, ...c.req.valid('json') };
    return c.json({ known: room().known(c.get('actor'), input) }, 200);
  });
  app.openapi(adopt, async (c) => {
    const input = { projectId: c.req.valid('param').id, ...c.req.valid('json') };
    return c.json(await room().adopt(userOf(c), input, c.req.raw.signal), 200);
  });
  app.openapi(pull, (c) => accepted(c, room().pull(userOf(c), c.req.valid('param').id, c.req.valid('json'))));
  app.openapi(get, async (c) =>
    c.json(await room().get(c.get('actor'), c.req.valid('param').id, c.req.raw.signal), 200),
  );
  app.openapi(remove, async (c) => {
    await room().remove(userOf(c), c.req.valid('param').id);
    return c.body(null, 204);
  });
}

function addTextPaths(app: RestApp, house: House): void {
  const texts = () => house.containers.text;
  app.openapi(getText, (c) => c.json({ text: texts().get(c.get('actor'), c.req.valid('param').id) }, 200));
  app.openapi(saveText, async (c) => {
    const input = { projectId: c.req.valid('param').id, ...c.req.valid('json') };
    return c.json(await texts().save(userOf(c), input), 200);
  });
  app.openapi(removeText, (c) => {
    texts().remove(userOf(c), c.req.valid('param').id);
    return c.body(null, 204);
  });
  app.openapi(checkText, async (c) => {
    const input = { projectId: c.req.valid('param').id, ...c.req.valid('json') };
    return c.json(await texts().check(c.get('actor'), input, c.req.raw.signal), 200);
  });
  app.openapi(fetchMissing, async (c) =>
    c.json({ jobs: await texts().fetchMissing(userOf(c), c.req.valid('param').id, c.req.raw.signal) }, 202),
  );
}

function addTestPaths(app: RestApp, house: House): void {
  const tests = () => house.containers.deployments;
  app.openapi(targets, (c) => c.json({ targets: tests().targets() }, 200));
  app.openapi(listTests, (c) =>
    c.json({ deployments: tests().list(c.get('actor'), c.req.valid('param').id) }, 200),
  );
  app.openapi(createTest, async (c) => {
    const input = { projectId: c.req.valid('param').id, ...c.req.valid('json') };
    return accepted(c, (await tests().create(userOf(c), input, c.req.raw.signal)).job);
  });
  app.openapi(getTest, async (c) =>
    c.json(await tests().get(c.get('actor'), c.req.valid('param').id, c.req.raw.signal), 200),
  );
  app.openapi(testEvents, async (c) => {
    const { id } = c.req.valid('param');
    return c.json({ events: await tests().events(c.get('actor'), id, c.req.raw.signal) }, 200);
  });
  app.openapi(testLogs, async (c) => {
    const input = { deploymentId: c.req.valid('param').id, ...c.req.valid('query') };
    const lines: string[] = [];
    for await (const line of tests().logs(c.get('actor'), input, false, c.req.raw.signal)) lines.push(line);
    return c.json({ lines }, 200);
  });
  app.openapi(redeploy, async (c) =>
    accepted(c, (await tests().redeploy(userOf(c), c.req.valid('param').id, c.req.raw.signal)).job),
  );
  app.openapi(removeTest, (c) => accepted(c, tests().remove(userOf(c), c.req.valid('param').id)));
}
