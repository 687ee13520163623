import { createCallerFactory, router } from './base';
import { accessRouter } from './access';
import { consoleRouter } from './console';
import { containersRouter } from './containers';
import { deploymentsRouter } from './deployments';
import { distributionsRouter } from './distributions';
import { edgesRouter } from './edges';
import { filesRouter } from './files';
import { imagesRouter } from './images';
import { jobsRouter } from './jobs';
import { overviewRouter } from './overview';
import { packagesRouter } from './packages';
import { registriesRouter } from './registries';
import { sitesRouter } from './sites';
import { storeRouter } from './store';
import { syncRouter } from './sync';
import { toolsRouter } from './tools';
import { workbenchRouter } from './workbench';

/** Every procedure of the pages, by room. */
export const appRouter = router({
  access: accessRouter,
  console: consoleRouter,
  containers: containersRouter,
  deployments: deploymentsRouter,
  distributions: distributionsRouter,
  edges: edgesRouter,
  files: filesRouter,
  images: imagesRouter,
  jobs: jobsRouter,
  overview: overviewRouter,
  packages: packagesRouter,
  registries: registriesRouter,
  sites: sitesRouter,
  store: storeRouter,
  sync: syncRouter,
  tools: toolsRouter,
  workbench: workbenchRouter,
});

export type AppRouter = typeof appRouter;

export const createCaller = createCallerFactory(appRouter);
