import { z } from 'zod';
import { problemStatus, type ProblemCode } from './problem';

/** {@link ProblemReport} for descriptions of the API. */
export const reportSchema = z.object({
  code: z.enum(Object.keys(problemStatus) as [ProblemCode, ...ProblemCode[]]),
  key: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
  detail: z.string().optional(),
});
