/** How to reach another Edgeyard. */
import { z } from 'zod';

/** What may be shown. */
export const edgeyardLogin = z.object({
  /** Where its pages are, without a path: `https://yard.example.org`. */
  url: z
    .string()
    .trim()
    .max(500)
    .regex(/^https?:\/\/[^\s/@?#]+\/?$/, 'edgeyards.errors.badAddress')
    .transform((url) => url.replace(/\/$/, '')),
  /** PEM certificates of the host's own authority; empty for the public ones. */
  ca: z.string().max(100_000).default(''),
});
export type EdgeyardLogin = z.infer<typeof edgeyardLogin>;

/** A login with its secret: an API token of an operator there. Never leaves the server. */
export interface EdgeyardAccess {
  login: EdgeyardLogin;
  secret: string;
}
