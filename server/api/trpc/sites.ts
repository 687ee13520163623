import { z } from 'zod';
import {
  createSiteSchema,
  examineSiteSchema,
  importLoginSchema,
  updateSiteSchema,
} from '../../sites/schemas';
import { procedure, router } from './base';

const siteId = z.string().max(64);
const ofSite = z.object({ siteId });
const admin = (scope: 'read' | 'admin') => procedure('admin', scope);

export const sitesRouter = router({
  list: procedure('developer', 'read').query(({ ctx }) => ctx.house.sites.list()),
  offers: procedure('developer', 'read')
    .input(ofSite)
    .query(async ({ ctx, input, signal }) => {
      const offers = await ctx.house.sites.registry.stackHost(input.siteId).offers({ signal });
      const images = offers.images.filter(({ id, ours }) => !ours || ctx.house.images.mayUse(ctx.actor, id));
      return { ...offers, images };
    }),
  adminList: admin('read').query(({ ctx }) => ctx.house.sites.adminList()),
  get: admin('read')
    .input(ofSite)
    .query(({ ctx, input }) => ctx.house.sites.get(input.siteId)),
  create: admin('admin')
    .input(createSiteSchema)
    .mutation(({ ctx, input }) => ctx.house.sites.create(ctx.actor, input)),
  update: admin('admin')
    .input(updateSiteSchema.extend({ siteId }))
    .mutation(({ ctx, input: { siteId: id, ...change } }) => ctx.house.sites.update(ctx.actor, id, change)),
  uses: admin('read')
    .input(ofSite)
    .query(({ ctx, input }) => ctx.house.sites.uses(input.siteId)),
  remove: admin('admin')
    // `force` drops what is on a site that is gone for good, and tells it.
    .input(ofSite.extend({ force: z.boolean().optional() }))
    .mutation(async ({ ctx, input: { siteId: id, force }, signal }) => {
      if (force === true) return { dropped: await ctx.house.sites.forget(ctx.actor, id, signal) };
      await ctx.house.sites.remove(ctx.actor, id);
      return { dropped: [] };
    }),
  // The lights come one by one: the caller asks with the context `streamed` and reads what it gets with `for await`.
  examine: admin('admin')
    .input(examineSiteSchema)
    .mutation(({ ctx, input, signal }) => ctx.house.sites.examine(input, signal)),
  importLogin: admin('admin')
    .input(importLoginSchema)
    .mutation(({ ctx, input }) => ctx.house.sites.readLogins(input.kind, input.text)),
});
