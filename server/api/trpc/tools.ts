import { z } from 'zod';
import { mepInput, toolInput } from '../../workbench/guest/schemas';
import { procedure, router } from './base';

const ofTool = z.object({ toolId: z.string() });
const ofVm = z.object({ vmId: z.string() });

export const toolsRouter = router({
  catalogue: procedure('developer', 'read').query(({ ctx }) => ctx.house.guest.tools.catalogue.list()),
  add: procedure('admin', 'admin')
    .input(toolInput)
    .mutation(({ ctx, input }) => ctx.house.guest.tools.catalogue.add(ctx.actor, input)),
  change: procedure('admin', 'admin')
    .input(ofTool.extend({ tool: toolInput }))
    .mutation(({ ctx, input }) =>
      ctx.house.guest.tools.catalogue.change(ctx.actor, input.toolId, input.tool),
    ),
  remove: procedure('admin', 'admin')
    .input(ofTool)
    .mutation(({ ctx, input }) => ctx.house.guest.tools.catalogue.remove(ctx.actor, input.toolId)),
  ofVm: procedure('developer', 'read')
    .input(ofVm)
    .query(({ ctx, input }) => ctx.house.guest.tools.list(ctx.actor, input.vmId)),
  install: procedure('developer', 'write')
    .input(ofVm.extend({ toolId: z.string() }))
    .mutation(({ ctx, input }) => ctx.house.guest.tools.install(ctx.actor, input.vmId, input.toolId)),
  mep: procedure('developer', 'read')
    .input(z.object({ projectId: z.string() }))
    .query(({ ctx, input }) => ctx.house.guest.tools.identities.mep(ctx.actor, input.projectId) ?? null),
  setMep: procedure('developer', 'write')
    .input(mepInput.extend({ projectId: z.string() }))
    .mutation(({ ctx, input: { projectId, ...mep } }) =>
      ctx.house.guest.tools.identities.setMep(ctx.actor, projectId, mep),
    ),
});
