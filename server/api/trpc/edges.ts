import { z } from 'zod';
import { importEdges, updateEdge } from '../../operations/edges/schemas';
import { procedure, router } from './base';

const ofEdge = z.object({ id: z.string().max(64) });

export const edgesRouter = router({
  list: procedure('developer', 'read').query(({ ctx }) => ctx.house.operations.edges.list()),
  get: procedure('developer', 'read')
    .input(ofEdge)
    .query(({ ctx, input }) => ctx.house.operations.edges.get(input.id)),
  /** An edge's registry is for administrators, which the room sees to. */
  update: procedure('operator', 'write')
    .input(ofEdge.extend({ edge: updateEdge }))
    .mutation(({ ctx, input }) => ctx.house.operations.edges.update(ctx.actor, input.id, input.edge)),
  /** Changes nothing, but holds the secrets of the file, which belong into no address. */
  previewImport: procedure('admin', 'admin')
    .input(importEdges)
    .mutation(({ ctx, input }) => ctx.house.operations.edges.previewImport(input)),
  import: procedure('admin', 'admin')
    .input(importEdges)
    .mutation(({ ctx, input }) => ctx.house.operations.edges.import(ctx.actor, input)),
  check: procedure('operator', 'write')
    .input(ofEdge)
    .mutation(({ ctx, input, signal }) => ctx.house.operations.edges.check(input.id, signal)),
});
