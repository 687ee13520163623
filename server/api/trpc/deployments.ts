import { z } from 'zod';
import { createDeploymentInput, listDeploymentsInput, planDeploymentInput } from '../../operations/deployments/schemas';
import { procedure, router } from './base';

const id = z.object({ id: z.string().max(64) });

export const deploymentsRouter = router({
  list: procedure('developer', 'read')
    .input(listDeploymentsInput)
    .query(({ ctx, input }) => ctx.house.operations.deployments.list(ctx.actor, input)),
  get: procedure('developer', 'read')
    .input(id)
    .query(({ ctx, input, signal }) => ctx.house.operations.deployments.get(ctx.actor, input.id, signal)),
  events: procedure('developer', 'read')
    .input(id)
    .query(({ ctx, input, signal }) => ctx.house.operations.deployments.events(ctx.actor, input.id, signal)),
  plan: procedure('developer', 'read')
    .input(planDeploymentInput)
    .query(({ ctx, input, signal }) => ctx.house.operations.deployments.plan(ctx.actor, input, signal)),
  create: procedure('developer', 'write')
    .input(z.object({ deployment: createDeploymentInput, requestKey: z.string().max(100).optional() }))
    .mutation(({ ctx, input }) => ctx.house.operations.deployments.create(ctx.actor, input.deployment, input.requestKey)),
  remove: procedure('developer', 'write')
    .input(id)
    .mutation(({ ctx, input }) => ctx.house.operations.deployments.remove(ctx.actor, input.id)),
});
