import { z } from 'zod';
import { jobFilterSchema } from '../../jobs/schemas';
import { viewJob, viewJobs } from '../job-view';
import { listJobsFor, requireJob } from '../job-access';
import { procedure, router } from './base';

const id = z.object({ id: z.string() });

export const jobsRouter = router({
  /** Newest first. */
  list: procedure('developer', 'read')
    .input(jobFilterSchema)
    .query(({ ctx, input }) => {
      const { mine, projectId, ...filter } = input;
      const jobs = listJobsFor(ctx.house, ctx.actor, {
        ...filter,
        actorId: mine ? ctx.actor.userId : undefined,
        projectIds: projectId === undefined ? undefined : [projectId],
      });
      return viewJobs(ctx.house, ctx.actor, jobs);
    }),
  get: procedure('developer', 'read')
    .input(id)
    .query(({ ctx, input }) => {
      const job = requireJob(ctx.house, ctx.actor, input.id);
      return viewJob(ctx.house, ctx.actor, job);
    }),
  log: procedure('developer', 'read')
    .input(id.extend({ after: z.int().optional() }))
    .query(({ ctx, input }) =>
      ctx.house.jobs.log(requireJob(ctx.house, ctx.actor, input.id).id, input.after),
    ),
  cancel: procedure('developer', 'write')
    .input(id)
    .mutation(({ ctx, input }) => ctx.house.jobs.cancel(requireJob(ctx.house, ctx.actor, input.id).id)),
  retry: procedure('developer', 'write')
    .input(id)
    .mutation(({ ctx, input }) => ctx.house.jobs.retry(requireJob(ctx.house, ctx.actor, input.id).id)),
});
