/** Inputs and outputs of the overview, for tRPC, REST and the pages. */
import { z } from 'zod';
import { reportSchema } from '../../problem-schema';
import { edgeView } from '../edges/schemas';

/** An edge with what is there, in figures. */
export const overviewEdge = edgeView
  .pick({ id: true, name: true, kind: true, runs: true, enabled: true, labels: true, place: true })
  .extend({
    health: edgeView.shape.health.omit({ checkedAt: true }),
    /** Releases that were proved to be there. */
    placed: z.number(),
    /** Those of them of which a newer one is in sync. */
    behind: z.number(),
    /** Releases that could not be brought there the last time. */
    failed: z.number(),
    /** Deployments that run there, and those that failed. */
    running: z.number(),
    broken: z.number(),
  });
export type OverviewEdge = z.infer<typeof overviewEdge>;

/** A release in sync, or of which something is at an edge or runs. */
export const overviewRelease = z.object({
  id: z.string(),
  name: z.string(),
  provider: z.string(),
  version: z.string(),
  kind: z.enum(['vm', 'container']),
  withdrawn: z.boolean(),
  /** How many edges have it, at how many a newer one is missing, where it could not be brought. */
  edges: z.number(),
  behind: z.number(),
  failed: z.number(),
  /** Deployments of it that run, and that failed. */
  running: z.number(),
  broken: z.number(),
});
export type OverviewRelease = z.infer<typeof overviewRelease>;

export const failureKinds = ['edge', 'sync', 'distribution'] as const;

/** Failures of one kind that have the same cause. */
export const failureCause = z.object({
  /** Names the cause for a retry. */
  id: z.string(),
  kind: z.enum(failureKinds),
  /** What the first of them said. */
  problem: reportSchema.nullable(),
  /** Whether all of them said just that. */
  same: z.boolean(),
  count: z.number(),
  /** How many edges it concerns. */
  edges: z.number(),
  /** The first of them. */
  items: z.array(
    z.object({
      edgeId: z.string().nullable(),
      edgeName: z.string().nullable(),
      releaseId: z.string().nullable(),
      releaseName: z.string().nullable(),
      version: z.string().nullable(),
      distributionId: z.string().nullable(),
      problem: reportSchema.nullable(),
    }),
  ),
});
export type FailureCause = z.infer<typeof failureCause>;
export type FailureItem = FailureCause['items'][number];

export const overview = z.object({
  totals: z.object({
    edges: z.object({ well: z.number(), unwell: z.number(), unknown: z.number(), off: z.number() }),
    /** Of the stores' catalogues: how many wait to be synced, and how those stand that were. */
    releases: z.object({ inSync: z.number(), waiting: z.number(), syncing: z.number(), failed: z.number() }),
    /** Pairs of release and edge. */
    placed: z.number(),
    behind: z.number(),
    deployments: z.object({ running: z.number(), broken: z.number(), changing: z.number() }),
  }),
  edges: z.array(overviewEdge),
  releases: z.array(overviewRelease),
  failures: z.array(failureCause),
});
export type Overview = z.infer<typeof overview>;

export const chosenCause = z.object({ id: z.string().max(400) });
export const retried = z.object({ count: z.number().describe('How many were started again') });
export const dismissed = z.object({ count: z.number().describe('How many were set aside') });
