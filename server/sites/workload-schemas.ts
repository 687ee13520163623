/** Workloads as sites tell of them, for tRPC, REST and the pages. */
import { z } from 'zod';
import type { WorkloadEvent } from './workloads';

/** A pod or a container. */
export const workloadPartSchema = z.object({
  name: z.string(),
  owner: z.string(),
  state: z.enum(['waiting', 'pulling', 'starting', 'ready', 'failed', 'done']),
  reason: z.string().optional(),
  detail: z.string().optional(),
  node: z.string().optional(),
  addresses: z.array(z.string()),
  containers: z.array(
    z.object({
      name: z.string(),
      image: z.string(),
      digest: z.string().optional(),
      ready: z.boolean(),
      restarts: z.number(),
    }),
  ),
});

/** Where somebody can ask the app. */
export const workloadEndpointSchema = z.object({ name: z.string(), url: z.string() });

export const workloadEventSchema = z.object({
  at: z.number(),
  about: z.string(),
  warning: z.boolean(),
  reason: z.string(),
  message: z.string(),
}) satisfies z.ZodType<WorkloadEvent>;
