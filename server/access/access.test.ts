import { describe, expect, it } from 'vitest';
import { hasRole } from './actor';
import { account, oneTimeLinks, session } from './tables';
import { anna, cookieOf, testAccess, tokenIn } from './testing';

const origin = 'http://127.0.0.1:3000';
const keyOf = async (response: Response) => ((await response.json()) as { key: string }).key;

describe('the first administrator', () => {
  it('comes by the one-time link, is signed in, and ends the link', async () => {
    const { access, post } = testAccess();
    expect(access.signInOptions().needsSetup).toBe(true);
    const token = tokenIn(access.setupLink(origin) ?? '');
    expect(access.setup.purpose(token)).toEqual({ kind: 'administrator' });
    const response = await post('setup', { token, ...anna });
    expect(response.status).toBe(204);
    const actor = await access.actorOf(new Headers({ cookie: cookieOf(response) }));
    expect(actor).toMatchObject({ name: 'Anna', role: 'admin', via: 'session' });
    const again = await post('setup', { token, ...anna, email: 'eve@example.org' });
    expect([again.status, await keyOf(again)]).toEqual([410, 'access.errors.linkGone']);
    expect(access.setupLink(origin)).toBeUndefined();
  });

  it('comes by the newest link only, whose token is nowhere in the database', () => {
    const { access, db } = testAccess();
    const first = tokenIn(access.setupLink(origin) ?? '');
    const second = tokenIn(access.setupLink(origin) ?? '');
    expect(access.setup.purpose(first)).toBeUndefined();
    expect(access.setup.purpose(second)).toBeDefined();
    expect(JSON.stringify(db.select().from(oneTimeLinks).all())).not.toContain(second);
  });

  it('is one, when two people take the link at the same moment', async () => {
    const { access, post } = testAccess();
    const token = tokenIn(access.setupLink(origin) ?? '');
    const both = await Promise.all([
      post('setup', { token, ...anna }),
      post('setup', { token, ...anna, email: 'eve@example.org' }),
    ]);
    expect(both.map((response) => response.status).toSorted((a, b) => a - b)).toEqual([204, 410]);
    expect(access.users.list()).toHaveLength(1);
  });

  it('needs a password of some length', async () => {
    const { access, post } = testAccess();
    const token = tokenIn(access.setupLink(origin) ?? '');
    expect((await post('setup', { token, ...anna, password: 'short' })).status).toBe(422);
    expect(access.setup.purpose(token)).toBeDefined();
  });
});

describe('signing in', () => {
  it('works by password, keeps the cookie from scripts, and keeps no password', async () => {
    const { access, post, administrator, db } = testAccess();
    await administrator();
    const response = await post('sign-in/email', { email: 'Anna@Example.org', password: anna.password });
    expect(response.status).toBe(204);
    expect(response.headers.getSetCookie().join()).toMatch(/HttpOnly.*SameSite=Lax/i);
    expect(hasRole(await access.actorOf(new Headers({ cookie: cookieOf(response) })), 'admin')).toBe(true);
    expect(JSON.stringify(db.select().from(account).all())).not.toContain(anna.password);
  });

  it('answers the same for an unknown user, a wrong password and a disabled user', async () => {
    const { access, post, administrator } = testAccess();
    const { actor } = await administrator();
    const link = access.users.invite(
      actor,
      { name: 'Bo', email: 'bo@example.org', role: 'developer' },
      origin,
    );
    await post('password', { token: tokenIn(link.url), password: anna.password });
    access.users.disable(actor, link.user.id);
    const answers = await Promise.all(
      [
        { email: 'nobody@example.org', password: anna.password },
        { email: anna.email, password: 'wrong password' },
        { email: 'bo@example.org', password: anna.password },
      ].map((body) => post('sign-in/email', body)),
    );
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(new Set(texts).size).toBe(1);
    expect(answers.map((answer) => answer.status)).toEqual([401, 401, 401]);
    expect(answers.flatMap((answer) => answer.headers.getSetCookie())).toEqual([]);
  });

  it('is refused for a while after ten wrong passwords, also with the right one', async () => {
    const { post, administrator } = testAccess();
    await administrator();
    for (let i = 0; i < 10; i += 1) await post('sign-in/email', { email: anna.email, password: 'wrong' });
    const response = await post('sign-in/email', anna);
    expect([response.status, await keyOf(response)]).toEqual([429, 'access.errors.tooManyAttempts']);
  });

  it('ends with signing out', async () => {
    const { access, post, administrator, db } = testAccess();
    const { cookie } = await administrator();
    expect((await post('sign-out', {}, cookie)).status).toBe(204);
    expect((await access.actorOf(new Headers({ cookie }))).role).toBe('guest');
    expect(db.select().from(session).all()).toEqual([]);
  });

  it('does not accept a cookie whose signature was changed', async () => {
    const { access, administrator } = testAccess();
    const { cookie } = await administrator();
    const forged = cookie.replace(/.{6}(?=%3D$|$)/, 'AAAAAA');
    expect((await access.actorOf(new Headers({ cookie: forged }))).role).toBe('guest');
  });

  it("has no other doors: public sign-up and the library's own paths are shut", async () => {
    const { post } = testAccess();
    for (const door of ['sign-up/email', 'update-user', 'delete-user', 'request-password-reset']) {
      expect((await post(door, { ...anna })).status, door).toBe(404);
    }
  });
});
