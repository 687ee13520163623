import { z } from 'zod';
import { storeSearch } from '../../store/schemas';
import { openProcedure, procedure, router } from './base';

const id = z.object({ id: z.string().max(64) });

export const storeRouter = router({
  search: openProcedure.input(storeSearch).query(({ ctx, input }) => ctx.house.store.search(input)),

  app: openProcedure.input(id).query(({ ctx, input }) => ctx.house.store.app(ctx.actor, input.id)),

  release: openProcedure.input(id).query(({ ctx, input }) => ctx.house.store.release(input.id)),

  unpublish: procedure('developer', 'write')
    .input(id)
    .mutation(({ ctx, input }) => {
      ctx.house.store.unpublish(ctx.actor, input.id);
    }),
});
