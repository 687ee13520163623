import { z } from 'zod';

/** {@link ProblemReport} for descriptions of the API. */
export const reportSchema = z.object({
  code: z.string(),
  key: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
  detail: z.string().optional(),
});
