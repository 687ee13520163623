import { z } from 'zod';
import { paramsSchema } from './problem-schema';

/** What a connection test tells of each of its lights, for descriptions of the API. */
export const lightFields = {
  state: z.enum(['ok', 'warn', 'failed', 'skipped']),
  ms: z.number().describe('How long it took, in milliseconds'),
  says: z.string().describe('Full message key'),
  params: paramsSchema,
  detail: z.string().optional().describe('The foreign words behind it'),
  certificate: z
    .object({
      subject: z.string(),
      issuer: z.string(),
      fingerprint: z.string().describe('SHA-256 of the certificate, hex pairs with colons'),
      validUntil: z.number().describe('Milliseconds since 1970'),
      trusted: z.boolean(),
      pem: z.string().describe('The chain as the server showed it; fits into `ca`'),
    })
    .optional(),
};
