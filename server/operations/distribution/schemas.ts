/** Inputs and outputs of distribution, for tRPC, REST and the pages. */
import { z } from 'zod';
import { reportSchema } from '../../problem-schema';

const id = z.string().max(64);
const says = z.object({ key: z.string(), params: z.record(z.string(), z.union([z.string(), z.number()])) });

/**
 * How a release stands at an edge, before anything moves. `older`: another release of the app is there. `unknown`: the
 * edge cannot tell (a Kubernetes node lists its 50 biggest images). `impossible`: it cannot go there, for the reason.
 */
export const cellStands = ['present', 'missing', 'older', 'unknown', 'impossible'] as const;
export type CellStand = (typeof cellStands)[number];

export const planInput = z.object({
  releaseIds: z.array(id).min(1).max(200),
  edgeIds: z.array(id).min(1).max(500),
  /** Asks every edge anew, instead of taking what it told in the last minute. */
  fresh: z.boolean().default(false),
});
export type PlanInput = z.input<typeof planInput>;

export const planCell = z.object({
  releaseId: z.string(),
  edgeId: z.string(),
  stand: z.enum(cellStands),
  /** Why it is `unknown` or `impossible`, or what is older. */
  reason: says.nullable(),
  /** Bytes that would move, each counted once for the edge; and those of the release that need not. */
  bytes: z.number(),
  bytesThere: z.number(),
  /** Seconds at the speed last seen there; null while none was. */
  seconds: z.number().nullable(),
});
export type PlanCell = z.infer<typeof planCell>;

export const distributionPlan = z.object({
  releases: z.array(
    z.object({ id: z.string(), name: z.string(), version: z.string(), kind: z.enum(['vm', 'container']) }),
  ),
  edges: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      kind: z.string(),
      /** When it was asked what it holds; null when it could not be, for the reason. */
      askedAt: z.number().nullable(),
      problem: reportSchema.nullable(),
      /** Of all the plan's cells of this edge, what several releases share counted once. */
      bytes: z.number(),
      freeBytes: z.number().nullable(),
      fits: z.boolean(),
    }),
  ),
  cells: z.array(planCell),
  totals: z.object({
    bytes: z.number(),
    cells: z.number(),
    present: z.number(),
    seconds: z.number().nullable(),
  }),
});
export type DistributionPlan = z.infer<typeof distributionPlan>;

const anyway = z
  .boolean()
  .default(false)
  .describe('Sends also what an edge has not the space for; else it fails before anything is sent');

export const startDistribution = z.object({
  releaseIds: z.array(id).min(1).max(200),
  edgeIds: z.array(id).min(1).max(500),
  anyway,
});
export type StartDistribution = z.input<typeof startDistribution>;

export const cellStates = ['waiting', 'running', 'done', 'skipped', 'failed', 'cancelled'] as const;
export type CellState = (typeof cellStates)[number];

export const distributionCell = z.object({
  releaseId: z.string(),
  edgeId: z.string(),
  state: z.enum(cellStates),
  jobId: z.string().nullable(),
  done: z.number(),
  total: z.number(),
  bytesMoved: z.number(),
  bytesKept: z.number(),
  ms: z.number().nullable(),
  problem: reportSchema.nullable(),
});
export type DistributionCell = z.infer<typeof distributionCell>;

/** In lists. */
export const distributionSummary = z.object({
  id: z.string(),
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  createdAt: z.number(),
  createdBy: z.string(),
  endedAt: z.number().nullable(),
  releases: distributionPlan.shape.releases,
  edges: z.array(z.object({ id: z.string(), name: z.string(), kind: z.string() })),
  counts: z.record(z.enum(cellStates), z.number()),
  bytesMoved: z.number(),
  bytesKept: z.number(),
});
export type DistributionSummary = z.infer<typeof distributionSummary>;

/** Which cells of a distribution are told, and which part of them. */
export const cellPage = z.object({
  edgeId: id.optional(),
  releaseId: id.optional(),
  state: z.enum(cellStates).optional(),
  limit: z.coerce.number().int().min(1).max(5000).default(1000),
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
});
export type CellPage = z.input<typeof cellPage>;

export const distribution = distributionSummary.extend({
  cells: z.array(distributionCell).describe('A page of those that fit'),
  total: z.number().describe('How many cells fit'),
});
export type Distribution = z.infer<typeof distribution>;

/**
 * A cell in three numbers, for thousands of them: its place (number of the edge × how many releases + number of the
 * release), its state's position in `cellStates`, and percent while it runs or bytes moved once it is done.
 */
export const runCell = z.tuple([z.number(), z.number(), z.number()]);
export type RunCell = z.infer<typeof runCell>;

/** A distribution as the page draws it, or what changed since it was last asked. */
export const distributionRun = distributionSummary.omit({ releases: true, edges: true }).extend({
  version: z.number(),
  /** What places mean; null where only the changes were asked for. */
  axes: distributionSummary.pick({ releases: true, edges: true }).nullable(),
  cells: z.array(runCell),
});
export type DistributionRun = z.infer<typeof distributionRun>;

/** Failed cells that say the same, whatever edge or release they name. */
export const runCause = z.object({
  key: z.string(),
  /** What the first of them says. */
  problem: reportSchema,
  /** Whether all say the same, the edge they name left aside. */
  same: z.boolean(),
  places: z.array(z.number()),
  /** What each of the first says, in the order of their places. */
  said: z.array(reportSchema),
});
export type RunCause = z.infer<typeof runCause>;

/** Which cells of a distribution; all that it fits when absent. */
export const cellChoice = z.object({
  edgeIds: z.array(id).optional(),
  releaseIds: z.array(id).optional(),
});
export type CellChoice = z.infer<typeof cellChoice>;

export const retryChoice = cellChoice.extend({ anyway });
export type RetryChoice = z.input<typeof retryChoice>;

/** A release that is at an edge, as it was proved there. */
export const placement = z.object({
  releaseId: z.string(),
  edgeId: z.string(),
  /** Digest of each image as the edge told it, with the edge's own id of a disk image. */
  images: z.array(z.object({ name: z.string(), digest: z.string(), siteImageId: z.string().nullable() })),
  verifiedAt: z.number(),
  /** A newer release of the app is in sync and not there. */
  behind: z.boolean(),
});
export type Placement = z.infer<typeof placement>;
