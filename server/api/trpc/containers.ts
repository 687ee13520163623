import { z } from 'zod';
import {
  adoptInput,
  checkTextInput,
  deployInput,
  knownInput,
  logsInput,
  pullInput,
  saveTextInput,
} from '../../containers/schemas';
import { procedure, router } from './base';

const ofProject = z.object({ projectId: z.string().max(64) });
const ofImage = z.object({ imageId: z.string().max(64) });
const ofDeployment = z.object({ deploymentId: z.string().max(64) });
const requestKey = z.string().max(100).optional();

// A caller in this process has no connection that could break.
const never = new AbortController().signal;

const text = router({
  /** Null before anything was saved. */
  get: procedure('developer', 'read')
    .input(ofProject)
    .query(({ ctx, input }) => ctx.house.containers.text.get(ctx.actor, input.projectId)),
  save: procedure('developer', 'write')
    .input(saveTextInput)
    .mutation(({ ctx, input }) => ctx.house.containers.text.save(ctx.actor, input)),
  remove: procedure('developer', 'write')
    .input(ofProject)
    .mutation(({ ctx, input }) => {
      ctx.house.containers.text.remove(ctx.actor, input.projectId);
    }),
  check: procedure('developer', 'read')
    .input(checkTextInput)
    .query(({ ctx, input, signal }) => ctx.house.containers.text.check(ctx.actor, input, signal ?? never)),
  fetchMissing: procedure('developer', 'write')
    .input(ofProject.extend({ requestKey }))
    .mutation(({ ctx, input, signal }) =>
      ctx.house.containers.text.fetchMissing(ctx.actor, input.projectId, signal ?? never),
    ),
});

const deployments = router({
  targets: procedure('developer', 'read').query(({ ctx }) => ctx.house.containers.deployments.targets()),
  list: procedure('developer', 'read')
    .input(ofProject)
    .query(({ ctx, input }) => ctx.house.containers.deployments.list(ctx.actor, input.projectId)),
  get: procedure('developer', 'read')
    .input(ofDeployment)
    .query(({ ctx, input, signal }) =>
      ctx.house.containers.deployments.get(ctx.actor, input.deploymentId, signal ?? never),
    ),
  events: procedure('developer', 'read')
    .input(ofDeployment)
    .query(({ ctx, input, signal }) =>
      ctx.house.containers.deployments.events(ctx.actor, input.deploymentId, signal ?? never),
    ),
  /** The last lines, then those that follow until the asker goes. Call it with `context: { streamed: true }`. */
  logs: procedure('developer', 'read')
    .input(logsInput)
    .query(({ ctx, input, signal }) =>
      ctx.house.containers.deployments.logs(ctx.actor, input, true, signal ?? never),
    ),
  create: procedure('developer', 'write')
    .input(deployInput)
    .mutation(({ ctx, input, signal }) =>
      ctx.house.containers.deployments.create(ctx.actor, input, signal ?? never),
    ),
  redeploy: procedure('developer', 'write')
    .input(ofDeployment)
    .mutation(({ ctx, input, signal }) =>
      ctx.house.containers.deployments.redeploy(ctx.actor, input.deploymentId, signal ?? never),
    ),
  remove: procedure('developer', 'write')
    .input(ofDeployment)
    .mutation(({ ctx, input }) => ctx.house.containers.deployments.remove(ctx.actor, input.deploymentId)),
});

export const containersRouter = router({
  list: procedure('developer', 'read')
    .input(ofProject)
    .query(({ ctx, input }) => ctx.house.containers.list(ctx.actor, input.projectId)),
  get: procedure('developer', 'read')
    .input(ofImage)
    .query(({ ctx, input, signal }) => ctx.house.containers.get(ctx.actor, input.imageId, signal ?? never)),
  remove: procedure('developer', 'write')
    .input(ofImage)
    .mutation(({ ctx, input }) => ctx.house.containers.remove(ctx.actor, input.imageId)),
  uploads: procedure('developer', 'read')
    .input(ofProject)
    .query(({ ctx, input }) => ctx.house.containers.uploads(ctx.actor, input.projectId)),
  known: procedure('developer', 'read')
    .input(knownInput)
    .query(({ ctx, input }) => ctx.house.containers.known(ctx.actor, input)),
  adopt: procedure('developer', 'write')
    .input(adoptInput)
    .mutation(({ ctx, input, signal }) => ctx.house.containers.adopt(ctx.actor, input, signal ?? never)),
  pull: procedure('developer', 'write')
    .input(ofProject.extend({ image: pullInput, requestKey }))
    .mutation(({ ctx, input }) =>
      ctx.house.containers.pull(ctx.actor, input.projectId, input.image, input.requestKey),
    ),
  text,
  deployments,
});
