import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { ProblemReport } from '../../problem';
import type { CellState, Placement } from './schemas';

/** Runs of a plan. Names stand here as they were: releases and edges may go before their distributions. */
export const distributions = sqliteTable('distributions', {
  id: text('id').primaryKey(),
  releases: text('releases', { mode: 'json' })
    .$type<{ id: string; name: string; version: string; kind: 'vm' | 'container' }[]>()
    .notNull(),
  edges: text('edges', { mode: 'json' }).$type<{ id: string; name: string; kind: string }[]>().notNull(),
  requestKey: text('request_key').unique(),
  createdBy: text('created_by').notNull(),
  createdByName: text('created_by_name').notNull(),
  createdAt: integer('created_at').notNull(),
});

/** One release to one edge. */
export const distributionCells = sqliteTable(
  'distribution_cells',
  {
    distributionId: text('distribution_id').notNull(),
    releaseId: text('release_id').notNull(),
    edgeId: text('edge_id').notNull(),
    state: text('state').$type<CellState>().notNull(),
    jobId: text('job_id'),
    done: integer('done').notNull().default(0),
    total: integer('total').notNull().default(0),
    bytesMoved: integer('bytes_moved').notNull().default(0),
    bytesKept: integer('bytes_kept').notNull().default(0),
    ms: integer('ms'),
    endedAt: integer('ended_at'),
    /** It is sent although the edge has not the space for it. */
    anyway: integer('anyway', { mode: 'boolean' }).notNull().default(false),
    /** Grows with each write to a cell of the distribution: who has seen one version asks for what came later. */
    version: integer('version').notNull().default(1),
    /** Somebody has seen that it failed, and it is to be spoken of no more. */
    dismissed: integer('dismissed', { mode: 'boolean' }).notNull().default(false),
    problem: text('problem', { mode: 'json' }).$type<ProblemReport>(),
  },
  (table) => [
    primaryKey({ columns: [table.distributionId, table.releaseId, table.edgeId] }),
    index('distribution_cells_edge').on(table.edgeId),
    index('distribution_cells_version').on(table.distributionId, table.version),
    index('distribution_cells_state').on(table.state),
    // Of each release at each edge the newest is asked for.
    index('distribution_cells_where').on(table.releaseId, table.edgeId),
  ],
);

/** Releases that were proved to be at an edge. */
export const placements = sqliteTable(
  'placements',
  {
    releaseId: text('release_id').notNull(),
    edgeId: text('edge_id').notNull(),
    images: text('images', { mode: 'json' }).$type<Placement['images']>().notNull(),
    verifiedAt: integer('verified_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.releaseId, table.edgeId] }),
    index('placements_edge').on(table.edgeId),
  ],
);
