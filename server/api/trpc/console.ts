import { z } from 'zod';
import { procedure, router } from './base';

export const consoleRouter = router({
  ticket: procedure('developer', 'write')
    .input(z.object({ vmId: z.string() }))
    .mutation(({ ctx, input }) => ctx.house.consoles.issue(ctx.actor, input.vmId)),
  refusal: procedure('developer', 'read')
    .input(z.object({ vmId: z.string() }))
    .query(({ ctx, input }) => ctx.house.consoles.refusal(ctx.actor, input.vmId) ?? null),
});
