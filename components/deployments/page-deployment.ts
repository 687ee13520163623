import 'server-only';
import { cache } from 'react';
import { callerOfRequest } from '@/server/api/trpc/server';

/** The deployment of a page; undefined without one, or without a right to see it. */
export const deploymentOfPage = cache(async (id: string) =>
  (await callerOfRequest()).deployments.get({ id }).catch(() => undefined),
);

/** The package a page deploys; undefined without one, or without a right to see it. */
export const packageOfPage = cache(async (id: string) =>
  (await callerOfRequest()).packages.get({ id }).catch(() => undefined),
);
