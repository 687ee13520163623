import { createCallerFactory, router } from './base';
import { accessRouter } from './access';
import { consoleRouter } from './console';
import { imagesRouter } from './images';
import { jobsRouter } from './jobs';
import { packagesRouter } from './packages';
import { sitesRouter } from './sites';
import { storeRouter } from './store';
import { workbenchRouter } from './workbench';

/** Every procedure of the pages, by room. */
export const appRouter = router({
  access: accessRouter,
  console: consoleRouter,
  images: imagesRouter,
  jobs: jobsRouter,
  packages: packagesRouter,
  sites: sitesRouter,
  store: storeRouter,
  workbench: workbenchRouter,
});

export type AppRouter = typeof appRouter;

export const createCaller = createCallerFactory(appRouter);
