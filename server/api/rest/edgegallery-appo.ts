/**
 * The instances of EdgeGallery's MECM (appo): an app at a host, created first and instantiated then. They call operations
 * and hold no rule of their own. Whose tenant stands in the path makes no difference: the token tells who asks.
 */
import { z } from '@hono/zod-openapi';
import type { UserActor } from '../../access/actor';
import type { House } from '../../house';
import { asProblem, problemFrom } from '../../problem';
import type { AppInstance } from '../../operations/deployments/app-instances';
import {
  appoBatch,
  appoBatchCreate,
  appoBatchInstantiate,
  appoBatchTerminate,
  appoCreate,
  appoCreated,
  appoInfo,
  appoInfoOf,
  appoInstantiate,
  appoKpiOf,
  appoWorkloadOf,
} from './edgegallery-appo-views';
import { releaseOf } from './edgegallery-releases';
import { problemWords } from './problem';
import { body, json, restRoute, userOf, type RestApp } from './route';

const read = { role: 'developer', scope: 'read' } as const;
const write = { role: 'operator', scope: 'write' } as const;
const tags = ['EdgeGallery MECM'];
const base = '/appo/v1/tenants/{tenantId}';
const ofTenant = z.object({ tenantId: z.string().max(64) });
const ofInstance = ofTenant.extend({ instanceId: z.string().max(64) });
const ofHost = ofTenant.extend({ hostIp: z.string().max(300) });
const answered = <Schema extends z.ZodType>(response: Schema) => z.object({ response });
const accepted = { 202: json(answered(z.string()), 'It has begun; the instance tells how it stands') };
const batched = { 202: json(answered(z.array(appoBatch)), 'What became of each') };

const create = restRoute(write, {
  method: 'post',
  path: `${base}/app_instances`,
  tags,
  summary: 'Creates an instance of a package at a host it was brought to; nothing runs yet',
  request: { params: ofTenant, ...body(appoCreate) },
  responses: { 202: json(answered(appoCreated), 'The instance') },
});

const batchCreate = restRoute(write, {
  method: 'post',
  path: `${base}/app_instances/batch_create`,
  tags,
  summary: 'Creates an instance at each of several hosts',
  request: { params: ofTenant, ...body(appoBatchCreate) },
  responses: batched,
});

const batchInstantiate = restRoute(write, {
  method: 'post',
  path: `${base}/app_instances/batch_instantiate`,
  tags,
  summary: 'Instantiates several instances',
  request: { params: ofTenant, ...body(appoBatchInstantiate) },
  responses: batched,
});

const batchTerminate = restRoute(write, {
  method: 'post',
  path: `${base}/app_instances/batch_terminate`,
  tags,
  summary: 'Removes several instances with what they run',
  request: { params: ofTenant, ...body(appoBatchTerminate) },
  responses: batched,
});

const instantiate = restRoute(write, {
  method: 'post',
  path: `${base}/app_instances/{instanceId}`,
  tags,
  summary: 'Deploys an instance; parameters that the package does not ask for are left out',
  request: {
    params: ofInstance,
    body: { required: false, content: { 'application/json': { schema: appoInstantiate } } },
  },
  responses: accepted,
});

const getWorkload = restRoute(read, {
  method: 'get',
  path: `${base}/app_instances/{instanceId}`,
  tags,
  summary: 'What an instance runs: pods and containers, or VMs, as a JSON text',
  request: { params: ofInstance },
  responses: { 200: json(answered(z.string()), 'JSON in a text') },
});

const terminate = restRoute(write, {
  method: 'delete',
  path: `${base}/app_instances/{instanceId}`,
  tags,
  summary: 'Removes an instance with what it runs',
  request: { params: ofInstance },
  responses: accepted,
});

const infos = restRoute(read, {
  method: 'get',
  path: `${base}/app_instance_infos`,
  tags,
  summary: 'Instances and how they stand; all, or those named',
  request: {
    params: ofTenant,
    query: z.object({ appInstId: z.union([z.string(), z.array(z.string())]).optional() }),
  },
  responses: { 200: json(answered(z.array(appoInfo)), 'Instances') },
});

const info = restRoute(read, {
  method: 'get',
  path: `${base}/app_instance_infos/{instanceId}`,
  tags,
  summary: 'An instance and how it stands',
  request: { params: ofInstance },
  responses: { 200: json(answered(appoInfo), 'The instance') },
});

const kpi = restRoute(read, {
  method: 'get',
  path: `${base}/hosts/{hostIp}/kpi`,
  tags,
  summary: 'What a host has and uses, as a JSON text',
  request: { params: ofHost },
  responses: { 200: json(answered(z.string()), 'JSON in a text') },
});

const health = restRoute(
  { role: 'guest', scope: 'read' },
  {
    method: 'get',
    path: '/appo/v1/health',
    tags,
    summary: 'Whether instances can be asked for',
    responses: { 200: { description: 'ok', content: { 'text/plain': { schema: z.string() } } } },
  },
);

/** Adds EdgeGallery's paths of instances. */
export function addEdgeGalleryAppoRoutes(app: RestApp, house: House): void {
  addBatchRoutes(app, house);
  const room = () => house.operations.deployments.instances;

  app.openapi(create, (c) => {
    const { mecHost, ...wish } = c.req.valid('json');
    const { id } = createAt(house, userOf(c), wish, mecHost);
    return c.json({ response: { app_instance_id: id } }, 202);
  });

  app.openapi(instantiate, async (c) => {
    const { parameters = {} } = c.req.valid('json');
    await room().instantiate(userOf(c), c.req.valid('param').instanceId, parameters);
    return c.json({ response: 'Accepted' }, 202);
  });

  app.openapi(getWorkload, async (c) => {
    const { deployment } = room().get(userOf(c), c.req.valid('param').instanceId);
    if (!deployment) return c.json({ response: JSON.stringify({ pods: [] }) }, 200);
    const seen = await house.operations.deployments.get(userOf(c), deployment.id, c.req.raw.signal);
    return c.json({ response: JSON.stringify(appoWorkloadOf(seen)) }, 200);
  });

  app.openapi(terminate, (c) => {
    room().terminate(userOf(c), c.req.valid('param').instanceId);
    return c.json({ response: 'Accepted' }, 202);
  });

  app.openapi(infos, (c) => {
    const wanted = c.req.queries('appInstId');
    const found = room()
      .list(userOf(c))
      .filter(({ id }) => wanted === undefined || wanted.includes(id));
    return c.json({ response: found.map((each) => view(house, each, c.req.header('accept-language'))) }, 200);
  });

  app.openapi(info, (c) => {
    const found = room().get(userOf(c), c.req.valid('param').instanceId);
    return c.json({ response: view(house, found, c.req.header('accept-language')) }, 200);
  });

  app.openapi(kpi, (c) => {
    const { capacity } = house.operations.edges.mecHosts.edgeOf(c.req.valid('param').hostIp);
    return c.json({ response: JSON.stringify(appoKpiOf(capacity)) }, 200);
  });

  app.openapi(health, (c) => c.text('ok', 200));
}

function addBatchRoutes(app: RestApp, house: House): void {
  const room = () => house.operations.deployments.instances;

  app.openapi(batchCreate, (c) => {
    const { mecHost, ...wish } = c.req.valid('json');
    const language = c.req.header('accept-language');
    const made = mecHost.map((host) =>
      told(language, host, () => createAt(house, userOf(c), wish, host), 'Created'),
    );
    return c.json({ response: made }, 202);
  });

  app.openapi(batchInstantiate, async (c) => {
    const { instantiationParameters = [], appInstanceIds = [] } = c.req.valid('json');
    const language = c.req.header('accept-language');
    const wanted = [
      ...instantiationParameters,
      ...appInstanceIds.map((appInstanceId) => ({ appInstanceId, parameters: undefined })),
    ];
    const made = [];
    for (const { appInstanceId, parameters } of wanted) {
      try {
        const instance = await room().instantiate(userOf(c), appInstanceId, parameters ?? {});
        made.push(batchOf(house, instance, 'Accepted'));
      } catch (error) {
        made.push({ applicationInstanceId: appInstanceId, host: '', status: words(error, language) });
      }
    }
    return c.json({ response: made }, 202);
  });

  app.openapi(batchTerminate, (c) => {
    const language = c.req.header('accept-language');
    const gone = c.req.valid('json').appInstanceIds.map((id) => {
      try {
        const instance = room().get(userOf(c), id);
        room().terminate(userOf(c), id);
        return batchOf(house, instance, 'Accepted');
      } catch (error) {
        return { applicationInstanceId: id, host: '', status: words(error, language) };
      }
    });
    return c.json({ response: gone }, 202);
  });
}

// Not `Omit`: other members may come with it, and that would widen these.
type Wish = Pick<z.infer<typeof appoCreate>, 'appId' | 'appPackageId' | 'appName' | 'appInstanceDescription'>;

function createAt(house: House, actor: UserActor, wish: Wish, host: string): AppInstance {
  const { operations } = house;
  const release = releaseOf(house, wish.appPackageId, wish.appId);
  return operations.deployments.instances.create(actor, {
    releaseId: release.id,
    siteId: operations.edges.mecHosts.edgeOf(host).id,
    name: wish.appName,
    description: wish.appInstanceDescription,
  });
}

/** One of several: what it refuses is told beside the others. */
function told(language: string | undefined, host: string, act: () => AppInstance, status: string) {
  try {
    return { applicationInstanceId: act().id, host, status };
  } catch (error) {
    return { applicationInstanceId: '', host, status: words(error, language) };
  }
}

function batchOf(house: House, { id, siteId }: AppInstance, status: string): z.infer<typeof appoBatch> {
  return { applicationInstanceId: id, host: hostOf(house, siteId), status };
}

const words = (error: unknown, language: string | undefined) => problemWords(asProblem(error), language);

/** The host's address; an edge of a kind that EdgeGallery does not know has its id. */
const hostOf = ({ operations }: House, siteId: string) => operations.edges.mecHosts.ipOf(siteId) ?? siteId;

function view(house: House, instance: AppInstance, language: string | undefined): z.infer<typeof appoInfo> {
  const release = house.operations.sync.release(instance.releaseId);
  const { problem } = instance;
  const failure = problem && words(problemFrom(problem), language);
  return appoInfoOf(instance, release, hostOf(house, instance.siteId), failure);
}
