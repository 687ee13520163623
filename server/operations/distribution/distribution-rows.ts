import { and, asc, count, desc, eq, inArray, max, notExists, sql, sum } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import type { Db } from '../../db/database';
import type { Events } from '../../jobs/events';
import { cellStates, type CellState, type Distribution, type DistributionSummary } from './schemas';
import { distributionCells as cells, distributions, placements } from './tables';

export type DistributionRow = typeof distributions.$inferSelect;
export type CellRow = typeof cells.$inferSelect;
export type PlacementRow = typeof placements.$inferSelect;

/** Names a cell. */
export interface CellKey {
  distributionId: string;
  releaseId: string;
  edgeId: string;
}

/** The rows of distributions, their cells, and what was proved to be where; a change is told to the pages. */
export interface DistributionRows {
  /** With its cells in their order. */
  insert(row: DistributionRow, cells: readonly CellKey[]): void;
  find(id: string): DistributionRow | undefined;
  byKey(requestKey: string): DistributionRow | undefined;
  view(id: string): Distribution | undefined;
  list(): DistributionSummary[];
  cell(key: CellKey): CellRow | undefined;
  cellsOf(distributionId: string): CellRow[];
  /** Cells in these states, in the order they were asked for. @param edgeId of one edge alone */
  cellsIn(states: readonly CellState[], edgeId?: string): CellRow[];
  writeCell(key: CellKey, change: Partial<Omit<CellRow, keyof CellKey>>): void;
  /** Of each release at each edge the newest cell. @param releaseId of one release alone */
  newestCells(releaseId?: string): CellRow[];
  /** Of those the failed ones that nobody set aside. */
  failedNow(): Pick<CellRow, keyof CellKey | 'problem'>[];
  placements(filter: { edgeId?: string | undefined; releaseId?: string | undefined }): PlacementRow[];
  /** The same for all of them, without their images, which are most of the work of reading them. */
  pairs(): Pick<PlacementRow, 'releaseId' | 'edgeId'>[];
  /** Ids of the releases placed at each of these edges. */
  placedAt(edgeIds: readonly string[]): Map<string, Set<string>>;
  place(row: PlacementRow): void;
  unplace(releaseId: string, edgeId: string): void;
}

/** A page with thousands of cells reads them all again at every notice. */
const tellEvery = 500;
/** Each names all its releases and edges. */
const mostListed = 200;

/** Opens the rows. */
export function openDistributionRows({ db, events }: { db: Db; events: Events }): DistributionRows {
  const waiting = new Set<string>();
  const tell = (id: string) => {
    if (waiting.has(id)) return;
    waiting.add(id);
    setTimeout(() => {
      waiting.delete(id);
      events.publish({ topic: 'distribution', id, audience: { role: 'developer' } });
    }, tellEvery).unref();
  };
  const tellPlacement = (edgeId: string) =>
    events.publish({ topic: 'placement', id: edgeId, audience: { role: 'developer' } });

  const at = ({ distributionId, releaseId, edgeId }: CellKey) =>
    and(eq(cells.distributionId, distributionId), eq(cells.releaseId, releaseId), eq(cells.edgeId, edgeId));
  // Rows come in the order they were put in, which is that of the releases, edge by edge.
  const order = asc(sql.raw('rowid'));
  const find = (id: string) => db.select().from(distributions).where(eq(distributions.id, id)).get();

  return {
    insert(row, keys) {
      db.transaction((tx) => {
        tx.insert(distributions).values(row).run();
        for (const key of keys)
          tx.insert(cells)
            .values({ ...key, state: 'waiting' })
            .run();
      });
      tell(row.id);
    },
    find,
    byKey: (requestKey) =>
      db.select().from(distributions).where(eq(distributions.requestKey, requestKey)).get(),
    view(id) {
      const row = find(id);
      if (!row) return undefined;
      const own = db.select().from(cells).where(eq(cells.distributionId, id)).orderBy(order).all();
      const counts = countsOf(own.map(({ state }) => ({ state, cells: 1 })));
      const ends = own.map(({ endedAt }) => endedAt ?? 0);
      return {
        ...headOf(
          row,
          counts,
          ends.reduce((latest, each) => Math.max(latest, each), 0),
        ),
        cells: own.map(({ distributionId: _id, endedAt: _end, dismissed: _seen, ...cell }) => cell),
      };
    },
    list() {
      const listed = db
        .select()
        .from(distributions)
        .orderBy(desc(distributions.createdAt))
        .limit(mostListed)
        .all();
      // Cells stay as long as their distributions: those of years ago are not counted for each look.
      const ids = listed.map(({ id }) => id);
      const sums = db
        .select({
          id: cells.distributionId,
          state: cells.state,
          cells: count(),
          bytesMoved: sum(cells.bytesMoved).mapWith(Number),
          bytesKept: sum(cells.bytesKept).mapWith(Number),
          endedAt: max(cells.endedAt),
        })
        .from(cells)
        .where(inArray(cells.distributionId, ids))
        .groupBy(cells.distributionId, cells.state)
        .all();
      const byId = new Map<string, typeof sums>();
      for (const each of sums) byId.set(each.id, [...(byId.get(each.id) ?? []), each]);
      return listed.map((row) => {
        const own = byId.get(row.id) ?? [];
        const counts = countsOf(own);
        const end = own.reduce((latest, { endedAt }) => Math.max(latest, endedAt ?? 0), 0);
        return {
          ...headOf(row, counts, end),
          counts,
          bytesMoved: own.reduce((total, { bytesMoved }) => total + bytesMoved, 0),
          bytesKept: own.reduce((total, { bytesKept }) => total + bytesKept, 0),
        };
      });
    },
    cell: (key) => db.select().from(cells).where(at(key)).get(),
    cellsOf: (id) => db.select().from(cells).where(eq(cells.distributionId, id)).orderBy(order).all(),
    cellsIn: (states, edgeId) =>
      db
        .select()
        .from(cells)
        .where(
          and(inArray(cells.state, [...states]), edgeId === undefined ? undefined : eq(cells.edgeId, edgeId)),
        )
        .orderBy(order)
        .all(),
    writeCell(key, change) {
      db.update(cells).set(change).where(at(key)).run();
      tell(key.distributionId);
    },
    newestCells(releaseId) {
      const newest = db
        .select({ row: max(sql<number>`rowid`).as('newest') })
        .from(cells)
        .where(releaseId === undefined ? undefined : eq(cells.releaseId, releaseId))
        .groupBy(cells.releaseId, cells.edgeId);
      return db
        .select()
        .from(cells)
        .where(inArray(sql`rowid`, newest))
        .all();
    },
    failedNow() {
      const { distributionId, releaseId, edgeId, problem } = cells;
      const later = alias(cells, 'later');
      const newer = db
        .select({ id: later.distributionId })
        .from(later)
        .where(
          and(eq(later.releaseId, releaseId), eq(later.edgeId, edgeId), sql`"later".rowid > ${cells}.rowid`),
        );
      return db
        .select({ distributionId, releaseId, edgeId, problem })
        .from(cells)
        .where(and(eq(cells.state, 'failed'), eq(cells.dismissed, false), notExists(newer)))
        .orderBy(sql`${cells}.rowid`)
        .all();
    },
    placements: ({ edgeId, releaseId }) =>
      db
        .select()
        .from(placements)
        .where(
          and(
            edgeId === undefined ? undefined : eq(placements.edgeId, edgeId),
            releaseId === undefined ? undefined : eq(placements.releaseId, releaseId),
          ),
        )
        .all(),
    pairs: () =>
      db.select({ releaseId: placements.releaseId, edgeId: placements.edgeId }).from(placements).all(),
    placedAt(edgeIds) {
      const wanted = new Set(edgeIds);
      const found = new Map<string, Set<string>>();
      const all = db
        .select({ releaseId: placements.releaseId, edgeId: placements.edgeId })
        .from(placements)
        .all();
      for (const { releaseId, edgeId } of all) {
        if (!wanted.has(edgeId)) continue;
        const of = found.get(edgeId) ?? new Set();
        found.set(edgeId, of.add(releaseId));
      }
      return found;
    },
    place(row) {
      const { images, verifiedAt } = row;
      db.insert(placements)
        .values(row)
        .onConflictDoUpdate({
          target: [placements.releaseId, placements.edgeId],
          set: { images, verifiedAt },
        })
        .run();
      tellPlacement(row.edgeId);
    },
    unplace(releaseId, edgeId) {
      db.delete(placements)
        .where(and(eq(placements.releaseId, releaseId), eq(placements.edgeId, edgeId)))
        .run();
      tellPlacement(edgeId);
    },
  };
}

type Counts = Record<CellState, number>;

function countsOf(parts: readonly { state: CellState; cells: number }[]): Counts {
  const counts = Object.fromEntries(cellStates.map((state) => [state, 0])) as Counts;
  for (const part of parts) counts[part.state] += part.cells;
  return counts;
}

function headOf(row: DistributionRow, counts: Counts, lastEnd: number): Omit<Distribution, 'cells'> {
  const state =
    counts.waiting + counts.running > 0
      ? 'running'
      : counts.failed > 0
        ? 'failed'
        : counts.cancelled > 0
          ? 'cancelled'
          : 'done';
  return {
    id: row.id,
    state,
    createdAt: row.createdAt,
    createdBy: row.createdByName,
    endedAt: state === 'running' || lastEnd === 0 ? null : lastEnd,
    releases: row.releases,
    edges: row.edges,
  };
}
