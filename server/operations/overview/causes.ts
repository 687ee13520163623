import type { ProblemReport } from '../../problem';
import type { FailureCause, FailureItem } from './schemas';

/** How many of a cause's failures are told one by one; the page says how many more there are. */
const told = 50;

export interface Failure extends FailureItem {
  kind: FailureCause['kind'];
}

/** Failures of one cause, all of them. */
export interface Cause {
  id: string;
  kind: FailureCause['kind'];
  failures: Failure[];
}

/**
 * Puts failures of one cause together: of the same kind, with the same message. Words in the message that name the
 * edge or the release itself make no difference, so that a certificate that expired at seven edges is one cause; nor
 * do figures, such as the bytes that each edge lacks.
 *
 * @returns the most frequent first
 */
export function byCause(failures: readonly Failure[]): Cause[] {
  const causes = new Map<string, Cause>();
  for (const failure of failures) {
    const id = causeOf(failure);
    const cause = causes.get(id);
    if (cause) cause.failures.push(failure);
    else causes.set(id, { id, kind: failure.kind, failures: [failure] });
  }
  return [...causes.values()].toSorted((a, b) => b.failures.length - a.failures.length);
}

function causeOf({ kind, problem, ...names }: Failure): string {
  const own = new Set<unknown>([
    names.edgeId,
    names.edgeName,
    names.releaseId,
    names.releaseName,
    names.version,
  ]);
  const params = Object.entries(problem?.params ?? {})
    .filter(([, value]) => typeof value !== 'number' && !own.has(value))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`);
  return [kind, problem?.key ?? '', ...params].join('|').slice(0, 400);
}

/** A cause as it is shown. */
export function toCause({ id, kind, failures }: Cause): FailureCause {
  const problem = failures[0]?.problem ?? null;
  const said = JSON.stringify(wordsOf(problem));
  return {
    id,
    kind,
    problem,
    same: failures.every((failure) => JSON.stringify(wordsOf(failure.problem)) === said),
    count: failures.length,
    edges: new Set(failures.flatMap(({ edgeId }) => edgeId ?? [])).size,
    items: failures.slice(0, told).map(({ kind: _kind, ...item }) => item),
  };
}

function wordsOf(problem: ProblemReport | null): unknown {
  return problem && [problem.key, problem.params];
}
