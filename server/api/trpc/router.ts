import { createCallerFactory, router } from './base';
import { accessRouter } from './access';
import { imagesRouter } from './images';
import { jobsRouter } from './jobs';
import { packagesRouter } from './packages';
import { sitesRouter } from './sites';
import { storeRouter } from './store';
import { workbenchRouter } from './workbench';

/** Every procedure of the pages, by room. */
export const appRouter = router({
  access: accessRouter,
  images: imagesRouter,
  jobs: jobsRouter,
  packages: packagesRouter,
  sites: sitesRouter,
  store: storeRouter,
  workbench: workbenchRouter,
});

export type AppRouter = typeof appRouter;

export const createCaller = createCallerFactory(appRouter);
