/** Inputs and outputs of edges, for tRPC, REST and the pages. */
import { z } from 'zod';
import { reportSchema } from '../../problem-schema';
import { externalRegistry } from '../../registries/schemas';
import { siteKinds } from '../../sites/site';

/** Kubernetes' rule for labels, so that a cluster's own can be taken over. */
const labelKey = z
  .string()
  .max(63)
  .regex(/^[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?$/);
const labelValue = z
  .string()
  .max(63)
  .regex(/^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?$/);
export const labels = z.record(labelKey, labelValue).refine((all) => Object.keys(all).length <= 32);

/** Where an edge stands. */
export const place = z.object({
  /** As people write it; may be empty. */
  address: z.string().trim().max(200).default(''),
  /** Degrees north, WGS 84. */
  latitude: z.number().min(-90).max(90),
  /** Degrees east, WGS 84. */
  longitude: z.number().min(-180).max(180),
});
export type Place = z.infer<typeof place>;

export const healthStates = ['well', 'unwell', 'unknown'] as const;
export type HealthState = (typeof healthStates)[number];

const amount = z.object({
  total: z.number().describe('-1: without limit'),
  used: z.number().nullable().describe('null: the edge does not count it'),
});

/** What an edge has, as it told at the last look. */
export const capacity = z.object({
  cpus: amount,
  memoryMiB: amount,
  /** Of machines the disk that images are kept on, of a site of VMs what guests may be given; null where it does not tell. */
  diskGiB: amount.nullable(),
  /** Machines of a cluster; empty where there is but one. */
  nodes: z.array(
    z.object({
      name: z.string(),
      ready: z.boolean(),
      /** The cluster's own words when it is not. */
      reason: z.string(),
      freeDiskGiB: z.number().nullable(),
    }),
  ),
});
export type Capacity = z.infer<typeof capacity>;

export const edgeView = z.object({
  /** Of the site. */
  id: z.string(),
  name: z.string(),
  kind: z.enum(siteKinds),
  runs: z.enum(['vms', 'containers']),
  enabled: z.boolean(),
  labels,
  place: place.nullable(),
  /** The registry it pulls from, where it has one of its own. */
  registry: externalRegistry.extend({ hasPassword: z.boolean(), hasPullPassword: z.boolean() }).nullable(),
  health: z.object({
    state: z.enum(healthStates),
    problem: reportSchema.nullable(),
    /** When the state was entered, and when it was last looked at; milliseconds since 1970. */
    since: z.number(),
    checkedAt: z.number().nullable(),
  }),
  capacity: capacity.nullable(),
  /** When it told so, which a later look that failed did not change; milliseconds since 1970. */
  capacityAt: z.number().nullable(),
  /** Bytes a second when something was last sent there; null before that. */
  speed: z.number().nullable(),
});
export type EdgeView = z.infer<typeof edgeView>;

/** What an edge is given beside what its site says; what is absent stays as it is, null takes it away. */
export const updateEdge = z.object({
  labels: labels.optional(),
  place: place.nullable().optional(),
  registry: externalRegistry
    .extend({ password: z.string().max(4096).optional(), pullPassword: z.string().max(4096).optional() })
    .nullable()
    .optional(),
});
export type UpdateEdge = z.infer<typeof updateEdge>;

/** A file with many edges. */
export const importEdges = z.object({
  format: z.enum(['yaml', 'csv']),
  text: z.string().max(2_000_000),
});
export type ImportEdges = z.infer<typeof importEdges>;

/** What became, or would become, of one entry of such a file. */
export const importedEdge = z.object({
  /** Line of the file it begins on, counted from 1. */
  line: z.number(),
  name: z.string(),
  kind: z.string(),
  outcome: z.enum(['create', 'update', 'unchanged', 'refused']),
  /** Why it is refused. */
  problem: reportSchema.nullable(),
  edgeId: z.string().nullable(),
});
export type ImportedEdge = z.infer<typeof importedEdge>;
