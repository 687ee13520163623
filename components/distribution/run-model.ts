import {
  cellStates,
  type CellState,
  type DistributionRun,
  type DistributionSummary,
} from '@/server/operations/distribution/schemas';

/** A distribution with all its cells, each at its place: edge by edge, and in each the releases. */
export interface Run extends DistributionSummary {
  version: number;
  /** Undefined where a release does not go to an edge. */
  states: readonly (CellState | undefined)[];
  /** Percent of what runs, bytes that were moved of what is done. */
  amounts: readonly number[];
}

/**
 * What the server told, laid over what was known before.
 *
 * @param before what the answer is a change of; not looked at where it tells everything
 */
export function merged(before: Run | undefined, { axes, cells, ...figures }: DistributionRun): Run {
  const { releases, edges } = axes ?? before ?? { releases: [], edges: [] };
  const known = axes === null ? before : undefined;
  const size = releases.length * edges.length;
  const states = known?.states.slice() ?? Array<CellState | undefined>(size).fill(undefined);
  const amounts = known?.amounts.slice() ?? Array<number>(size).fill(0);
  for (const [place, state, amount] of cells) {
    states[place] = cellStates[state];
    amounts[place] = amount;
  }
  return { ...figures, releases, edges, states, amounts };
}

/** Names a cell of a run. */
interface RunPlace {
  edgeId: string;
  releaseId: string;
}

/** Finds the place of a release at an edge; -1 where there is none. */
export function placeFinder({ edges, releases }: Pick<Run, 'edges' | 'releases'>) {
  const [rows, columns] = [numbersOf(edges), numbersOf(releases)];
  return (edgeId: string, releaseId: string): number => {
    const [row, column] = [rows.get(edgeId), columns.get(releaseId)];
    return row === undefined || column === undefined ? -1 : row * releases.length + column;
  };
}

const numbersOf = (all: readonly { id: string }[]) => new Map(all.map(({ id }, index) => [id, index]));

/** What stands at a place. */
export function atPlace({ edges, releases }: Pick<Run, 'edges' | 'releases'>, place: number) {
  return {
    edge: edges[Math.floor(place / releases.length)],
    release: releases[place % releases.length],
  };
}

/** Ids of the cells at some places. */
export function idsAt(run: Pick<Run, 'edges' | 'releases'>, places: readonly number[]): RunPlace[] {
  return places.map((place) => {
    const { edge, release } = atPlace(run, place);
    return { edgeId: edge?.id ?? '', releaseId: release?.id ?? '' };
  });
}

/** How many cells are how far, of an edge, of a release, or of both; of all where neither is named. */
export function countsAt(
  { states, edges, releases }: Run,
  { edgeId, releaseId }: Partial<RunPlace>,
): Record<CellState, number> {
  const counts = Object.fromEntries(cellStates.map((state) => [state, 0])) as Record<CellState, number>;
  const [rows, columns] = [only(edges, edgeId), only(releases, releaseId)];
  for (const row of rows)
    for (const column of columns) {
      const state = states[row * releases.length + column];
      if (state) counts[state] += 1;
    }
  return counts;
}

function only(all: readonly { id: string }[], id: string | undefined): number[] {
  return all.flatMap((each, index) => (id === undefined || each.id === id ? [index] : []));
}

/** Ids of the edges where something is not there yet. */
export function openEdges({ states, edges, releases }: Run): Set<string> {
  return new Set(
    edges
      .filter((_, row) =>
        states
          .slice(row * releases.length, (row + 1) * releases.length)
          .some((state) => state !== undefined && state !== 'done' && state !== 'skipped'),
      )
      .map(({ id }) => id),
  );
}
