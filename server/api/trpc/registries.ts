import {
  artifactInput,
  createRobotSchema,
  examineRegistrySchema,
  registryRole,
  repositoryInput,
  roleInput,
  setRegistrySchema,
} from '../../registries/schemas';
import { z } from 'zod';
import { procedure, router } from './base';

const admin = (scope: 'read' | 'admin') => procedure('admin', scope);
const developer = procedure('developer', 'read');

/** Developers look into the workbench's registry only; the others are for those who run the place. */
const browseRouter = router({
  repositories: developer
    .input(roleInput)
    .query(({ ctx, input, signal }) =>
      ctx.house.registries.browse.repositories(ctx.actor, input.role, signal),
    ),
  repository: developer
    .input(repositoryInput)
    .query(({ ctx, input, signal }) =>
      ctx.house.registries.browse.repository(ctx.actor, input.role, input.repository, signal),
    ),
  artifact: developer
    .input(artifactInput)
    .query(({ ctx, input, signal }) =>
      ctx.house.registries.browse.artifact(ctx.actor, input.role, input.repository, input.digest, signal),
    ),
  remove: admin('admin')
    .input(artifactInput)
    .mutation(({ ctx, input }) =>
      ctx.house.registries.browse.remove(ctx.actor, input.role, input.repository, input.digest),
    ),
});

const robotsRouter = router({
  list: admin('read').query(({ ctx }) => ctx.house.registries.robots.list()),
  create: admin('admin')
    .input(createRobotSchema)
    .mutation(({ ctx, input }) => ctx.house.registries.robots.create(ctx.actor, input)),
  revoke: admin('admin')
    .input(z.object({ id: z.string().max(64) }))
    .mutation(({ ctx, input }) => ctx.house.registries.robots.revoke(ctx.actor, input.id)),
});

export const registriesRouter = router({
  list: developer.query(({ ctx }) => ctx.house.registries.list()),
  adminList: admin('read').query(({ ctx }) => ctx.house.registries.adminList()),
  bundled: admin('read').query(({ ctx }) => ctx.house.registries.bundled()),
  set: admin('admin')
    .input(z.object({ role: registryRole, to: setRegistrySchema }))
    .mutation(({ ctx, input }) => ctx.house.registries.set(ctx.actor, input.role, input.to)),
  moveLeft: admin('admin')
    .input(roleInput)
    .mutation(({ ctx, input }) => ctx.house.registries.moveLeft(ctx.actor, input.role)),
  // The lights come one by one: the caller asks with the context `streamed` and reads what it gets with `for await`.
  examine: admin('admin')
    .input(examineRegistrySchema)
    .mutation(({ ctx, input, signal }) => ctx.house.registries.examine(input, signal)),
  collectGarbage: admin('admin').mutation(({ ctx }) => ctx.house.registries.collectGarbage(ctx.actor)),
  browse: browseRouter,
  robots: robotsRouter,
});
