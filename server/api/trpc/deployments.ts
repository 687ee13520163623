import { z } from 'zod';
import {
  createDeploymentInput,
  deploymentLogsInput,
  deployReleaseInput,
  listDeploymentsInput,
  planDeploymentInput,
  planReleaseInput,
  upgradeInput,
} from '../../operations/deployments/schemas';
import { procedure, router } from './base';

const id = z.object({ id: z.string().max(64) });
const requestKey = z.string().max(100).optional();

// A caller in this process has no connection that could break.
const never = new AbortController().signal;

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
  /** The last lines, then those that follow until the asker goes. Call it with `context: { streamed: true }`. */
  logs: procedure('developer', 'read')
    .input(deploymentLogsInput)
    .query(({ ctx, input, signal }) =>
      ctx.house.operations.deployments.logs(ctx.actor, input, true, signal ?? never),
    ),
  plan: procedure('developer', 'read')
    .input(planDeploymentInput)
    .query(({ ctx, input, signal }) => ctx.house.operations.deployments.plan(ctx.actor, input, signal)),
  create: procedure('developer', 'write')
    .input(z.object({ deployment: createDeploymentInput, requestKey }))
    .mutation(({ ctx, input }) =>
      ctx.house.operations.deployments.create(ctx.actor, input.deployment, input.requestKey),
    ),
  planRelease: procedure('developer', 'read')
    .input(planReleaseInput)
    .query(({ ctx, input, signal }) =>
      ctx.house.operations.deployments.planRelease(ctx.actor, input, signal),
    ),
  deployRelease: procedure('operator', 'write')
    .input(z.object({ deployment: deployReleaseInput, requestKey }))
    .mutation(({ ctx, input }) =>
      ctx.house.operations.deployments.deployRelease(ctx.actor, input.deployment, input.requestKey),
    ),
  planUpgrade: procedure('operator', 'read')
    .input(id.extend({ upgrade: upgradeInput }))
    .query(({ ctx, input, signal }) =>
      ctx.house.operations.deployments.planUpgrade(ctx.actor, input.id, input.upgrade, signal),
    ),
  upgrade: procedure('operator', 'write')
    .input(id.extend({ upgrade: upgradeInput }))
    .mutation(({ ctx, input }) =>
      ctx.house.operations.deployments.upgrade(ctx.actor, input.id, input.upgrade),
    ),
  rollBack: procedure('operator', 'write')
    .input(id.extend({ revision: z.number().int().optional() }))
    .mutation(({ ctx, input }) =>
      ctx.house.operations.deployments.rollBack(ctx.actor, input.id, input.revision),
    ),
  remove: procedure('developer', 'write')
    .input(id)
    .mutation(({ ctx, input }) => ctx.house.operations.deployments.remove(ctx.actor, input.id)),
});
