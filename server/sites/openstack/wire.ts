/** Bytes to and from one cloud: an undici agent with the login's TLS options and time limits. Knows nothing of keystone. */
import { PassThrough, type Readable } from 'node:stream';
import { createSecureContext, rootCertificates, type SecureContextOptions } from 'node:tls';
import { Agent, type Dispatcher } from 'undici';
import type { Service } from './cloud';
import { idleBodyMs, wireFault } from './faults';
import type { OpenStackLogin } from './login';

const connectMs = 10_000;
const maxTextBytes = 64 * 1024 * 1024;

export interface WireAsk {
  service: Service;
  method: NonNullable<Dispatcher.RequestOptions['method']>;
  url: string;
  headers: Record<string, string>;
  body: string | Uint8Array | Readable | undefined;
  signal: AbortSignal | undefined;
  /** Milliseconds until the answer's headers. */
  timeoutMs: number;
}

export interface WireAnswer {
  status: number;
  /** Lower-case names; repeated headers are joined with a comma. */
  headers: Record<string, string>;
  /** Errors of it are the wire's own: see {@link wireFault}. */
  body: Readable;
}

export interface Wire {
  /** Where an address leads: itself, but for tests. */
  route: (url: string) => string;
  /** @throws the socket's own error; {@link wireFault} says what it means */
  request(ask: WireAsk): Promise<WireAnswer>;
  tls(): SecureContextOptions & { rejectUnauthorized?: boolean };
  close(): Promise<void>;
}

/**
 * Opens the way to a cloud; nothing is sent yet.
 *
 * @param login tells the certificates to trust
 * @param route maps every address before it is asked, for tests that put a proxy between
 */
export function wireTo(login: OpenStackLogin, route: (url: string) => string = (url) => url): Wire {
  const tls = tlsOf(login);
  const agent = new Agent({
    // Made once: reading the public authorities takes tens of milliseconds, and would for every connection.
    connect: {
      secureContext: createSecureContext(tls),
      rejectUnauthorized: !login.insecure,
      timeout: connectMs,
    },
    connections: 64,
    bodyTimeout: idleBodyMs,
  });
  return {
    route,
    request: (ask) => request(agent, { ...ask, url: route(ask.url) }),
    tls: () => ({ ...tls }),
    // Streams that somebody still reads must not hold the process.
    close: () => agent.destroy(),
  };
}

function tlsOf(login: OpenStackLogin): SecureContextOptions & { rejectUnauthorized?: boolean } {
  return {
    // A login's own authority is trusted beside the public ones: a cloud may show either behind one catalogue.
    // What was entered may be a chain that ends below its root.
    ...(login.ca.trim() === '' ? {} : { ca: [...rootCertificates, login.ca], allowPartialTrustChain: true }),
    ...(login.insecure ? { rejectUnauthorized: false } : {}),
  };
}

async function request(agent: Agent, ask: WireAsk): Promise<WireAnswer> {
  const url = new URL(ask.url);
  const answer = await agent.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method: ask.method,
    headers: ask.headers,
    body: ask.body ?? null,
    headersTimeout: ask.timeoutMs,
    ...(ask.signal === undefined ? {} : { signal: ask.signal }),
  });
  return { status: answer.statusCode, headers: flat(answer.headers), body: answer.body };
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

/**
 * Reads an answer to its end as text.
 *
 * @param limit most bytes that are kept; the rest is let go
 */
export async function readText(body: Readable, limit = maxTextBytes): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= limit) break;
  }
  return Buffer.concat(chunks).subarray(0, limit).toString('utf8');
}

/**
 * An answer's body whose errors are Problems; destroying it lets go of the socket.
 *
 * @param service whom the Problem names
 * @param url where it came from
 */
export function readable(body: Readable, service: Service, url: string): Readable {
  const out = new PassThrough();
  body.on('error', (error) => out.destroy(wireFault(error, { service, url }).error));
  out.on('close', () => body.destroy());
  return body.pipe(out);
}
