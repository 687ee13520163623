/** People of a test server, each with a browser session and an API token, made through the same doors as real ones. */
import type { BrowserContext } from '@playwright/test';
import type { RunningServer } from './edgeyard';
import { restClient, type Rest } from './rest';

export interface Person {
  id: string;
  name: string;
  email: string;
  password: string;
  /** `name=value` of the session's cookie. */
  cookie: string;
  token: string;
  rest: Rest;
}

const password = 'correct horse battery staple';

/** Takes the one-time link that the server printed, and becomes its administrator. */
export async function becomeAdministrator(server: RunningServer): Promise<Person> {
  const link = server.setupLink;
  if (link === undefined) throw new Error(`no setup link in the server's output:\n${server.output()}`);
  const token = new URL(link).searchParams.get('token');
  const who = { name: 'Ada', email: 'ada@example.org' };
  const cookie = await passDoor(server.url, 'setup', { token, password, ...who });
  return personOf(server, { ...who, role: 'admin' }, cookie);
}

/** Invites somebody and takes the invitation. */
export async function invite(
  server: RunningServer,
  admin: Person,
  who: { name: string; email: string; role: 'developer' | 'operator' | 'admin' },
): Promise<Person> {
  const { url } = await admin.rest.expect<{ url: string }>(201, 'POST', '/api/v1/users', who);
  const token = new URL(url, server.url).searchParams.get('token');
  return personOf(server, who, await passDoor(server.url, 'password', { token, password }));
}

/** Gives a browser the person's session. */
export async function signIn(context: BrowserContext, server: RunningServer, person: Person): Promise<void> {
  const [name = '', value = ''] = person.cookie.split(/=(.*)/s);
  await context.addCookies([{ name, value, url: server.url, httpOnly: true, sameSite: 'Lax' }]);
}

async function passDoor(base: string, door: string, body: object): Promise<string> {
  const response = await fetch(new URL(`/api/auth/${door}`, base), {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: base },
    body: JSON.stringify(body),
  });
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0];
  if (!response.ok || cookie === undefined)
    throw new Error(`${door}: ${response.status} ${await response.text()}`);
  return cookie;
}

async function personOf(
  server: RunningServer,
  who: { name: string; email: string; role: string },
  cookie: string,
): Promise<Person> {
  const headers = { 'content-type': 'application/json', origin: server.url, cookie };
  const scopes = ['read', 'write', ...(who.role === 'admin' ? ['admin'] : [])];
  const response = await fetch(new URL('/api/v1/tokens', server.url), {
    method: 'POST',
    headers,
    body: JSON.stringify({ name: 'tests', scopes, days: 1 }),
  });
  if (!response.ok) throw new Error(`no token for ${who.name}: ${response.status} ${await response.text()}`);
  const { token } = (await response.json()) as { token: string };
  const rest = restClient(server, token);
  const { id } = await rest.expect<{ id: string }>(200, 'GET', '/api/v1/me');
  return { ...who, id, password, cookie, token, rest };
}
