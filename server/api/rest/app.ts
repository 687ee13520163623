/**
 * The REST API. To add a room: write `server/api/rest/<room>.ts` with
 *
 *   const listThings = restRoute({ role: 'developer', scope: 'read' }, {
 *     method: 'get', path: '/api/v1/things', tags: ['Things'], summary: 'Things you may see',
 *     responses: { 200: json(z.object({ things: z.array(thingSchema) }), 'Things') },
 *   });
 *
 *   export function addThingRoutes(app: RestApp, house: House): void {
 *     app.openapi(listThings, (c) => c.json({ things: house.things.list(c.get('actor')) }, 200));
 *   }
 *
 * and name it below. Handlers call the room and hold no rule of their own; they throw Problems. Long actions
 * `return accepted(c, job)`. `Idempotency-Key` is honoured for every POST (idempotency.ts): an answer that holds a
 * secret must be sent with `c.header('Cache-Control', 'no-store')`, or it would be kept for a day. Streams of any size
 * are RawRoutes instead (server/api/raw-route.ts).
 */
import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import type { House } from '../../house';
import { asProblem, Problem } from '../../problem';
import { problemDocument, problemHeaders, type FieldError } from './problem';
import { addAccessRoutes } from './access';
import { addEdgeGalleryApmPackageRoutes } from './edgegallery-apm-packages';
import { addEdgeGalleryRoutes } from './edgegallery';
import { addEdgeGalleryAppoRoutes } from './edgegallery-appo';
import { addEdgeGallerySyncRoutes } from './edgegallery-apm-sync';
import { addEdgeGalleryStoreRoutes } from './edgegallery-stores';
import { addEdgeGalleryImageRoutes } from './edgegallery-images';
import { addEdgeGalleryHostRoutes } from './edgegallery-inventory-hosts';
import { addEdgeRoutes } from './edges';
import { addConsoleRoutes } from './console';
import { addDeploymentRoutes } from './deployments';
import { addDistributionRoutes } from './distributions';
import { addEventRoutes } from './events';
import { addFileRoutes } from './files';
import { idempotency } from './idempotency';
import { addContainerRoutes } from './containers';
import { addImageRoutes } from './images';
import { addJobRoutes } from './jobs';
import type { RestApp, RestEnv } from './route';
import { addOverviewRoutes } from './overview';
import { addPackageRoutes } from './packages';
import { addProjectRoutes } from './projects';
import { addRegistryRoutes } from './registries';
import { addSiteRoutes } from './sites';
import { addStackRoutes } from './stacks';
import { addStoreRoutes } from './store';
import { addSyncRoutes } from './sync';
import { addVmRoutes } from './vms';

/** Carries the fields in error from the validation to the answer. */
class InvalidRequest extends Problem {
  constructor(readonly errors: readonly FieldError[]) {
    super('invalid', 'problems.badInput');
  }
}

/**
 * Builds the REST API on the rooms.
 *
 * @param house all rooms
 */
export function restApp(house: House): RestApp {
  const app = new OpenAPIHono<RestEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      throw new InvalidRequest(
        result.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
      );
    },
  });
  app.use('*', async (c, next) => {
    c.set('actor', await house.access.actorOf(c.req.raw.headers));
    await next();
  });
  app.use('*', idempotency(house.db));
  app.onError((error, c) => {
    // Hono itself refuses a body that is no JSON, or no content type.
    const problem =
      error instanceof HTTPException ? new Problem('invalid', 'problems.badBody') : asProblem(error);
    if (problem.code === 'failed')
      house.log.error({ err: problem.cause ?? error, path: c.req.path }, 'request failed');
    const errors = error instanceof InvalidRequest ? error.errors : undefined;
    const document = problemDocument(problem, c.req.header('accept-language'), errors);
    return new Response(JSON.stringify(document), {
      status: document.status,
      headers: problemHeaders(document),
    });
  });
  app.notFound(() => {
    throw new Problem('not_found', 'problems.noSuchPath');
  });
  addRooms(app, house);
  addDescription(app, house);
  return app;
}

function addRooms(app: RestApp, house: House): void {
  addAccessRoutes(app, house);
  addRegistryRoutes(app, house);
  addSiteRoutes(app, house);
  addStackRoutes(app, house);
  addProjectRoutes(app, house);
  addVmRoutes(app, house);
  addConsoleRoutes(app, house);
  addFileRoutes(app, house);
  addImageRoutes(app, house);
  addContainerRoutes(app, house);
  addPackageRoutes(app, house);
  addStoreRoutes(app, house);
  addSyncRoutes(app, house);
  addDistributionRoutes(app, house);
  addDeploymentRoutes(app, house);
  addOverviewRoutes(app, house);
  addEdgeRoutes(app, house);
  addEdgeGalleryApmPackageRoutes(app, house);
  addEdgeGalleryRoutes(app, house);
  addEdgeGallerySyncRoutes(app, house);
  addEdgeGalleryStoreRoutes(app, house);
  addEdgeGalleryImageRoutes(app, house);
  addEdgeGalleryHostRoutes(app, house);
  addEdgeGalleryAppoRoutes(app, house);
  addJobRoutes(app, house);
  addEventRoutes(app, house);
}

function addDescription(app: RestApp, house: House): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API token, made on the account page.',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'accessToken', {
    type: 'apiKey',
    in: 'header',
    name: 'access_token',
    description: 'The same token, in the header EdgeGallery’s clients send.',
  });
  app.doc31('/api/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'Edgeyard',
      version: '1',
      description: 'Build, publish and ship applications for the network edge.',
    },
    servers: [{ url: house.config.publicUrl ?? '/' }],
  });
}
