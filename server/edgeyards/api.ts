/** A client of another Edgeyard's REST API: its token, its certificates, its problems as ours. */
import type { Dispatcher } from 'undici';
import { z } from 'zod';
import { jsonOf, openHttpClient, type HttpClient, type HttpQuestion } from '../http-client';
import { Problem, problemFrom, problemStatus, type ProblemCode } from '../problem';
import { wireProblem } from '../sites/wire-faults';

export interface EdgeyardAddress {
  /** `https://host[:port]`, without a path. */
  url: string;
  /** PEM of its own authority, which is trusted alone; empty for the public ones. */
  ca: string;
  /** An API token made there. */
  token: string;
}

/** Paths go from `/api/` on. */
export interface Question<T> extends Omit<HttpQuestion, 'headers'> {
  /** Of the answer; absent where there is none to read. */
  schema?: z.ZodType<T>;
}

export interface EdgeyardApi {
  /** The address, for messages. */
  readonly at: string;
  /** The options of TLS, as the client uses them. */
  readonly tls: HttpClient['tls'];
  /**
   * Asks, and reads the answer.
   *
   * @throws Problem as the other side tells it; `invalid` for a token that is not known there, `unavailable` where nobody
   *   or somebody else answers
   */
  ask<T>(question: Question<T>): Promise<T>;
  /** The same; undefined where there is no such thing (404, 410). */
  find<T>(question: Question<T>): Promise<T | undefined>;
  close(): Promise<void>;
}

const codes = Object.keys(problemStatus) as [ProblemCode, ...ProblemCode[]];
const problemDocument = z.object({
  code: z.enum(codes),
  key: z.string(),
  title: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  detail: z.string().optional(),
});

/** Makes a client; nothing is asked before the first call. */
export function openEdgeyardApi({ url, ca, token }: EdgeyardAddress): EdgeyardApi {
  const client = openHttpClient({
    url,
    ca,
    only: true,
    headers: {
      accept: 'application/json, application/problem+json',
      'accept-language': 'en',
      authorization: `Bearer ${token.trim()}`,
    },
    broken: (error) => wireProblem(error, url) ?? unreachable(url, error),
    tooLong: () => new Problem('unavailable', 'edgeyards.errors.otherAnswer', { at: url }),
  });

  const readAnswer = async <T>(answer: Dispatcher.ResponseData, question: Question<T>): Promise<T> => {
    const text = await client.text(answer, question.signal);
    if (answer.statusCode >= 300) throw refusalOf(url, answer.statusCode, text);
    // Nothing is read where nothing is awaited.
    if (!question.schema) return undefined as T;
    const read = question.schema.safeParse(jsonOf(text));
    if (read.success) return read.data;
    throw new Problem(
      'unavailable',
      'edgeyards.errors.otherAnswer',
      { at: url },
      { detail: z.prettifyError(read.error) },
    );
  };

  return {
    at: url,
    tls: client.tls,
    ask: async (question) => readAnswer(await client.ask(question), question),
    async find(question) {
      const answer = await client.ask(question);
      if (answer.statusCode !== 404 && answer.statusCode !== 410) return readAnswer(answer, question);
      const text = await client.text(answer, question.signal);
      const document = problemDocument.safeParse(jsonOf(text));
      // Somebody else's 404 says nothing of what we look for, nor does a room that is played elsewhere.
      if (document.success && document.data.key !== 'problems.roomElsewhere') return undefined;
      throw refusalOf(url, answer.statusCode, text);
    },
    close: () => client.close(),
  };
}

/** What an answer that refuses means here. */
function refusalOf(at: string, status: number, text: string): Problem {
  const { data: said } = problemDocument.safeParse(jsonOf(text));
  if (!said) {
    const detail = `HTTP ${status} ${text.slice(0, 200)}`.trim();
    return new Problem('unavailable', 'edgeyards.errors.notEdgeyard', { at }, { detail });
  }
  if (said.code === 'unauthenticated') return new Problem('invalid', 'edgeyards.errors.tokenRefused', { at });
  // Words of ours: both sides have the same texts. One of a newer version has its words as detail.
  return problemFrom({ ...said, detail: said.detail ?? said.title });
}

function unreachable(at: string, cause: unknown): Problem {
  const detail = cause instanceof Error ? cause.message : undefined;
  return new Problem('unavailable', 'edgeyards.errors.unreachable', { at }, { detail, cause });
}
