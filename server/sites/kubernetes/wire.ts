/**
 * A cluster's API on undici: small, every request ends with its signal, logs and watches are streams. The models come
 * from Kubernetes' own client as types only; loaded whole it takes 86 MB of memory.
 */
import { Agent, request, type Dispatcher } from 'undici';
import { clientCertificate } from '../client-certificate';
import { kubeProblem, type KubeFault } from './faults';
import type { KubernetesAccess } from './login';

export interface Ask {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path below the server's address, for example `/api/v1/nodes`. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  /** Of the body; JSON when absent. */
  type?: string;
  signal?: AbortSignal | undefined;
}

export interface Cluster {
  /** The API server's address, for messages. */
  at: string;
  /** The options of TLS that requests use. */
  tls(): TlsOptions;
  /** @throws Problem of {@link kubeProblem} */
  ask<T>(ask: Ask): Promise<T>;
  /** As {@link ask}, but undefined for what is not there. */
  find<T>(ask: Ask): Promise<T | undefined>;
  /** An answer that goes on, line by line; ends when the server or the signal ends it. */
  lines(ask: Ask): AsyncGenerator<string>;
  close(): Promise<void>;
}

export interface TlsOptions {
  ca?: string;
  cert?: string;
  key?: string;
  servername?: string;
  rejectUnauthorized: boolean;
}

/** The options of TLS of a login. */
export function tlsOf({ login, secret }: KubernetesAccess): TlsOptions {
  return {
    ...(login.method === 'certificate' && clientCertificate(secret)),
    ...(login.ca.trim() !== '' && { ca: login.ca }),
    ...(login.tlsServerName !== '' && { servername: login.tlsServerName }),
    rejectUnauthorized: !login.insecure,
  };
}

/** Makes a client of a cluster; nothing is asked before the first call. */
export function openCluster(access: KubernetesAccess): Cluster {
  const { login, secret } = access;
  const at = login.server.replace(/\/+$/, '');
  const agent = new Agent({
    connect: { ...tlsOf(access), timeout: 10_000 },
    headersTimeout: 60_000,
    // A watch is silent while nothing happens.
    bodyTimeout: 0,
  });
  const send = async ({
    method = 'GET',
    path,
    query,
    body,
    type,
    signal,
  }: Ask): Promise<Dispatcher.ResponseData> => {
    const url = new URL(at + path);
    for (const [name, value] of Object.entries(query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    try {
      return await request(url, {
        dispatcher: agent,
        method,
        headers: {
          accept: 'application/json',
          ...(login.method === 'token' && { authorization: `Bearer ${secret.trim()}` }),
          ...(body !== undefined && { 'content-type': type ?? 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw kubeProblem({ error }, at);
    }
  };
  const refused = async (answer: Dispatcher.ResponseData): Promise<KubeFault> => {
    const text = await answer.body.text();
    return { status: answer.statusCode, text };
  };
  const find = async <T>(ask: Ask): Promise<T | undefined> => {
    const answer = await send(ask);
    if (answer.statusCode === 404) {
      await answer.body.dump();
      return undefined;
    }
    if (answer.statusCode >= 400) throw kubeProblem(await refused(answer), at);
    return readJson<T>(answer, at, ask.signal);
  };
  return {
    at,
    tls: () => tlsOf(access),
    find,
    async ask<T>(ask: Ask) {
      const answer = await send(ask);
      if (answer.statusCode >= 400) throw kubeProblem(await refused(answer), at);
      return readJson<T>(answer, at, ask.signal);
    },
    async *lines(ask) {
      const answer = await send(ask);
      if (answer.statusCode >= 400) throw kubeProblem(await refused(answer), at);
      try {
        yield* linesOf(answer.body);
      } catch (error) {
        // The end that was asked for is none of the stream's troubles.
        if (ask.signal?.aborted === true) return;
        throw kubeProblem({ error }, at);
      }
    },
    close: () => agent.destroy(),
  };
}

async function readJson<T>(
  answer: Dispatcher.ResponseData,
  at: string,
  signal: AbortSignal | undefined,
): Promise<T> {
  try {
    return (await answer.body.json()) as T;
  } catch (error) {
    signal?.throwIfAborted();
    throw kubeProblem({ error }, at);
  }
}

async function* linesOf(body: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}
