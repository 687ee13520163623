import { and, asc, eq, gt, gte, inArray, lt, max, notExists, or, sql, sum } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import type { Db } from '../../db/database';
import type { Events } from '../../jobs/events';
import type { CellChoice, CellState } from './schemas';
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

/** A cell that waits for its edge. */
export type NewCell = CellKey & Pick<CellRow, 'anyway'>;

/** The rows of distributions, their cells, and what was proved to be where; a change is told to the pages. */
export interface DistributionRows {
  /** With its cells in their order. */
  insert(row: DistributionRow, cells: readonly NewCell[]): void;
  find(id: string): DistributionRow | undefined;
  byKey(requestKey: string): DistributionRow | undefined;
  cell(key: CellKey): CellRow | undefined;
  cellsOf(distributionId: string, choice: CellChoice): CellRow[];
  /** Cells in these states, in the order they were asked for. @param edgeId of one edge alone */
  cellsIn(states: readonly CellState[], edgeId?: string): CellRow[];
  writeCell(key: CellKey, change: Partial<Omit<CellRow, keyof CellKey | 'version'>>): void;
  /** Bytes that were brought to an edge by cells that ended after a time. @param since milliseconds since 1970 */
  movedSince(edgeId: string, since: number): number;
  /**
   * Forgets distributions whose last cell ended before a time, with their cells; what was proved to be where stays.
   *
   * @param before milliseconds since 1970
   */
  forgetBefore(before: number): void;
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

/** Many cells of a distribution change together: a page hears of it so often, in milliseconds. */
const tellEvery = 500;

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
  const open = inArray(cells.state, ['waiting', 'running']);
  const find = (id: string) => db.select().from(distributions).where(eq(distributions.id, id)).get();

  return {
    insert(row, fresh) {
      db.transaction((tx) => {
        tx.insert(distributions).values(row).run();
        for (const cell of fresh)
          tx.insert(cells)
            .values({ ...cell, state: 'waiting' })
            .run();
      });
      tell(row.id);
    },
    find,
    byKey: (requestKey) =>
      db.select().from(distributions).where(eq(distributions.requestKey, requestKey)).get(),
    cell: (key) => db.select().from(cells).where(at(key)).get(),
    cellsOf: (id, { releaseIds, edgeIds }) =>
      db
        .select()
        .from(cells)
        .where(
          and(
            eq(cells.distributionId, id),
            releaseIds && inArray(cells.releaseId, releaseIds),
            edgeIds && inArray(cells.edgeId, edgeIds),
          ),
        )
        .orderBy(order)
        .all(),
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
      const last = sql`(select max(version) from distribution_cells where distribution_id = ${key.distributionId})`;
      db.update(cells)
        .set({ ...change, version: sql`${last} + 1` })
        .where(at(key))
        .run();
      tell(key.distributionId);
    },
    movedSince: (edgeId, since) =>
      db
        .select({ bytes: sum(cells.bytesMoved).mapWith(Number) })
        .from(cells)
        .where(and(eq(cells.edgeId, edgeId), gt(cells.endedAt, since)))
        .get()?.bytes ?? 0,
    forgetBefore(before) {
      const old = db
        .select({ id: distributions.id })
        .from(distributions)
        .where(
          and(
            lt(distributions.createdAt, before),
            notExists(
              db
                .select({ id: cells.distributionId })
                .from(cells)
                .where(and(eq(cells.distributionId, distributions.id), or(open, gte(cells.endedAt, before)))),
            ),
          ),
        )
        .all();
      for (const { id } of old) {
        db.transaction(() => {
          db.delete(cells).where(eq(cells.distributionId, id)).run();
          db.delete(distributions).where(eq(distributions.id, id)).run();
        });
        tell(id);
      }
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
