/** How to sign in to a Kubernetes cluster: what one context of a kubeconfig says, as our own form. */
import { z } from 'zod';

/** What may be shown. */
export const kubernetesLogin = z.object({
  /** The API server's address. */
  server: z.url({ protocol: /^https?$/ }).max(500),
  /** A bearer token, or a client certificate with its key. */
  method: z.enum(['token', 'certificate']),
  /** Names of the kubeconfig it came from; only shown. */
  context: z.string().max(255).default(''),
  userName: z.string().max(255).default(''),
  /** Name the API server's certificate is checked for, where it is not the address's. */
  tlsServerName: z.string().max(255).default(''),
  /** PEM certificates of the cluster's own authority; empty for the public ones. */
  ca: z.string().max(100_000).default(''),
  /** TLS certificates are not checked: warned of wherever the site is shown. */
  insecure: z.boolean().default(false),
  /**
   * Host at which people reach NodePorts, where it is not the nodes' own address: a load balancer, say.
   */
  publicHost: z.string().max(255).default(''),
});
export type KubernetesLogin = z.infer<typeof kubernetesLogin>;

/** A login with its secret: the token, or certificate and key as PEM one after the other. Never leaves the server. */
export interface KubernetesAccess {
  login: KubernetesLogin;
  secret: string;
}
