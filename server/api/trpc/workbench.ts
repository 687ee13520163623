import { z } from 'zod';
import {
  actVmInput,
  createProjectInput,
  createVmInput,
  listProjectsInput,
  mendVmInput,
  planVmInput,
  projectFields,
  updateProjectInput,
} from '../../workbench/schemas';
import { procedure, router } from './base';

const projectId = z.string();
const vmId = z.string();
/** The page's own key of a form: sending it twice makes one thing. */
const requestKey = z.string().max(100).optional();

const projects = router({
  list: procedure('developer', 'read')
    .input(listProjectsInput)
    .query(({ ctx, input }) => ctx.house.workbench.projects.list(ctx.actor, input)),
  get: procedure('developer', 'read')
    .input(z.object({ projectId }))
    .query(({ ctx, input }) => ctx.house.workbench.projects.get(ctx.actor, input.projectId)),
  create: procedure('developer', 'write')
    .input(z.object({ project: createProjectInput, requestKey }))
    .mutation(({ ctx, input }) =>
      ctx.house.workbench.projects.create(ctx.actor, input.project, input.requestKey),
    ),
  update: procedure('developer', 'write')
    .input(z.object({ projectId, change: updateProjectInput }))
    .mutation(({ ctx, input }) =>
      ctx.house.workbench.projects.update(ctx.actor, input.projectId, input.change),
    ),
  clone: procedure('developer', 'write')
    .input(z.object({ projectId, name: projectFields.shape.name }))
    .mutation(({ ctx, input }) => ctx.house.workbench.projects.clone(ctx.actor, input.projectId, input.name)),
  removalPlan: procedure('developer', 'read')
    .input(z.object({ projectId }))
    .query(({ ctx, input }) => ctx.house.workbench.projects.removalPlan(ctx.actor, input.projectId)),
  remove: procedure('developer', 'write')
    .input(z.object({ projectId }))
    .mutation(({ ctx, input }) => ctx.house.workbench.projects.remove(ctx.actor, input.projectId)),
  members: procedure('developer', 'read')
    .input(z.object({ projectId }))
    .query(({ ctx, input }) => ctx.house.workbench.projects.members(ctx.actor, input.projectId)),
  addMember: procedure('developer', 'write')
    .input(z.object({ projectId, nameOrEmail: z.string().trim().min(1).max(200) }))
    .mutation(({ ctx, input }) =>
      ctx.house.workbench.projects.addMember(ctx.actor, input.projectId, input.nameOrEmail),
    ),
  removeMember: procedure('developer', 'write')
    .input(z.object({ projectId, userId: z.string() }))
    .mutation(({ ctx, input }) =>
      ctx.house.workbench.projects.removeMember(ctx.actor, input.projectId, input.userId),
    ),
});

const vms = router({
  list: procedure('developer', 'read')
    .input(z.object({ projectId }))
    .query(({ ctx, input }) => ctx.house.workbench.vms.list(ctx.actor, input.projectId)),
  get: procedure('developer', 'read')
    .input(z.object({ vmId }))
    .query(({ ctx, input }) => ctx.house.workbench.vms.get(ctx.actor, input.vmId)),
  events: procedure('developer', 'read')
    .input(z.object({ vmId }))
    .query(({ ctx, input }) => ctx.house.workbench.vms.events(ctx.actor, input.vmId)),
  plan: procedure('developer', 'read')
    .input(z.object({ projectId, choices: planVmInput }))
    .query(({ ctx, input, signal }) =>
      ctx.house.workbench.vms.plan(ctx.actor, input.projectId, input.choices, signal),
    ),
  create: procedure('developer', 'write')
    .input(z.object({ projectId, vm: createVmInput, requestKey }))
    .mutation(({ ctx, input }) =>
      ctx.house.workbench.vms.create(ctx.actor, input.projectId, input.vm, input.requestKey),
    ),
  act: procedure('developer', 'write')
    .input(actVmInput.extend({ vmId }))
    .mutation(({ ctx, input: { vmId: id, ...action } }) =>
      ctx.house.workbench.vms.act(ctx.actor, id, action),
    ),
  remove: procedure('developer', 'write')
    .input(z.object({ vmId }))
    .mutation(({ ctx, input }) => ctx.house.workbench.vms.remove(ctx.actor, input.vmId)),
  reach: procedure('developer', 'read')
    .input(z.object({ vmId }))
    .query(({ ctx, input, signal }) => ctx.house.workbench.vms.reach(ctx.actor, input.vmId, signal)),
  mend: procedure('developer', 'write')
    .input(mendVmInput.extend({ vmId }))
    .mutation(({ ctx, input, signal }) =>
      ctx.house.workbench.vms.mend(ctx.actor, input.vmId, input.fix, signal),
    ),
  serial: procedure('developer', 'read')
    .input(z.object({ vmId, from: z.int().min(0) }))
    .query(({ ctx, input }) => ctx.house.workbench.vms.serial(ctx.actor, input.vmId, input.from)),
});

export const workbenchRouter = router({ projects, vms });
