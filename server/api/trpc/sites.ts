import { z } from 'zod';
import { capabilitiesOf } from '../../sites/site';
import { procedure, router } from './base';

export const sitesRouter = router({
  list: procedure('developer', 'read').query(({ ctx }) =>
    ctx.house.sites
      .list()
      .map((site) => ({ id: site.id, kind: site.kind, name: site.name, capabilities: capabilitiesOf(site) })),
  ),
  offers: procedure('developer', 'read')
    .input(z.object({ siteId: z.string() }))
    .query(async ({ ctx, input, signal }) => {
      const offers = await ctx.house.sites.get(input.siteId).offers({ signal });
      const images = offers.images.filter(({ id, ours }) => !ours || ctx.house.images.mayUse(ctx.actor, id));
      return { ...offers, images };
    }),
});
