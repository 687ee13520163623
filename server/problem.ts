/**
 * Errors that people are meant to read. A room throws a Problem with a message key; the API turns it into a
 * tRPC error or an RFC 9457 document, and the page says it in the reader's language (messages/<locale>/*.json).
 */
import type { MessageKey } from '@/messages/messages';

/** What kind of refusal this is; the API maps each to one HTTP status. */
export const problemStatus = {
  invalid: 422,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  gone: 410,
  too_large: 413,
  too_many: 429,
  cancelled: 499,
  failed: 500,
  unavailable: 503,
  no_space: 507,
} as const;

export type ProblemCode = keyof typeof problemStatus;

/** Values put into the message; never secrets. */
export type ProblemParams = Record<string, string | number>;

/** The serialisable form: what job rows, tRPC errors and problem documents carry. */
export interface ProblemReport {
  code: ProblemCode;
  /** Full message key, for example `workbench.errors.vmNotRunning`. */
  key: string;
  params: ProblemParams;
  /** The foreign words behind it (a tool's stderr, say), shown as they are. */
  detail?: string | undefined;
}

/**
 * An error with a cause a person can act on.
 *
 * @param code kind of refusal, decides the HTTP status
 * @param key full message key in `messages/`, which names the rule and the fix
 * @param params values for the message's placeholders
 * @param options `detail`: the foreign message behind it; `cause`: the original error, for the log only
 */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly key: string;
  readonly params: ProblemParams;
  readonly detail: string | undefined;

  constructor(
    code: ProblemCode,
    key: MessageKey,
    params: ProblemParams = {},
    options: { detail?: string | undefined; cause?: unknown } = {},
  ) {
    super(`${key} ${JSON.stringify(params)}`, { cause: options.cause });
    this.name = 'Problem';
    this.code = code;
    this.key = key;
    this.params = params;
    this.detail = options.detail;
  }

  /** The serialisable form. */
  report(): ProblemReport {
    return { code: this.code, key: this.key, params: this.params, detail: this.detail };
  }
}

/**
 * A Problem out of what was reported of one. Its key is data and not proven: rows may be older than the texts, and
 * another Edgeyard may have newer ones. Where there is no text, pages show the detail.
 *
 * @param report from a row, a job, a request's rule or another process
 */
export function problemFrom({ code, key, params, detail }: ProblemReport): Problem {
  return new Problem(code, key as MessageKey, params, { detail });
}

/**
 * Turns anything thrown into a Problem. An unknown error becomes `problems.unexpected`, whose text does not
 * repeat the original message: that one may hold paths or secrets and goes to the log only.
 *
 * @param error what was caught
 * @returns the Problem itself, or one that wraps the error as its cause
 */
export function asProblem(error: unknown): Problem {
  if (isProblem(error)) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    return new Problem('cancelled', 'problems.cancelled', {}, { cause: error });
  }
  if (isNoSpace(error)) return new Problem('no_space', 'problems.diskFull', {}, { cause: error });
  return new Problem('failed', 'problems.unexpected', {}, { cause: error });
}

/**
 * Tells whether an error is a Problem. By name and not by class: the page bundle and the server bundle each hold
 * their own copy of this module, and errors cross between them.
 */
export function isProblem(error: unknown): error is Problem {
  return error instanceof Error && error.name === 'Problem' && 'key' in error;
}

const noSpaceCodes: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'SQLITE_FULL'];

/** Tells whether an error, or what caused it, means that a disk or quota is full (errno, or SQLite's own code). */
export function isNoSpace(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && noSpaceCodes.includes(error.code)) || isNoSpace(error.cause);
}
