/** How to sign in to an OpenStack cloud: what a clouds.yaml entry or an openrc file says, as our own form. */
import { z } from 'zod';

/** What may be shown. */
export const openStackLogin = z.object({
  /** Keystone's address; `/v3` is added when absent. */
  authUrl: z.url({ protocol: /^https?$/ }).max(500),
  method: z.enum(['password', 'applicationCredential']),
  userName: z.string().max(255).default(''),
  userDomain: z.string().max(255).default('Default'),
  projectName: z.string().max(255).default(''),
  projectDomain: z.string().max(255).default('Default'),
  /** Id of the application credential. */
  credentialId: z.string().max(255).default(''),
  region: z.string().max(255).default(''),
  interface: z.enum(['public', 'internal', 'admin']).default('public'),
  /** PEM certificates of the cloud's own authority; empty for the public ones. */
  ca: z.string().max(100_000).default(''),
  /** TLS certificates are not checked: warned of wherever the site is shown. */
  insecure: z.boolean().default(false),
});
export type OpenStackLogin = z.infer<typeof openStackLogin>;

/** A login with its secret: the password, or the application credential's secret. Never leaves the server. */
export interface OpenStackAccess {
  login: OpenStackLogin;
  secret: string;
}
