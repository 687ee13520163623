import { describe, expect, it } from 'vitest';
import { openKeys, readChallenge } from './auth';

describe('a challenge', () => {
  it('is read with quoted commas, and the one that says more wins', () => {
    const header =
      'Bearer realm="https://auth.test/token?a=1,2",service="r",scope="repository:a/b:pull,push"';
    const params = {
      realm: 'https://auth.test/token?a=1,2',
      service: 'r',
      scope: 'repository:a/b:pull,push',
    };
    expect(readChallenge(header)).toEqual({ scheme: 'bearer', params });
    expect(readChallenge(`Basic realm="x", ${header}`)).toEqual({ scheme: 'bearer', params });
    expect(readChallenge('Basic realm="x"')).toEqual({ scheme: 'basic', params: { realm: 'x' } });
    expect(readChallenge('Negotiate')).toBeUndefined();
    expect(readChallenge(undefined)).toBeUndefined();
  });
});

describe('tokens', () => {
  const challenge = { scheme: 'bearer' as const, params: { realm: 'https://auth.test/token', service: 'r' } };

  function keyRing(seconds: number) {
    const asked: URL[] = [];
    let now = 0;
    const ask = (url: string) => {
      asked.push(new URL(url));
      return Promise.resolve({ access_token: `t${asked.length}`, expires_in: seconds });
    };
    const keys = openKeys({ url: 'https://registry.test' }, ask, () => now);
    return { keys, asked, pass: (ms: number) => (now += ms) };
  }

  it('are used for fewer rights, fetched once for all who wait, and renewed before they end', async () => {
    const { keys, asked, pass } = keyRing(100);
    const push = ['repository:a/b:pull,push'];
    expect(await keys.headerFor(push)).toBeUndefined();
    await keys.answer(challenge, push);
    expect(asked[0]?.searchParams.getAll('scope')).toEqual(push);
    expect(await keys.headerFor(['repository:a/b:pull'])).toBe('Bearer t1');
    const two = ['repository:a/b:pull,push', 'repository:c:pull'];
    const both = await Promise.all([keys.headerFor(two), keys.headerFor(two)]);
    expect(both).toEqual(['Bearer t2', 'Bearer t2']);
    pass(86_000);
    expect(await keys.headerFor(push)).toBe('Bearer t3');
    expect(asked).toHaveLength(3);
  });

  it('live at most as long as the server says, however short', async () => {
    const { keys, pass } = keyRing(4);
    await keys.answer(challenge, ['registry:catalog:*']);
    expect(await keys.headerFor(['registry:catalog:*'])).toBe('Bearer t1');
    pass(3_500);
    expect(await keys.headerFor(['registry:catalog:*'])).toBe('Bearer t2');
  });

  it('are not fetched with a password where TLS ends', async () => {
    const access = { url: 'https://registry.test', login: { user: 'ada', password: 'secret' } };
    const keys = openKeys(access, () => Promise.reject(new Error('asked')));
    const plain = { ...challenge, params: { realm: 'http://auth.test/token' } };
    await expect(keys.answer(plain, [])).rejects.toMatchObject({ fault: 'tls' });
  });

  it('come from the process itself where it signs them', async () => {
    const access = {
      url: 'http://registry.test',
      token: (scopes: readonly string[]) => Promise.resolve({ token: scopes.join('+'), expiresAt: 60_000 }),
    };
    const keys = openKeys(
      access,
      () => Promise.reject(new Error('asked')),
      () => 0,
    );
    await keys.answer({ scheme: 'bearer', params: {} }, ['repository:a:pull']);
    expect(await keys.headerFor(['repository:a:pull'])).toBe('Bearer repository:a:pull');
  });
});
