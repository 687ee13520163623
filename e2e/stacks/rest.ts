/** A script's view of a server: the REST API with a token, and waiting for jobs by their state. */
import type { RunningServer } from './edgeyard';

export interface RestJob {
  id: string;
  kind: string;
  state: 'queued' | 'running' | 'cancelling' | 'done' | 'failed' | 'cancelled';
  steps: { name: string; state: string; progress?: { done: number; total: number } }[];
  error?: { key: string; code: string; params: Record<string, unknown>; detail?: string };
  result: unknown;
}

export interface Answer<Body> {
  status: number;
  headers: Headers;
  body: Body;
}

export interface Rest {
  /** Sends a request and reads JSON; does not throw for any status. */
  call<Body>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<Body>>;
  /** As `call`, and throws unless the status is the one expected. */
  expect<Body>(status: number, method: string, path: string, body?: unknown): Promise<Body>;
  /** The raw answer, for downloads. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Waits until a job is over. @throws Error with the job when it did not end `done` */
  done(jobId: string, seconds?: number): Promise<RestJob>;
  /** Waits until a condition holds. @throws Error with what was last seen */
  until<Value>(ask: () => Promise<Value>, holds: (value: Value) => boolean, seconds?: number): Promise<Value>;
}

/**
 * A client with a token.
 *
 * @param server the server, or where it listens
 * @param token an API token; undefined asks as a guest
 */
export function restClient(server: Pick<RunningServer, 'url'>, token: string | undefined): Rest {
  const send = (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    return fetch(new URL(path, server.url), { ...init, headers });
  };
  const call: Rest['call'] = async (method, path, body, headers = {}) => {
    const response = await send(path, {
      method,
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? undefined : JSON.parse(text)) as never,
    };
  };
  const until: Rest['until'] = async (ask, holds, seconds = 120) => {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const value = await ask();
      if (holds(value)) return value;
      if (Date.now() > end) throw new Error(`not within ${seconds} s; last seen: ${JSON.stringify(value)}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };
  return {
    call,
    until,
    fetch: send,
    expect: async (status, method, path, body) => {
      const answer = await call(method, path, body);
      if (answer.status !== status)
        throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body as never;
    },
    done: async (jobId, seconds = 200) => {
      const job = await until(
        async () => (await call<RestJob>('GET', `/api/v1/jobs/${jobId}`)).body,
        ({ state }) => ['done', 'failed', 'cancelled'].includes(state),
        seconds,
      );
      if (job.state !== 'done') throw new Error(`the job did not succeed: ${JSON.stringify(job)}`);
      return job;
    },
  };
}
