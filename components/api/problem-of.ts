import type { ProblemReport } from '@/server/problem';

/**
 * What the server said was wrong, out of any error a query, a mutation or `fetch` can throw.
 *
 * @param error what was caught
 * @returns the server's Problem; `problems.unreachable` when no answer came; `problems.unexpected` otherwise
 */
export function problemOf(error: unknown): ProblemReport {
  if (isRecord(error)) {
    const data = error['data'];
    if (isRecord(data) && isProblemReport(data['problem'])) return data['problem'];
    if (isProblemReport(error)) return error;
    if (error['name'] === 'TRPCClientError' && data === undefined) return unreachable;
  }
  if (error instanceof TypeError) return unreachable;
  return { code: 'failed', key: 'problems.unexpected', params: {} };
}

const unreachable: ProblemReport = { code: 'unavailable', key: 'problems.unreachable', params: {} };

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isProblemReport(value: unknown): value is ProblemReport {
  return isRecord(value) && typeof value['code'] === 'string' && typeof value['key'] === 'string';
}
