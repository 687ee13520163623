import { z } from 'zod';
import { procedure, router } from './base';

export const consoleRouter = router({
  ticket: procedure('developer', 'write')
    .input(z.object({ vmId: z.string() }))
    .mutation(({ ctx, input }) => ctx.house.consoles.issue(ctx.actor, input.vmId)),
});
