/** Requests to one registry: let in, led on, tried again. */
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { createSecureContext, rootCertificates } from 'node:tls';
import { Agent } from 'undici';
import { openKeys, readChallenge } from './auth';
import { answerFault, mayPass, wireFault, withoutQuery } from './faults';
import { clockFault } from './clock-fault';
import { RegistryError, type RegistryAccess } from './oci';
import { lookupWithin, requireReach, type MayConnect } from './reach';

export interface Ask {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** A path of the registry, or an address it named. */
  path: string;
  /** `repository:<name>:<actions>`, `registry:catalog:*`: what a token must allow. */
  scopes: readonly string[];
  headers?: Record<string, string> | undefined;
  /** A stream can be sent once: whoever gives one repeats the request themselves. */
  body?: Buffer | Readable | undefined;
  signal?: AbortSignal | undefined;
  /** How often it may be tried; absent: as often as the wire is told. */
  tries?: number | undefined;
  /** Milliseconds until its answer begins, where the wire's own are too few. */
  headersMs?: number | undefined;
  /** Statuses that are an answer; all others are thrown. */
  ok: readonly number[];
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Readable;
  /** Without its query: a storage's signature must not come into an error. */
  url: string;
}

export interface Wire {
  readonly url: string;
  /** @throws RegistryError */
  ask(request: Ask): Promise<Answer>;
  /** As {@link ask}, the body read into memory. @throws RegistryError `tooLarge` beyond the limit */
  askWhole(request: Ask, limitBytes?: number): Promise<Answer & { bytes: Buffer }>;
  close(): Promise<void>;
}

export interface WireOptions {
  /** Milliseconds until a connection stands, until an answer begins, and between two pieces of a body. */
  connectMs?: number | undefined;
  headersMs?: number | undefined;
  idleMs?: number | undefined;
  /** How often what may pass is tried. */
  tries?: number | undefined;
  /** Milliseconds before the second try; doubled for each further one. */
  backOffMs?: number | undefined;
  /** Asked for every address: of the registry, of where it redirects to, of its token server. Absent: all are fine. */
  mayConnect?: MayConnect | undefined;
}

/** The specification lets registries refuse manifests beyond this; other whole answers are smaller. */
const wholeLimit = 4 * 2 ** 20;
const maxRedirects = 5;
const longestPauseMs = 30_000;

/** Opens the way to a registry; nothing is sent yet. */
export function openWire(access: RegistryAccess, options: WireOptions = {}): Wire {
  const { connectMs = 10_000, headersMs = 60_000, idleMs = 60_000, tries = 6, backOffMs = 250 } = options;
  const { mayConnect } = options;
  /** One that answered once is waited for: it may be starting again. One that never did is told at once. */
  let answered = false;
  /** The clock of the token server at its last answer. */
  let tokensMadeAt: string | undefined;
  const origin = new URL(access.url).origin;
  const ca =
    access.ca === undefined || access.ca.trim() === '' ? undefined : [...rootCertificates, access.ca];
  const secureContext = createSecureContext(ca ? { ca, allowPartialTrustChain: true } : {});
  const agent = new Agent({
    connect: { secureContext, timeout: connectMs, ...(mayConnect && { lookup: lookupWithin(mayConnect) }) },
    headersTimeout: headersMs,
    bodyTimeout: idleMs,
    connections: 32,
  });

  const send = async (url: string, ask: Ask, authorization: string | undefined): Promise<Answer> => {
    const at = new URL(url);
    // A storage backend behind a redirect must not learn the login.
    const header = authorization !== undefined && at.origin === origin ? { authorization } : {};
    try {
      if (mayConnect) requireReach(at.hostname, mayConnect);
      const answer = await agent.request({
        origin: at.origin,
        path: at.pathname + at.search,
        method: ask.method,
        headers: { ...ask.headers, ...header },
        body: ask.body ?? null,
        ...(ask.signal ? { signal: ask.signal } : {}),
        ...(ask.headersMs === undefined ? {} : { headersTimeout: ask.headersMs }),
      });
      answered = true;
      // A body that is destroyed before somebody reads it must not bring the process down.
      answer.body.on('error', () => {});
      return {
        status: answer.statusCode,
        headers: flat(answer.headers),
        body: answer.body,
        url: withoutQuery(url),
      };
    } catch (error) {
      throw wireFault(error, url, ask.signal);
    }
  };

  const askTokenServer = async (url: string, headers: Record<string, string>, signal?: AbortSignal) => {
    const answer = await send(
      url,
      { method: 'GET', path: url, scopes: [], headers, signal, ok: [200] },
      undefined,
    );
    tokensMadeAt = answer.headers['date'];
    const text = (await whole(answer, 1 << 20)).toString('utf8');
    if (answer.status !== 200) throw answerFault(answer.status === 400 ? 401 : answer.status, text, url);
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      const at = withoutQuery(url);
      throw new RegistryError(
        'unauthorized',
        `${at}: no JSON`,
        { url: at, words: text.slice(0, 200) },
        error,
      );
    }
  };
  const keys = openKeys(access, askTokenServer);

  /** One try: a challenge is answered once, redirects are followed. */
  const once = async (ask: Ask): Promise<Answer> => {
    let url = new URL(ask.path, access.url).href;
    let challenged = false;
    for (let redirects = 0; redirects <= maxRedirects;) {
      const answer = await send(url, ask, await keys.headerFor(ask.scopes, ask.signal));
      // Where the registry only redirected to nobody may ask for the login: it would name a token server of its own.
      if (answer.status === 401 && !challenged && new URL(url).origin === origin) {
        challenged = true;
        const challenge = readChallenge(answer.headers['www-authenticate']);
        const words = await whole(answer, 1 << 16);
        const letIn = challenge && (await keys.answer(challenge, ask.scopes, ask.signal));
        if (!letIn) throw answerFault(401, words.toString('utf8'), url);
        if (ask.body instanceof Readable)
          throw new RegistryError('unauthorized', `${withoutQuery(url)}: login expired`, { status: 401 });
        continue;
      }
      if (answer.status === 401 && challenged) {
        const fault = clockFault(answer, tokensMadeAt ?? new Date().toUTCString());
        if (fault) throw fault;
      }
      const location = answer.headers['location'];
      if ([301, 302, 303, 307, 308].includes(answer.status) && location !== undefined) {
        answer.body.destroy();
        url = redirected(url, location);
        redirects += 1;
        continue;
      }
      return await expected(answer, ask, access.login !== undefined || access.token !== undefined);
    }
    throw new RegistryError('refused', `${withoutQuery(url)}: too many redirects`);
  };

  const ask = async (request: Ask): Promise<Answer> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await once(request);
      } catch (caught) {
        const error = wireFault(caught, new URL(request.path, access.url).href, request.signal);
        // POST starts an upload: another one does no harm. A stream is gone once it was read.
        const repeatable = !(request.body instanceof Readable) && mayPass(error);
        if (!repeatable || !answered || attempt >= (request.tries ?? tries)) throw error;
        const pause = retryAfterMs(error) ?? backOffMs * 2 ** (attempt - 1);
        await wait(Math.min(pause, longestPauseMs), undefined, { signal: request.signal }).catch(
          (stopped: unknown) => {
            throw wireFault(stopped, error.facts.url ?? access.url, request.signal);
          },
        );
      }
    }
  };

  return {
    url: access.url,
    ask,
    async askWhole(request, limitBytes = wholeLimit) {
      const answer = await ask(request);
      return { ...answer, bytes: await whole(answer, limitBytes) };
    },
    close: () => agent.destroy(),
  };
}

/** Where a redirect leads. @throws RegistryError `tls` when it leaves TLS */
function redirected(from: string, location: string): string {
  if (!URL.canParse(location, from))
    throw new RegistryError('notARegistry', `${withoutQuery(from)}: redirects to no address`);
  const url = new URL(location, from);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && from.startsWith('http:'))) return url.href;
  const message = `${withoutQuery(from)}: redirects to ${url.protocol}//${url.host}, which is not protected by TLS`;
  throw new RegistryError('tls', message, { url: withoutQuery(from) });
}

async function expected(answer: Answer, ask: Ask, known: boolean): Promise<Answer> {
  if (ask.ok.includes(answer.status)) {
    if (ask.method === 'HEAD') answer.body.resume();
    return answer;
  }
  const text = ask.method === 'HEAD' ? '' : (await whole(answer, 1 << 16)).toString('utf8');
  if (ask.method === 'HEAD') answer.body.resume();
  // RFC 6750, 3.1: who was let in lacks a right; for who gave no name it is a matter of logging in.
  const lacks = known && /error="?insufficient_scope/.test(answer.headers['www-authenticate'] ?? '');
  const error = answerFault(lacks ? 403 : answer.status, text, answer.url);
  throw Object.assign(error, { retryAfter: answer.headers['retry-after'] });
}

/** `Retry-After` in seconds or as a date (RFC 9110, 10.2.3). */
function retryAfterMs(error: RegistryError): number | undefined {
  const said = 'retryAfter' in error && typeof error.retryAfter === 'string' ? error.retryAfter : undefined;
  if (said === undefined) return undefined;
  const seconds = Number(said);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(said) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

async function whole(answer: Pick<Answer, 'body' | 'url'>, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) {
        const url = withoutQuery(answer.url);
        throw new RegistryError('tooLarge', `${url}: more than ${limit} bytes`, { url });
      }
      chunks.push(chunk);
    }
  } catch (error) {
    throw wireFault(error, answer.url);
  }
  return Buffer.concat(chunks);
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}
