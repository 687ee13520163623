/** How to reach a Docker host. */
import { z } from 'zod';

/** What may be shown. */
export const dockerLogin = z.object({
  /**
   * As in `DOCKER_HOST`: `unix:///var/run/docker.sock`, `tcp://host:2376`, `ssh://user@host:22`.
   */
  endpoint: z
    .string()
    .trim()
    .max(500)
    .regex(
      /^(unix:\/\/\/[^\s]+|tcp:\/\/[^\s/@]+|ssh:\/\/[^\s/@]+@[^\s/@]+)$/,
      'workloads.errors.badEndpoint',
    ),
  /** Only of `tcp`: whether TLS is spoken. A client certificate is then the secret, if the host asks for one. */
  tls: z.boolean().default(true),
  /** PEM certificates of the host's own authority; empty for the public ones. */
  ca: z.string().max(100_000).default(''),
  /** TLS certificates are not checked: warned of wherever the site is shown. */
  insecure: z.boolean().default(false),
  /** Only of `ssh`: `SHA256:…` of the host's key, as ssh-keygen writes it. Nobody else is talked to. */
  hostKey: z.string().trim().max(100).default(''),
  /** Host at which people reach published ports, where it is not the endpoint's. */
  publicHost: z.string().max(255).default(''),
});
export type DockerLogin = z.infer<typeof dockerLogin>;

/**
 * A login with its secret: for `tcp` certificate and key as PEM, for `ssh` a private key or a password; empty where
 * none is needed. Never leaves the server.
 */
export interface DockerAccess {
  login: DockerLogin;
  secret: string;
}
