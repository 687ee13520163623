import { z } from 'zod';
import {
  createStore,
  releaseFilter,
  releasePage,
  startSync,
  updateStore,
} from '../../operations/sync/schemas';
import { procedure, router } from './base';

const id = z.object({ id: z.string().max(64) });

export const syncRouter = router({
  stores: procedure('developer', 'read').query(({ ctx }) => ctx.house.operations.sync.stores.list()),
  createStore: procedure('admin', 'admin')
    .input(createStore)
    .mutation(({ ctx, input }) => ctx.house.operations.sync.stores.create(ctx.actor, input)),
  updateStore: procedure('admin', 'admin')
    .input(id.extend({ store: updateStore }))
    .mutation(({ ctx, input }) => ctx.house.operations.sync.stores.update(ctx.actor, input.id, input.store)),
  removeStore: procedure('admin', 'admin')
    .input(id)
    .mutation(({ ctx, input }) => {
      ctx.house.operations.sync.stores.remove(ctx.actor, input.id);
    }),
  refresh: procedure('operator', 'write')
    .input(id)
    .mutation(({ ctx, input }) => ctx.house.operations.sync.stores.refresh(ctx.actor, input.id)),
  releases: procedure('developer', 'read')
    .input(releaseFilter)
    .query(({ ctx, input }) => ctx.house.operations.sync.releases(input)),
  page: procedure('developer', 'read')
    .input(releasePage)
    .query(({ ctx, input }) => ctx.house.operations.sync.page(input)),
  release: procedure('developer', 'read')
    .input(id)
    .query(({ ctx, input }) => ctx.house.operations.sync.release(input.id)),
  start: procedure('operator', 'write')
    .input(startSync)
    .mutation(({ ctx, input }) => ctx.house.operations.sync.start(ctx.actor, input)),
  remove: procedure('operator', 'write')
    .input(id)
    .mutation(({ ctx, input }) => ctx.house.operations.sync.remove(ctx.actor, input.id)),
});
