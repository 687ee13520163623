import { DetailedError, type PreviousUpload } from 'tus-js-client';
import type { ProblemReport } from '@/server/problem';
import { problemOf } from './problem-of';

/** Pauses before each new try of a cut upload, in milliseconds. */
export const uploadRetryDelays = [500, 1000, 2000, 5000, 10_000, 20_000, 30_000];

/** A refusal stays one; a cut, a lock held by the broken connection or a server that restarts goes by. */
export function isWorthAnotherTry(error: Error): boolean {
  const status = error instanceof DetailedError ? error.originalResponse?.getStatus() : undefined;
  if (status === undefined || status === 409 || status === 423 || status === 429) return true;
  return status >= 500 && status !== 507;
}

// What a server cannot be told later: the upload keeps what it was begun with.
const settled = ['projectId', 'visibility', 'name', 'format', 'checksum'];

/**
 * The upload that one may go on with: of the same file, for the same project and as the same thing.
 *
 * @param all earlier uploads of the file
 * @param metadata what the file is to be sent with now
 * @returns the newest of them; undefined when there is none
 */
export function unfinishedOf(
  all: readonly PreviousUpload[],
  metadata: Record<string, string>,
): PreviousUpload | undefined {
  return all
    .filter((each) => settled.every((key) => each.metadata[key] === metadata[key]))
    .toSorted((a, b) => Date.parse(b.creationTime) - Date.parse(a.creationTime))[0];
}

/** What the server said was wrong with an upload; `problems.unreachable` when no answer came. */
export function problemOfUpload(error: unknown): ProblemReport {
  const body = error instanceof DetailedError ? error.originalResponse?.getBody() : undefined;
  if (body === undefined) return problemOf(new TypeError('no answer'));
  try {
    return problemOf(JSON.parse(body));
  } catch {
    return problemOf(error);
  }
}
