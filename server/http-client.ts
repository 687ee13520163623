/** HTTP to one server of somebody else: whom it trusts, how long it waits, how much it reads. */
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { Agent, type Dispatcher } from 'undici';

const connectMs = 10_000;
const headersMs = 60_000;
const idleMs = 60_000;
/** Bytes of an answer that is read whole. */
const wholeLimit = 64 * 2 ** 20;

interface HttpAccess {
  /** Its path comes before those of questions. */
  url: string;
  /** PEM, trusted beside the public ones; empty or undefined for those alone. */
  ca: string | undefined;
  /** Whether a named `ca` is trusted alone, in the place of the public ones. */
  only?: boolean | undefined;
  /** How many at once; without it as many as there are questions: some are answered only when long work is done. */
  connections?: number | undefined;
  /** Sent with every question. */
  headers: Record<string, string>;
  /** What broke on the way, in the words of who asks. Not called when the question's signal ended it. */
  broken: (error: unknown) => Error;
  /** The same for an answer that is longer than any should be. */
  tooLong: () => Error;
}

export interface HttpQuestion {
  method?: 'GET' | 'HEAD' | 'POST' | 'DELETE' | undefined;
  /** From the address's own path on. */
  path: string;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  signal?: AbortSignal | undefined;
  /** Milliseconds until an answer must have begun; a minute when absent. */
  patienceMs?: number | undefined;
}

export interface HttpClient {
  /** What its connections trust, for a look at the certificate on the way. */
  readonly tls: { secureContext: SecureContext };
  /** Asks; the answer's body is still to be read. @throws what `broken` makes of it; the signal's reason */
  ask(question: HttpQuestion): Promise<Dispatcher.ResponseData>;
  /** Reads an answer whole. @throws as ask, and what `tooLong` makes */
  text(answer: Dispatcher.ResponseData, signal?: AbortSignal): Promise<string>;
  /** Ends what is under way. */
  close(): Promise<void>;
}

/** Opens the way to a server; nothing is asked yet. */
export function openHttpClient({
  url,
  ca,
  only = false,
  connections,
  headers: always,
  broken,
  tooLong,
}: HttpAccess): HttpClient {
  const { origin, pathname } = new URL(url);
  const base = pathname.replace(/\/$/, '');
  const own = ca === undefined || ca.trim() === '' ? undefined : ca;
  const trusted = own === undefined ? undefined : only ? [own] : [...rootCertificates, own];
  // Who names a server's own certificate, or an authority below the root, means that this is enough.
  const secureContext = createSecureContext(trusted ? { ca: trusted, allowPartialTrustChain: true } : {});
  const agent = new Agent({
    connect: { secureContext, timeout: connectMs },
    bodyTimeout: idleMs,
    connections: connections ?? null,
  });
  const orBroken = async <T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      signal?.throwIfAborted();
      throw broken(error);
    }
  };

  return {
    tls: { secureContext },
    ask: ({ method = 'GET', path, headers, body, signal, patienceMs = headersMs }) =>
      orBroken(
        agent.request({
          origin,
          path: base + path,
          method,
          headersTimeout: patienceMs,
          headers: {
            ...always,
            ...headers,
            ...(body !== undefined && { 'content-type': 'application/json' }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
          ...(signal && { signal }),
        }),
        signal,
      ),
    async text(answer, signal) {
      const bytes = await orBroken(whole(answer.body), signal);
      if (bytes === undefined) throw tooLong();
      return bytes.toString('utf8');
    },
    close: () => agent.destroy(),
  };
}

/** A text as JSON; undefined for what is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** @returns undefined for what is longer than it should be */
async function whole(body: Dispatcher.ResponseData['body']): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > wholeLimit) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
