import type { DistributionCell } from '@/server/operations/distribution/schemas';
import type { ProblemReport } from '@/server/problem';

/** Failed cells that say the same. */
export interface Cause {
  key: string;
  /** What the first of them says. */
  problem: ProblemReport;
  cells: DistributionCell[];
}

/**
 * Failures by what they have in common: the same message, whatever edge or release it names.
 *
 * @returns those that hit most first
 */
export function causesOf(cells: readonly DistributionCell[]): Cause[] {
  const found = new Map<string, Cause>();
  for (const cell of cells) {
    if (cell.state !== 'failed') continue;
    const problem = cell.problem ?? unknown;
    const key = `${problem.code} ${problem.key}`;
    const cause = found.get(key);
    if (cause) cause.cells.push(cell);
    else found.set(key, { key, problem, cells: [cell] });
  }
  return [...found.values()].toSorted((one, other) => other.cells.length - one.cells.length);
}

const unknown: ProblemReport = { code: 'failed', key: 'problems.unexpected', params: {} };

/**
 * Choices that together name exactly these cells: one says "these edges × these releases", which may be more.
 *
 * @returns one for each set of edges that releases have in common
 */
export function choicesOf(
  cells: readonly { releaseId: string; edgeId: string }[],
): { edgeIds: string[]; releaseIds: string[] }[] {
  const edgesOf = new Map<string, string[]>();
  for (const { releaseId, edgeId } of cells)
    edgesOf.set(releaseId, [...(edgesOf.get(releaseId) ?? []), edgeId]);
  const alike = new Map<string, { edgeIds: string[]; releaseIds: string[] }>();
  for (const [releaseId, edges] of edgesOf) {
    const edgeIds = edges.toSorted();
    const key = edgeIds.join(' ');
    const choice = alike.get(key);
    if (choice) choice.releaseIds.push(releaseId);
    else alike.set(key, { edgeIds, releaseIds: [releaseId] });
  }
  return [...alike.values()];
}
