import type { BuiltRequest } from './request';

export interface Answer {
  ok: boolean;
  status: number;
  /** How long it took, in milliseconds. */
  ms: number;
  headers: string;
  /** Indented when it is JSON; a word about its size when it is no text. */
  body: string;
}

/** A stream never ends, and a file may be large: of either only the beginning is read. */
const mostBytes = 256 * 1024;
const longest = 3_000;

/**
 * Sends a request and reads the beginning of its answer.
 *
 * @throws TypeError when the server cannot be reached
 */
export async function sendRequest({ url, ...request }: BuiltRequest): Promise<Answer> {
  const begun = performance.now();
  const response = await fetch(url, {
    method: request.method,
    headers: request.headers,
    // With a token the answer must be the token's, not the session's.
    credentials: 'Authorization' in request.headers ? 'omit' : 'same-origin',
    ...(request.body !== undefined && { body: request.body }),
  });
  const ms = Math.round(performance.now() - begun);
  return {
    ok: response.ok,
    status: response.status,
    ms,
    headers: [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n'),
    body: await readBody(response),
  };
}

async function readBody(response: Response): Promise<string> {
  const type = response.headers.get('content-type') ?? '';
  if (!/json|^text\//.test(type)) {
    await response.body?.cancel();
    return '';
  }
  const text = await beginning(response);
  try {
    return /json/.test(type) ? JSON.stringify(JSON.parse(text), null, 2) : text;
  } catch {
    return text;
  }
}

async function beginning(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return '';
  const timer = setTimeout(() => void reader.cancel(), longest);
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done || text.length > mostBytes) break;
    text += decoder.decode(value, { stream: true });
  }
  clearTimeout(timer);
  await reader.cancel();
  return text;
}
