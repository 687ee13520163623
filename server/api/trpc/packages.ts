import { z } from 'zod';
import { buildInput, packageFilter } from '../../packages/schemas';
import { publishInput } from '../../store/schemas';
import { procedure, router } from './base';

const id = z.object({ id: z.string().max(64) });

export const packagesRouter = router({
  list: procedure('developer', 'read')
    .input(packageFilter)
    .query(({ ctx, input }) => ctx.house.packages.list(ctx.actor, input)),

  get: procedure('developer', 'read')
    .input(id)
    .query(({ ctx, input }) => ctx.house.packages.get(ctx.actor, input.id)),

  preview: procedure('developer', 'read')
    .input(id.extend({ path: z.string().max(2000) }))
    .query(({ ctx, input }) => ctx.house.packages.preview(ctx.actor, input.id, input.path)),

  build: procedure('developer', 'write')
    .input(z.object({ projectId: z.string().max(64), input: buildInput, key: z.string().max(64).optional() }))
    .mutation(({ ctx, input }) =>
      ctx.house.packages.build(ctx.actor, input.projectId, input.input, input.key),
    ),

  publish: procedure('developer', 'write')
    .input(id.extend({ input: publishInput }))
    .mutation(({ ctx, input }) => ctx.house.store.publish(ctx.actor, input.id, input.input)),

  remove: procedure('developer', 'write')
    .input(id)
    .mutation(({ ctx, input }) => ctx.house.packages.remove(ctx.actor, input.id)),
});
