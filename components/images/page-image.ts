import 'server-only';
import { cache } from 'react';
import { callerOfRequest } from '@/server/api/trpc/server';

/** The image of a page; undefined without one, or without a right to see it. */
export const imageOfPage = cache(async (imageId: string) =>
  (await callerOfRequest()).images.get({ imageId }).catch(() => undefined),
);
