import { z } from 'zod';
import {
  cellChoice,
  cellPage,
  planInput,
  retryChoice,
  startDistribution,
} from '../../operations/distribution/schemas';
import { procedure, router } from './base';

const id = z.string().max(64);
const chosen = z.object({ id, choice: cellChoice.default({}) });

export const distributionsRouter = router({
  plan: procedure('developer', 'read')
    .input(planInput)
    .query(({ ctx, input, signal }) => ctx.house.operations.distributions.plan(ctx.actor, input, signal)),
  start: procedure('operator', 'write')
    .input(startDistribution.extend({ requestKey: z.string().max(100).optional() }))
    .mutation(async ({ ctx, input: { requestKey, ...input } }) => {
      const { id: started } = await ctx.house.operations.distributions.start(ctx.actor, input, requestKey);
      return { id: started };
    }),
  list: procedure('developer', 'read').query(({ ctx }) => ctx.house.operations.distributions.list()),
  get: procedure('developer', 'read')
    .input(cellPage.extend({ id }))
    .query(({ ctx, input: { id: which, ...page } }) => ctx.house.operations.distributions.get(which, page)),
  run: procedure('developer', 'read')
    .input(z.object({ id, since: z.int().min(0).default(0) }))
    .query(({ ctx, input }) => ctx.house.operations.distributions.run(input.id, input.since)),
  causes: procedure('developer', 'read')
    .input(z.object({ id }))
    .query(({ ctx, input }) => ctx.house.operations.distributions.causes(input.id)),
  retry: procedure('operator', 'write')
    .input(z.object({ id, choice: retryChoice.prefault({}) }))
    .mutation(({ ctx, input }) =>
      ctx.house.operations.distributions.retry(ctx.actor, input.id, input.choice),
    ),
  cancel: procedure('operator', 'write')
    .input(chosen)
    .mutation(({ ctx, input }) => {
      ctx.house.operations.distributions.cancel(ctx.actor, input.id, input.choice);
    }),
  dismiss: procedure('operator', 'write')
    .input(chosen)
    .mutation(({ ctx, input }) =>
      ctx.house.operations.distributions.dismiss(ctx.actor, input.id, input.choice),
    ),
  placements: procedure('developer', 'read')
    .input(z.object({ edgeId: id.optional(), releaseId: id.optional() }))
    .query(({ ctx, input }) => ctx.house.operations.distributions.placements(input)),
  withdraw: procedure('operator', 'write')
    .input(z.object({ releaseId: id, edgeId: id }))
    .mutation(({ ctx, input }) =>
      ctx.house.operations.distributions.withdraw(ctx.actor, input.releaseId, input.edgeId),
    ),
});
