import { describe, expect, it } from 'vitest';
import { requireUser } from './actor';
import { secrets } from './tables';
import { anna, cookieOf, testAccess, tokenIn } from './testing';

const origin = 'http://127.0.0.1:3000';
const bo = { name: 'Bo', email: 'bo@example.org', role: 'developer' } as const;

/** An administrator, and an invited developer who has set a password. */
async function twoPeople() {
  const room = testAccess();
  const { actor, cookie } = await room.administrator();
  const link = room.access.users.invite(actor, bo, origin);
  const response = await room.post('password', { token: tokenIn(link.url), password: anna.password });
  const boCookie = cookieOf(response);
  const boActor = requireUser(await room.access.actorOf(new Headers({ cookie: boCookie })));
  return { ...room, actor, cookie, boActor, boCookie, link };
}

const bearer = (token: string) => new Headers({ authorization: `Bearer ${token}` });

describe('users', () => {
  it('come by invitation, whose link works once', async () => {
    const { access, post, link, boActor } = await twoPeople();
    expect(link.user).toMatchObject({ name: 'Bo', invited: true });
    expect(access.users.get(boActor.userId)).toMatchObject({ role: 'developer', invited: false });
    expect((await post('password', { token: tokenIn(link.url), password: anna.password })).status).toBe(410);
  });

  it('have an address of their own', async () => {
    const { access, actor } = await twoPeople();
    expect(() => access.users.invite(actor, { ...bo, email: 'BO@example.org' }, origin)).toThrow(
      'access.errors.emailTaken',
    );
  });

  it('lose sessions and tokens at once when disabled, and links too', async () => {
    const { access, actor, boActor, boCookie } = await twoPeople();
    const { token } = access.tokens.create(boActor, { name: 'CI', scopes: ['read'], days: 1 });
    const { url } = access.users.passwordLink(actor, boActor.userId, origin);
    access.users.disable(actor, boActor.userId);
    for (const headers of [new Headers({ cookie: boCookie }), bearer(token)])
      expect((await access.actorOf(headers)).role).toBe('guest');
    expect(access.setup.purpose(tokenIn(url))).toBeUndefined();
    access.users.enable(actor, boActor.userId);
    expect((await access.actorOf(new Headers({ cookie: boCookie }))).role).toBe('guest');
  });

  it('keep one administrator', async () => {
    const { access, actor, boActor } = await twoPeople();
    expect(() => access.users.disable(actor, actor.userId)).toThrow('access.errors.lastAdmin');
    expect(() => access.users.setRole(actor, actor.userId, 'developer')).toThrow('access.errors.lastAdmin');
    access.users.setRole(actor, boActor.userId, 'admin');
    expect(access.users.setRole(actor, actor.userId, 'developer').role).toBe('developer');
  });

  it('have a role that a change takes from the next request on', async () => {
    const { access, actor, boActor, boCookie } = await twoPeople();
    access.users.setRole(actor, boActor.userId, 'operator');
    expect((await access.actorOf(new Headers({ cookie: boCookie }))).role).toBe('operator');
  });
});

describe('sessions', () => {
  it('are seen and ended by their owner only', async () => {
    const { access, actor, boActor } = await twoPeople();
    const [own] = access.sessions.list(boActor);
    expect(own).toMatchObject({ current: true, ipAddress: '192.0.2.1' });
    expect(() => {
      access.sessions.end(actor, own?.id ?? '');
    }).toThrow('access.errors.sessionNotFound');
    access.sessions.end(boActor, own?.id ?? '');
    expect(access.sessions.list(boActor)).toEqual([]);
  });

  it('end elsewhere with a new password, which needs the old one', async () => {
    const { access, post, actor, cookie } = await twoPeople();
    const other = cookieOf(await post('sign-in/email', anna));
    await expect(
      access.sessions.changePassword(actor, { current: 'wrong', next: 'another long one' }),
    ).rejects.toThrow('access.errors.wrongPassword');
    await access.sessions.changePassword(actor, { current: anna.password, next: 'another long one' });
    expect((await access.actorOf(new Headers({ cookie }))).role).toBe('admin');
    expect((await access.actorOf(new Headers({ cookie: other }))).role).toBe('guest');
    expect((await post('sign-in/email', anna)).status).toBe(401);
    expect((await post('sign-in/email', { ...anna, password: 'another long one' })).status).toBe(204);
  });
});

describe('API tokens', () => {
  it('stand for their user, with their scopes, in both headers', async () => {
    const { access, boActor } = await twoPeople();
    const { token } = access.tokens.create(boActor, { name: 'CI', scopes: ['read'], days: 30 });
    expect(token).toMatch(/^eyt_[\w-]{43}$/);
    for (const headers of [bearer(token), new Headers({ access_token: token })])
      expect(await access.actorOf(headers)).toEqual({
        userId: boActor.userId,
        name: 'Bo',
        role: 'developer',
        scopes: ['read'],
        via: 'token',
      });
    expect(access.tokens.list(boActor)[0]?.lastUsedAt).toBeTypeOf('number');
  });

  it('cannot give what their maker lacks', async () => {
    const { access, boActor } = await twoPeople();
    const create = (scopes: ('read' | 'admin' | 'write')[], actor = boActor) =>
      access.tokens.create(actor, { name: 'x', scopes, days: 1 });
    expect(() => create(['admin'])).toThrow('access.errors.needsRole');
    expect(() => create(['write'], { ...boActor, scopes: ['read'], via: 'token' })).toThrow(
      'access.errors.needsScope',
    );
  });

  it('are revoked by their owner only, and a token that does not work makes a guest', async () => {
    const { access, actor, boActor, boCookie } = await twoPeople();
    const { token, id } = access.tokens.create(boActor, { name: 'CI', scopes: ['read'], days: 1 });
    expect(() => {
      access.tokens.revoke(actor, id);
    }).toThrow('access.errors.tokenNotFound');
    access.tokens.revoke(boActor, id);
    // The cookie that comes along must not lend its right to a dead token.
    const headers = new Headers({ authorization: `Bearer ${token}`, cookie: boCookie });
    expect((await access.actorOf(headers)).role).toBe('guest');
  });
});

describe('a planted secret', () => {
  it('is in no view, no audit entry and no row', async () => {
    const { access, db, actor, boActor } = await twoPeople();
    const planted = 'PLANTED-9f3c';
    access.secrets.put('site:1:password', planted);
    const { token } = access.tokens.create(boActor, { name: 'CI', scopes: ['read'], days: 1 });
    const seen = JSON.stringify([
      access.users.list(),
      access.tokens.list(boActor),
      access.sessions.list(actor),
      access.audit.list({}),
      db.select().from(secrets).all(),
    ]);
    for (const hidden of [planted, token, anna.password]) expect(seen).not.toContain(hidden);
    expect(access.secrets.read('site:1:password')).toBe(planted);
  });
});

describe('the audit log', () => {
  it('has every change with who and what, newest first, by filters', async () => {
    const { access, actor, boActor } = await twoPeople();
    access.users.setRole(actor, boActor.userId, 'operator');
    const all = access.audit.list({});
    expect(all[0]).toMatchObject({
      actorName: 'Anna',
      via: 'session',
      action: 'user.setRole',
      subjectId: boActor.userId,
      detail: { name: 'Bo', from: 'developer', to: 'operator' },
    });
    expect(access.audit.list({ actorId: boActor.userId }).every((entry) => entry.actorName === 'Bo')).toBe(
      true,
    );
    expect(access.audit.list({ action: 'session.' }).map((entry) => entry.action)).toContain('session.start');
    expect(access.audit.list({ before: all[0]?.id })).toHaveLength(all.length - 1);
    expect(access.audit.list({ from: Date.now() + 1000 })).toEqual([]);
  });
});
