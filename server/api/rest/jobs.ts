import { z } from '@hono/zod-openapi';
import type { House } from '../../house';
import { jobStates } from '../../jobs/job';
import { listJobsFor, requireJob } from '../job-access';
import { json, jobSchema, restRoute, saidSchema, userOf, type RestApp } from './route';

const id = z.object({ id: z.string() });
const read = { role: 'developer', scope: 'read' } as const;
const write = { role: 'developer', scope: 'write' } as const;

const listJobs = restRoute(read, {
  method: 'get',
  path: '/api/v1/jobs',
  tags: ['Jobs'],
  summary: 'Jobs you may see, newest first',
  request: {
    query: z.object({
      state: z.enum(jobStates).optional(),
      kind: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
  },
  responses: { 200: json(z.object({ jobs: z.array(jobSchema) }), 'Jobs') },
});

const getJob = restRoute(read, {
  method: 'get',
  path: '/api/v1/jobs/{id}',
  tags: ['Jobs'],
  summary: 'How far a job is',
  request: { params: id },
  responses: { 200: json(jobSchema, 'The job') },
});

const getLog = restRoute(read, {
  method: 'get',
  path: '/api/v1/jobs/{id}/log',
  tags: ['Jobs'],
  summary: 'What a job wrote down',
  request: {
    params: id,
    query: z.object({
      after: z.coerce.number().int().optional().openapi({ description: 'Only lines of a greater seq' }),
    }),
  },
  responses: {
    200: json(
      z.object({ lines: z.array(z.object({ seq: z.int(), at: z.number(), line: saidSchema })) }),
      'Lines',
    ),
  },
});

const cancelJob = restRoute(write, {
  method: 'post',
  path: '/api/v1/jobs/{id}/cancel',
  tags: ['Jobs'],
  summary: 'Asks a job to stop; what it made is undone',
  request: { params: id },
  responses: { 200: json(jobSchema, 'The job') },
});

const retryJob = restRoute(write, {
  method: 'post',
  path: '/api/v1/jobs/{id}/retry',
  tags: ['Jobs'],
  summary: 'Runs a failed or cancelled job again',
  request: { params: id },
  responses: { 200: json(jobSchema, 'The job') },
});

/** Adds the routes of jobs. */
export function addJobRoutes(app: RestApp, house: House): void {
  app.openapi(listJobs, (c) => {
    const { state, kind, limit } = c.req.valid('query');
    const jobs = listJobsFor(house, userOf(c), { kind, states: state && [state], limit });
    return c.json({ jobs }, 200);
  });

  app.openapi(getJob, (c) => c.json(requireJob(house, c.get('actor'), c.req.valid('param').id), 200));

  app.openapi(getLog, (c) => {
    const job = requireJob(house, c.get('actor'), c.req.valid('param').id);
    return c.json({ lines: house.jobs.log(job.id, c.req.valid('query').after) }, 200);
  });

  app.openapi(cancelJob, (c) => {
    const job = requireJob(house, c.get('actor'), c.req.valid('param').id);
    return c.json(house.jobs.cancel(job.id), 200);
  });

  app.openapi(retryJob, (c) => {
    const job = requireJob(house, c.get('actor'), c.req.valid('param').id);
    return c.json(house.jobs.retry(job.id), 200);
  });
}
