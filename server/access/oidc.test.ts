import { afterEach, describe, expect, it } from 'vitest';
import { account } from './tables';
import { cookieOf, testAccess } from './testing';
import { testProvider, type Claims } from './testing-provider';

const carla: Claims = {
  sub: 'c-1',
  email: 'carla@example.org',
  email_verified: true,
  preferred_username: 'carla',
};
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function setUp(claims = carla, spoil?: (token: object) => object) {
  const provider = await testProvider(claims, spoil);
  closing.push(provider.close);
  const room = testAccess(provider.config);
  /** Goes to the provider, agrees, and comes back with the cookies of the way. */
  const signIn = async (next = '/projects', cookieBack = true) => {
    const started = await room.post('oidc', { next });
    const { url } = (await started.json()) as { url: string };
    const cookie = cookieBack ? cookieOf(started) : '';
    return room.access.handler(new Request(provider.agree(url), { headers: { cookie } }));
  };
  return { ...room, provider, signIn };
}

const keyOf = async (response: Response) => ((await response.json()) as { key: string }).key;

describe('OpenID Connect', () => {
  it('makes a developer of somebody new, signs in, and leads on', async () => {
    const { access, db, signIn } = await setUp();
    const back = await signIn('/projects?tab=mine');
    expect([back.status, back.headers.get('location')]).toEqual([302, '/projects?tab=mine']);
    const actor = await access.actorOf(new Headers({ cookie: cookieOf(back) }));
    expect(actor).toMatchObject({ name: 'carla', role: 'developer', via: 'session' });
    expect(access.audit.list({ action: 'user.firstOidc' })).toHaveLength(1);
    await signIn();
    const kept = db.select().from(account).get();
    expect([kept?.accessToken, kept?.refreshToken, kept?.idToken]).toEqual([null, null, null]);
    expect(access.users.list()).toHaveLength(1);
  });

  it('is the same person as an invited user with that verified address', async () => {
    const { access, administrator, signIn } = await setUp();
    const { actor } = await administrator();
    access.users.invite(actor, { name: 'Carla', email: carla.email, role: 'operator' }, 'http://localhost');
    const back = await signIn();
    const found = await access.actorOf(new Headers({ cookie: cookieOf(back) }));
    expect(found).toMatchObject({ name: 'Carla', role: 'operator' });
  });

  it('does not take over a user by an address the provider has not verified', async () => {
    const { access, administrator, signIn } = await setUp({
      ...carla,
      email: 'anna@example.org',
      email_verified: false,
    });
    await administrator();
    const back = await signIn();
    expect(back.headers.get('location')).toMatch(/\/sign-in\?error=/);
    expect((await access.actorOf(new Headers({ cookie: cookieOf(back) }))).role).toBe('guest');
  });

  it('refuses a disabled user', async () => {
    const { access, administrator, signIn } = await setUp();
    const { actor } = await administrator();
    const first = await access.actorOf(new Headers({ cookie: cookieOf(await signIn()) }));
    access.users.disable(actor, first.userId ?? '');
    const back = await signIn();
    expect(back.headers.get('location')).toMatch(/\/sign-in\?error=/);
    expect((await access.actorOf(new Headers({ cookie: cookieOf(back) }))).role).toBe('guest');
  });

  it.each([
    ['another nonce', (token: object) => ({ ...token, nonce: 'replayed' })],
    ['another audience', (token: object) => ({ ...token, aud: 'somebody-else' })],
    ['another issuer', (token: object) => ({ ...token, iss: 'https://evil.example' })],
    ['an end in the past', (token: object) => ({ ...token, exp: 1000 })],
  ])('refuses an ID token with %s', async (_, spoil) => {
    const { access, signIn } = await setUp(carla, spoil);
    const back = await signIn();
    expect(back.headers.get('location')).toMatch(/\/sign-in\?error=/);
    expect(access.users.list()).toEqual([]);
  });

  it('refuses a way back that another browser began', async () => {
    const { access, signIn } = await setUp();
    const back = await signIn('/', false);
    expect(back.headers.get('location')).toMatch(/\/sign-in\?/);
    expect((await access.actorOf(new Headers({ cookie: cookieOf(back) }))).role).toBe('guest');
  });

  it('leads nowhere but to this site', async () => {
    const { signIn } = await setUp();
    expect((await signIn('https://evil.example/')).headers.get('location')).toBe('/');
  });

  it('says so while the provider does not answer, and leaves passwords alone', async () => {
    const { provider, post, administrator } = await setUp();
    provider.close();
    const refused = await post('oidc', {});
    expect([refused.status, await keyOf(refused)]).toEqual([503, 'access.errors.oidcUnavailable']);
    expect((await administrator()).actor.role).toBe('admin');
  });

  it('is not there unless it is configured', async () => {
    const { post, access } = testAccess();
    expect((await post('oidc', {})).status).toBe(404);
    expect(access.signInOptions().oidcLabel).toBeUndefined();
  });
});
