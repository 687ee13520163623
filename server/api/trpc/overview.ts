import { chosenCause } from '../../operations/overview/schemas';
import { procedure, router } from './base';

export const overviewRouter = router({
  get: procedure('developer', 'read').query(({ ctx }) => ctx.house.operations.overview.get(ctx.actor)),
  retry: procedure('operator', 'write')
    .input(chosenCause)
    .mutation(({ ctx, input }) => ctx.house.operations.overview.retry(ctx.actor, input.id)),
  dismiss: procedure('operator', 'write')
    .input(chosenCause)
    .mutation(({ ctx, input }) => ctx.house.operations.overview.dismiss(ctx.actor, input.id)),
});
