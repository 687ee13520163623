/** One request to a cloud, asked again where that is safe, its refusals read into Problems. */
import { setTimeout as pause } from 'node:timers/promises';
import { Readable } from 'node:stream';
import type { Log } from '../../log';
import { isProblem, type Problem } from '../../problem';
import { serviceNames } from './catalogue';
import type { Ask } from './cloud';
import { faultOf, wireFault, type Refusal } from './faults';
import { readText, type Wire, type WireAnswer } from './wire';

export interface Request extends Omit<Ask, 'path' | 'query'> {
  url: string;
}

export interface RequestOptions {
  log?: Pick<Log, 'warn'> | undefined;
  /** Milliseconds before the first repeat; doubled for each further one. */
  backOffMs: number;
  /** What must not come back in the words of a refusal. */
  secrets: readonly string[];
}

export const defaultTimeoutMs = 30_000;
const maxRepeats = 3;
const maxRetryAfterMs = 30_000;
const refusalBytes = 64 * 1024;
const passing: readonly number[] = [429, 500, 502, 503, 504];

/**
 * Asks, and asks again after a passing fault: up to three times more, later each time, or when the answer says so.
 *
 * @param read makes the result of a success; what the wire throws meanwhile counts as the request's own
 * @param fault makes the Problem of a refusal
 * @throws Problem `openstack.errors.*`; the signal's reason when aborted
 */
export async function request<T>(
  wire: Wire,
  ask: Request,
  options: RequestOptions,
  read: (answer: WireAnswer) => Promise<T> | T,
  fault: (refusal: Refusal) => Problem = faultOf,
): Promise<T> {
  return repeated(ask, options, async (): Promise<Attempt<T>> => {
    const { service, url, signal } = ask;
    const method = ask.method ?? 'GET';
    const timeoutMs = ask.timeoutMs ?? defaultTimeoutMs;
    const answer = await wire.request({ ...sent(ask), service, method, url, signal, timeoutMs });
    if (answer.status >= 200 && answer.status < 300) return { result: await read(answer) };
    const text = await readText(answer.body, refusalBytes);
    return { refusal: { service, status: answer.status, headers: answer.headers, text }, fault };
  });
}

/** What came of one try. */
export type Attempt<T> = { result: T } | { refusal: Refusal; fault: (refusal: Refusal) => Problem };

/**
 * Tries until there is a result, as {@link request} says.
 *
 * @param ask what is asked, which decides whether it may be asked again
 * @param attempt one try; what it throws is the wire's own error, or a Problem, which ends it
 * @throws Problem `openstack.errors.*`; the signal's reason when aborted
 */
export async function repeated<T>(
  ask: Request,
  options: RequestOptions,
  attempt: () => Promise<Attempt<T>>,
): Promise<T> {
  for (let repeat = 0; ; repeat += 1) {
    const outcome = await once(ask, options, attempt);
    if ('result' in outcome) return outcome.result;
    const waitMs = outcome.waitMs ?? options.backOffMs * 2 ** repeat * (0.75 + Math.random() / 2);
    if (!outcome.again || repeat === maxRepeats || waitMs > maxRetryAfterMs) throw outcome.error;
    options.log?.warn(
      {
        service: serviceNames[ask.service],
        method: ask.method ?? 'GET',
        repeat: repeat + 1,
        err: outcome.error,
      },
      'asking the cloud again',
    );
    await pause(waitMs, undefined, { signal: ask.signal });
  }
}

type Outcome<T> = { result: T } | { error: Error; again: boolean; waitMs?: number | undefined };

async function once<T>(
  ask: Request,
  options: RequestOptions,
  attempt: () => Promise<Attempt<T>>,
): Promise<Outcome<T>> {
  const { service, url, signal } = ask;
  signal?.throwIfAborted();
  try {
    const outcome = await attempt();
    if ('result' in outcome) return outcome;
    const secrets = [...options.secrets, ask.headers?.['x-auth-token'] ?? ''];
    return { error: outcome.fault({ ...outcome.refusal, secrets }), ...afterRefusal(ask, outcome.refusal) };
  } catch (error) {
    if (isProblem(error)) throw error;
    signal?.throwIfAborted();
    const timeoutMs = ask.timeoutMs ?? defaultTimeoutMs;
    const { error: problem, again } = wireFault(error, { service, url, timeoutMs });
    return {
      error: problem,
      again: again === 'unsent' ? !isStream(ask.body) : again === 'cut' && mayRepeat(ask),
    };
  }
}

function afterRefusal(ask: Request, answer: Refusal): { again: boolean; waitMs: number | undefined } {
  const waitMs = retryAfterMs(answer.headers['retry-after']);
  // Nothing was done yet where a limit refuses, so that it is safe for every method.
  const limited = answer.status === 429 || (answer.status === 413 && waitMs !== undefined);
  const again = limited ? !isStream(ask.body) : passing.includes(answer.status) && mayRepeat(ask);
  return { again, waitMs };
}

/** Milliseconds that a Retry-After header asks for: seconds or a date (RFC 9110, 10.2.3). */
export function retryAfterMs(header: string | undefined, now = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function mayRepeat(ask: Request): boolean {
  if (isStream(ask.body)) return false;
  const method = ask.method ?? 'GET';
  return ask.repeats ?? (method === 'GET' || method === 'HEAD' || method === 'DELETE' || method === 'PUT');
}

/** Whether a body can be sent only once. */
export function isStream(body: unknown): boolean {
  return body instanceof Readable;
}

function sent(ask: Request): Pick<Parameters<Wire['request']>[0], 'headers' | 'body'> {
  const headers = { accept: 'application/json', 'user-agent': 'edgeyard', ...ask.headers };
  const { body } = ask;
  if (body === undefined) return { headers, body: undefined };
  if (body instanceof Readable || body instanceof Uint8Array) {
    return { headers: { 'content-type': 'application/octet-stream', ...headers }, body };
  }
  return { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

/** The address of a path below a service's root. */
export function addressOf(root: string, path: string, query: Ask['query']): string {
  const url = new URL(`${root}${path}`);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url.href;
}
