import type { Operation } from './openapi';

/** What somebody filled in to try an operation. */
export interface Attempt {
  /** Values of path, query and header parameters by name; an empty one is left out, except in the path. */
  values: Record<string, string>;
  /** Text of the JSON body; undefined for none. */
  body: string | undefined;
  /** API token; undefined sends the browser's own session. */
  token: string | undefined;
}

export interface BuiltRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | undefined;
}

/**
 * The HTTP request for an attempt.
 *
 * @param base the server's address without a slash at its end
 */
export function buildRequest(base: string, operation: Operation, attempt: Attempt): BuiltRequest {
  const { values, body, token } = attempt;
  const headers: Record<string, string> = {};
  const query = new URLSearchParams();
  let path = operation.path;
  for (const { name, in: place } of operation.parameters ?? []) {
    const value = values[name] ?? '';
    if (place === 'path') path = path.replace(`{${name}}`, encodeURIComponent(value));
    else if (value !== '' && place === 'query') query.set(name, value);
    else if (value !== '') headers[name] = value;
  }
  if (token !== undefined) headers['Authorization'] = `Bearer ${token}`;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const url = `${base}${path}${query.size === 0 ? '' : `?${query}`}`;
  return { method: operation.method, url, headers, body };
}

/** Names of path parameters that have no value yet: without them there is no address. */
export function missingValues(operation: Operation, values: Record<string, string>): string[] {
  return (operation.parameters ?? [])
    .filter(({ name, in: place, required }) => (place === 'path' || required) && !values[name])
    .map(({ name }) => name);
}

/** The request as a command for a POSIX shell. The token is a variable, so that it does not end up in a history. */
export function curlOf(request: BuiltRequest): string {
  const headers = { ...request.headers };
  if (headers['Authorization'] === undefined) headers['Authorization'] = '';
  const parts = ['curl', request.method === 'GET' ? '' : `-X ${request.method}`, quote(request.url)];
  for (const [name, value] of Object.entries(headers)) {
    parts.push(
      name === 'Authorization'
        ? '-H "Authorization: Bearer $EDGEYARD_TOKEN"'
        : `-H ${quote(`${name}: ${value}`)}`,
    );
  }
  if (request.body !== undefined) parts.push(`--data ${quote(request.body)}`);
  return parts
    .filter(Boolean)
    .join(' \\\n  ')
    .replace(/^curl \\\n {2}/, 'curl ');
}

/** A word of a POSIX shell that stands for exactly this text. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
