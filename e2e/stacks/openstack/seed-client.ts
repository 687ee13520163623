/** The few calls the seed needs, as an administrator who may make everything. */

type Json = Record<string, unknown>;

/** Reads a variable that stack.sh sets. */
export function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`stack.sh sets ${name}; run stack.sh`);
  return value;
}

const keystone = setting('KEYSTONE_URL');
let token = '';

/**
 * One request with the current login's token.
 *
 * @param path absolute URL
 * @returns the answer's JSON, or an empty object when it has none. 409 counts as done: somebody made the thing before.
 */
export async function request<T = Json>(method: string, path: string, body?: Json | Blob): Promise<T> {
  const binary = body instanceof Blob;
  const answer = await fetch(path, {
    method,
    headers: {
      'x-auth-token': token,
      ...(body && { 'content-type': binary ? 'application/octet-stream' : 'application/json' }),
    },
    body: binary ? body : body && JSON.stringify(body),
    signal: AbortSignal.timeout(120_000),
  });
  const text = await answer.text();
  if (!answer.ok && answer.status !== 409) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return (text.startsWith('{') ? JSON.parse(text) : {}) as T;
}

/**
 * Logs in; every following request is made by this person.
 *
 * @param name user and project, which have the same name here
 * @returns id of the project
 */
export async function logIn(name: string, password: string): Promise<string> {
  const domain = { id: 'default' };
  const answer = await fetch(`${keystone}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: { methods: ['password'], password: { user: { name, domain, password } } },
        scope: { project: { name, domain } },
      },
    }),
  });
  if (!answer.ok) throw new Error(`login of ${name}: ${answer.status} ${await answer.text()}`);
  token = answer.headers.get('x-subject-token') ?? '';
  const { token: granted } = (await answer.json()) as { token: { project: { id: string } } };
  return granted.project.id;
}

/**
 * A named thing, made when it is not there.
 *
 * @param collection URL of the list, whose last part is the plural of the thing's name
 * @param query narrows the list further than the name does
 * @returns its id
 */
export async function ensure(
  collection: string,
  body: Json & { name: string },
  query: Record<string, string> = {},
): Promise<string> {
  const plural = (collection.split('/').at(-1) ?? '').replaceAll('-', '_');
  const singular = plural.slice(0, -1);
  const search = new URLSearchParams({ name: body.name, ...query });
  const list = await request<Record<string, { id: string; name: string }[]>>(
    'GET',
    `${collection}?${search.toString()}`,
  );
  // Nova ignores the name in the query of flavors.
  const found = list[plural]?.find((one) => one.name === body.name);
  if (found) return found.id;
  const made = await request<Record<string, { id: string }>>('POST', collection, { [singular]: body });
  const id = made[singular]?.id;
  if (!id) throw new Error(`${collection} made no ${body.name}`);
  return id;
}

/** Asks until the answer is yes; a refused connection counts as no. */
export async function until(seconds: number, what: string, test: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    if (await test().catch(() => false)) return;
    if (Date.now() > end) throw new Error(`${what}: not ready after ${seconds} s`);
    await new Promise((wake) => setTimeout(wake, 300));
  }
}
