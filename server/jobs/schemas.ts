import { z } from 'zod';

/** States of a job, in the order of its life. */
export const jobStateSchema = z.enum(['queued', 'running', 'cancelling', 'done', 'failed', 'cancelled']);

export const subjectSchema = z.object({
  type: z.enum([
    'project',
    'vm',
    'image',
    'registry',
    'package',
    'release',
    'site',
    'tool',
    'deployment',
    'store',
    'syncedRelease',
  ]),
  id: z.string().max(100),
});

/** Which jobs a page asks for. */
export const jobFilterSchema = z.object({
  states: z.array(jobStateSchema).optional(),
  kind: z.string().max(100).optional(),
  subject: subjectSchema.optional(),
  projectId: z.string().max(100).optional(),
  /** Only those the asker started. */
  mine: z.boolean().optional(),
  limit: z.int().min(1).max(200).default(50),
});
