import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { anna, cookieOf, testAccess, tokenIn } from '../access/testing';
import { openLog } from '../log';
import { createHttpServer } from './http-server';
import { houseWith } from './testing';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** The real server on loopback with the real access room; pages only note what they were asked. */
async function setUp() {
  const room = testAccess();
  const { access, db, config, events } = room;
  const pages: IncomingHttpHeaders[] = [];
  const house = houseWith({ access, db, config, events, log: openLog('silent') });
  const server = createHttpServer(house, [], (request, response) => {
    pages.push(request.headers);
    response.end('a page');
    return Promise.resolve();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const send = (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(`${origin}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const signedIn = async () => {
    const token = tokenIn(access.setupLink(origin) ?? '');
    return cookieOf(await send('/api/auth/setup', { token, ...anna }, { origin }));
  };
  return { ...room, origin, pages, send, signedIn };
}

describe('the HTTP server', () => {
  it('gives each page a nonce of its own, in the answer and to Next', async () => {
    const { origin, pages } = await setUp();
    // What a client sends under these names is replaced: it must not choose the nonce.
    const headers = { 'x-nonce': 'mine', 'content-security-policy': "script-src 'nonce-mine'" };
    const answers = await Promise.all([fetch(origin, { headers }), fetch(`${origin}/store`, { headers })]);
    const policies = answers.map((answer) => answer.headers.get('content-security-policy'));
    expect(new Set(policies).size).toBe(2);
    for (const page of pages) {
      expect(page['x-nonce']).not.toBe('mine');
      expect(policies).toContain(page['content-security-policy']);
      expect(page['content-security-policy']).toContain(`'nonce-${String(page['x-nonce'])}'`);
    }
    expect(new Set(answers.map((answer) => answer.headers.get('x-request-id'))).size).toBe(2);
  });

  it('signs in over the wire, and tells who one is', async () => {
    const { origin, signedIn } = await setUp();
    const cookie = await signedIn();
    const me = await fetch(`${origin}/api/v1/me`, { headers: { cookie } });
    expect(await me.json()).toMatchObject({ name: 'Anna', role: 'admin' });
    expect(me.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('refuses a write of the session that another site made the browser send', async () => {
    const { send, signedIn, access } = await setUp();
    const cookie = await signedIn();
    const body = { name: 'stolen', scopes: ['read'], days: 1 };
    const strangers: Record<string, string>[] = [{ origin: 'https://evil.example' }, {}];
    for (const from of strangers) {
      const refused = await send('/api/v1/tokens', body, { cookie, ...from });
      expect(refused.status).toBe(403);
      expect(refused.headers.get('content-type')).toBe('application/problem+json');
      expect(await refused.json()).toMatchObject({ key: 'problems.foreignOrigin' });
    }
    expect(access.tokens.listAll()).toEqual([]);
  });

  it('takes a token in place of a session, for what it may', async () => {
    const { origin, send, signedIn } = await setUp();
    const cookie = await signedIn();
    const body = { name: 'CI', scopes: ['read'], days: 1 };
    const made = await send('/api/v1/tokens', body, { cookie, origin });
    expect(made.status).toBe(201);
    const { token } = (await made.json()) as { token: string };
    const list = await fetch(`${origin}/api/v1/tokens`, { headers: { access_token: token } });
    expect(list.status).toBe(200);
    expect(await list.text()).not.toContain(token);
    const refused = await send('/api/v1/tokens', body, { authorization: `Bearer ${token}` });
    expect(await refused.json()).toMatchObject({ status: 403, key: 'access.errors.needsScope' });
  });

  it('counts sign-ins by the real address, whatever the client claims', async () => {
    const { origin, send, signedIn } = await setUp();
    await signedIn();
    const attempt = (i: number) =>
      send(
        '/api/auth/sign-in/email',
        { ...anna, password: 'wrong' },
        { origin, 'x-edgeyard-peer': `192.0.2.${i}` },
      );
    const statuses: number[] = [];
    for (let i = 0; i < 11; i += 1) statuses.push((await attempt(i)).status);
    expect(statuses.at(-1)).toBe(429);
  });

  it('refuses what is too large before reading it', async () => {
    const { origin, send } = await setUp();
    const answer = await send('/api/trpc/access.rename', { filler: 'x'.repeat(1024 * 1024) }, { origin });
    expect(answer.status).toBe(413);
  });
});
