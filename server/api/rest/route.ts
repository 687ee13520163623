import { createRoute, z, type OpenAPIHono, type RouteConfig } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { requireUser, type Actor, type UserActor } from '../../access/actor';
import { jobStates, type Job } from '../../jobs/job';
import { checkRule, type Rule } from '../trpc/base';
import { paramsSchema, reportSchema } from '../../problem-schema';

/** What every handler finds beside the request. */
export interface RestEnv {
  Variables: { actor: Actor };
}
export type RestApp = OpenAPIHono<RestEnv>;

const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    code: z.string(),
    key: z.string(),
    params: paramsSchema,
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .openapi('Problem');

const progressSchema = z.object({ done: z.number(), total: z.number(), unit: z.enum(['bytes', 'percent']) });

/** A foreign line as it came, or words of ours by their key. */
export const saidSchema = z.union([
  z.string(),
  z
    .object({
      key: z.string(),
      params: paramsSchema,
      detail: z.string().optional(),
    })
    .openapi('Said'),
]);

/** A job as REST shows it; the fields are those of server/jobs/job.ts. */
export const jobSchema = z
  .object({
    id: z.string(),
    kind: z.string(),
    subject: z.object({ type: z.string(), id: z.string() }),
    projectId: z.string().optional(),
    actorId: z.string().optional(),
    parentId: z.string().optional(),
    state: z.enum(jobStates),
    steps: z.array(
      z.object({
        name: z.string(),
        state: z.string(),
        progress: progressSchema.optional(),
        startedAt: z.number().optional(),
        endedAt: z.number().optional(),
      }),
    ),
    attempt: z.int(),
    message: saidSchema.optional(),
    error: reportSchema.optional(),
    undoError: reportSchema
      .optional()
      .openapi({ description: 'Why the clean-up failed too: something may be left' }),
    result: z.any().openapi({ description: 'What the job returned, once done' }),
    cancellable: z.boolean(),
    createdAt: z.number(),
    startedAt: z.number().optional(),
    endedAt: z.number().optional(),
    heartbeatAt: z.number().optional().openapi({ description: 'Last sign of life, milliseconds since 1970' }),
  })
  .openapi('Job');

/** The answer of a route, in JSON. */
export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** A request body in JSON. */
export function body<Schema extends z.ZodType>(schema: Schema) {
  return { body: { required: true, content: { 'application/json': { schema } } } };
}

/** The answer of a long action: 202 with the job that does it; its Location is the job. */
export const acceptedJob = { 202: json(jobSchema, 'The job that does it') };

/**
 * Describes a route. Its rule is checked before the handler, shown in the OpenAPI document as `x-rule`, and walked by
 * the test of rules.
 *
 * @param rule least role, and the scope a token needs; role `guest` is open to everybody
 * @param config method, path, request and responses as zod-openapi has them
 */
export function restRoute<Config extends RouteConfig>(rule: Rule, config: Config) {
  const described = {
    ...config,
    responses: {
      ...config.responses,
      default: {
        description: 'A problem (RFC 9457)',
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    },
    security: rule.role === 'guest' ? [] : [{ bearer: [] }, { accessToken: [] }],
    'x-rule': rule,
    middleware: async (c: Context<RestEnv>, next: () => Promise<void>) => {
      checkRule(c.get('actor'), rule);
      await next();
    },
  };
  // The added members change nothing in what the handler gets and gives, so its types are those of `config`.
  return createRoute<Config['path'], Config>(described);
}

/** The signed-in user behind a request. @throws Problem `unauthenticated` */
export function userOf(c: Context<RestEnv>): UserActor {
  return requireUser(c.get('actor'));
}

/** Answers 202 with a job and its address. */
export function accepted(c: Context<RestEnv>, job: Job) {
  c.header('Location', `/api/v1/jobs/${job.id}`);
  return c.json(job, 202);
}
