/** Distributions as they are shown: their figures, their cells page by page, or all of them in few words. */
import { and, asc, count, desc, eq, gt, inArray, max, sql, sum } from 'drizzle-orm';
import type { Db } from '../../db/database';
import { Problem, type ProblemReport } from '../../problem';
import type { DistributionRow } from './distribution-rows';
import {
  cellStates,
  type CellState,
  type Distribution,
  type DistributionRun,
  type DistributionSummary,
  type RunCause,
  type RunCell,
} from './schemas';
import { distributionCells as cells, distributions } from './tables';

export interface RunRows {
  /** The last 200, newest first. */
  list(): DistributionSummary[];
  /** A page of its cells, in their order; undefined when there is no such distribution. */
  view(id: string, page: Page): Distribution | undefined;
  /** All of it in few words. @param since only what changed after this version */
  run(id: string, since: number): DistributionRun | undefined;
  /** Why its failed cells failed, what hit most first. */
  causes(id: string): RunCause[] | undefined;
}

interface Page {
  edgeId?: string | undefined;
  releaseId?: string | undefined;
  state?: CellState | undefined;
  limit: number;
  offset: number;
}

/** Each names all its releases and edges. */
const mostListed = 200;

/** How many failures of a cause say it in their own words. */
const mostSaid = 50;

/** Opens them. */
export function openRunRows({ db }: { db: Db }): RunRows {
  const find = (id: string) => db.select().from(distributions).where(eq(distributions.id, id)).get();
  // Rows come in the order they were put in, which is that of the releases, edge by edge.
  const order = asc(sql.raw('rowid'));

  const summariesOf = (rows: readonly DistributionRow[]): DistributionSummary[] => {
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
      .where(
        inArray(
          cells.distributionId,
          rows.map(({ id }) => id),
        ),
      )
      .groupBy(cells.distributionId, cells.state)
      .all();
    const byId = new Map<string, typeof sums>();
    for (const each of sums) byId.set(each.id, [...(byId.get(each.id) ?? []), each]);
    return rows.map((row) => summaryOf(row, byId.get(row.id) ?? []));
  };

  return {
    list: () =>
      summariesOf(
        db.select().from(distributions).orderBy(desc(distributions.createdAt)).limit(mostListed).all(),
      ),

    view(id, { edgeId, releaseId, state, limit, offset }) {
      const row = find(id);
      const [summary] = row ? summariesOf([row]) : [];
      if (!summary) return undefined;
      const fitting = and(
        eq(cells.distributionId, id),
        edgeId === undefined ? undefined : eq(cells.edgeId, edgeId),
        releaseId === undefined ? undefined : eq(cells.releaseId, releaseId),
        state === undefined ? undefined : eq(cells.state, state),
      );
      const page = db.select().from(cells).where(fitting).orderBy(order).limit(limit).offset(offset).all();
      const total = db.select({ total: count() }).from(cells).where(fitting).get()?.total ?? 0;
      return { ...summary, cells: page.map(shownCell), total };
    },

    run(id, since) {
      const row = find(id);
      const [summary] = row ? summariesOf([row]) : [];
      if (!row || !summary) return undefined;
      const { releases, edges, ...figures } = summary;
      const { edgeId, releaseId, state, done, total, bytesMoved } = cells;
      const version =
        db
          .select({ version: max(cells.version) })
          .from(cells)
          .where(eq(cells.distributionId, id))
          .get()?.version ?? 0;
      const place = placesOf(row);
      const changed = db
        .select({ edgeId, releaseId, state, done, total, bytesMoved })
        .from(cells)
        .where(and(eq(cells.distributionId, id), since > 0 ? gt(cells.version, since) : undefined))
        .all();
      return {
        ...figures,
        version,
        axes: since > 0 ? null : { releases, edges },
        cells: changed.map((cell): RunCell => [place(cell), cellStates.indexOf(cell.state), amountOf(cell)]),
      };
    },

    causes(id) {
      const row = find(id);
      if (!row) return undefined;
      const place = placesOf(row);
      const { edgeId, releaseId, problem } = cells;
      const failed = db
        .select({ edgeId, releaseId, problem })
        .from(cells)
        .where(and(eq(cells.distributionId, id), eq(cells.state, 'failed')))
        .orderBy(order)
        .all();
      const found = new Map<string, RunCause>();
      for (const cell of failed) {
        const said = cell.problem ?? silent;
        const key = `${said.code} ${said.key}`;
        const cause = found.get(key) ?? { key, problem: said, same: true, places: [], said: [] };
        found.set(key, cause);
        cause.places.push(place(cell));
        cause.same &&= saysTheSame(cause.problem, said);
        if (cause.said.length < mostSaid) cause.said.push(said);
      }
      return [...found.values()].toSorted((one, other) => other.places.length - one.places.length);
    },
  };
}

const silent: ProblemReport = new Problem('failed', 'problems.unexpected').report();

/** Whether two failures of one key say the same in words, but for their edges' names. */
function saysTheSame(one: ProblemReport, other: ProblemReport): boolean {
  const figures = ({ params }: ProblemReport) => JSON.stringify({ ...params, edge: undefined });
  return figures(one) === figures(other);
}

/** Where a cell stands: edge by edge, each with a place for every release. */
function placesOf({ releases, edges }: Pick<DistributionRow, 'releases' | 'edges'>) {
  const numbers = (all: readonly { id: string }[]) => new Map(all.map(({ id }, index) => [id, index]));
  const [columns, rows] = [numbers(releases), numbers(edges)];
  return ({ edgeId, releaseId }: { edgeId: string; releaseId: string }): number =>
    (rows.get(edgeId) ?? 0) * releases.length + (columns.get(releaseId) ?? 0);
}

function amountOf(cell: Pick<typeof cells.$inferSelect, 'state' | 'done' | 'total' | 'bytesMoved'>): number {
  if (cell.state === 'done') return cell.bytesMoved;
  if (cell.state !== 'running' || cell.total === 0) return 0;
  return Math.floor(Math.min(1, cell.done / cell.total) * 100);
}

function shownCell({
  distributionId: _id,
  endedAt: _end,
  dismissed: _seen,
  version: _version,
  anyway: _anyway,
  ...cell
}: typeof cells.$inferSelect): Distribution['cells'][number] {
  return cell;
}

interface Sum {
  state: CellState;
  cells: number;
  bytesMoved: number;
  bytesKept: number;
  endedAt: number | null;
}

function summaryOf(row: DistributionRow, sums: readonly Sum[]): DistributionSummary {
  const counts = Object.fromEntries(cellStates.map((each) => [each, 0])) as Record<CellState, number>;
  for (const part of sums) counts[part.state] += part.cells;
  const state =
    counts.waiting + counts.running > 0
      ? 'running'
      : counts.failed > 0
        ? 'failed'
        : counts.cancelled > 0
          ? 'cancelled'
          : 'done';
  const end = sums.reduce((latest, { endedAt }) => Math.max(latest, endedAt ?? 0), 0);
  return {
    id: row.id,
    state,
    createdAt: row.createdAt,
    createdBy: row.createdByName,
    endedAt: state === 'running' || end === 0 ? null : end,
    releases: row.releases,
    edges: row.edges,
    counts,
    bytesMoved: sums.reduce((total, { bytesMoved }) => total + bytesMoved, 0),
    bytesKept: sums.reduce((total, { bytesKept }) => total + bytesKept, 0),
  };
}
