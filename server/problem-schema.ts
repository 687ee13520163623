import { z } from 'zod';
import { problemStatus, type ProblemCode } from './problem';

/** Values of a message's placeholders. */
export const paramsSchema = z.record(z.string(), z.union([z.string(), z.number()]));

/** Words of ours by their full message key. */
export const wordsSchema = z.object({ key: z.string(), params: paramsSchema });

/** {@link ProblemReport} for descriptions of the API. */
export const reportSchema = wordsSchema.extend({
  code: z.enum(Object.keys(problemStatus) as [ProblemCode, ...ProblemCode[]]),
  detail: z.string().optional(),
});
