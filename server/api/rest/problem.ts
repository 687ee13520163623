import { createTranslator } from 'next-intl';
import { pickLocale } from '@/messages/locales';
import { messagesOf } from '@/messages/messages';
import { problemStatus, type Problem, type ProblemParams } from '../../problem';

/** A field of the request that broke a rule. */
export interface FieldError {
  /** Path inside the body, the query or the path, for example `forwards.0.guestPort`. */
  path: string;
  message: string;
}

/** An error as REST clients get it (RFC 9457, application/problem+json), with our own members after the standard ones. */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  detail?: string;
  code: string;
  key: string;
  params: ProblemParams;
  errors?: readonly FieldError[];
}

/**
 * Writes a Problem as a document in the client's language.
 *
 * @param problem what went wrong
 * @param acceptLanguage the request's Accept-Language
 * @param errors the fields in error, when the request itself was wrong
 */
export function problemDocument(
  problem: Problem,
  acceptLanguage: string | null | undefined,
  errors?: readonly FieldError[],
): ProblemDocument {
  return {
    type: `urn:edgeyard:problem:${problem.key}`,
    title: problemWords(problem, acceptLanguage),
    status: problemStatus[problem.code],
    ...(problem.detail === undefined ? {} : { detail: problem.detail }),
    code: problem.code,
    key: problem.key,
    params: problem.params,
    ...(errors === undefined ? {} : { errors }),
  };
}

/** The headers that go with a problem document: what to send for a refused identity, when to come back. */
export function problemHeaders({ status, params }: ProblemDocument): Record<string, string> {
  return {
    'content-type': 'application/problem+json',
    // RFC 9110 section 15.5.2 asks for it with every 401.
    ...(status === problemStatus.unauthenticated && { 'www-authenticate': 'Bearer' }),
    ...(status === problemStatus.too_many && { 'retry-after': String(params['seconds'] ?? 1) }),
  };
}

/**
 * What a Problem says, in the client's language, for answers that carry it among other things.
 *
 * @param acceptLanguage the request's Accept-Language
 */
export function problemWords(
  { key, params }: Pick<Problem, 'key' | 'params'>,
  acceptLanguage: string | null | undefined,
): string {
  const locale = pickLocale(undefined, acceptLanguage);
  const translate = createTranslator({
    locale,
    messages: messagesOf(locale),
    // A key without a text is shown as it is; the message test finds it.
    onError: () => undefined,
    getMessageFallback: ({ key: missing }) => missing,
  });
  return translate(key as never, params as never);
}
