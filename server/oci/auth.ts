/** Logging in: HTTP Basic, or the Bearer flow of Docker's token servers (distribution's "Token Authentication"). */
import type { RegistryAccess } from './oci';
import { RegistryError } from './oci';

/** What a registry asked for with a 401. */
export interface Challenge {
  scheme: 'basic' | 'bearer';
  params: Record<string, string>;
}

/** Reads a `WWW-Authenticate` header; of several challenges the one that says more. */
export function readChallenge(header: string | undefined): Challenge | undefined {
  const match =
    /(?:^|,\s*)(bearer)\b\s*(.*)$/is.exec(header ?? '') ?? /^\s*(basic)\b\s*(.*)$/is.exec(header ?? '');
  if (!match) return undefined;
  const params: Record<string, string> = {};
  for (const [, name = '', quoted, plain] of (match[2] ?? '').matchAll(
    /([a-z_]+)=(?:"([^"]*)"|([^\s,]+))/gi,
  )) {
    params[name.toLowerCase()] = quoted ?? plain ?? '';
  }
  return { scheme: match[1]?.toLowerCase() === 'basic' ? 'basic' : 'bearer', params };
}

interface Token {
  scopes: readonly string[];
  token: string;
  /** Milliseconds since 1970; before it expires, so that it does not die on its way. */
  renewAt: number;
}

/** Asks the token server at an address, with these headers; gives its JSON. */
type AskTokenServer = (
  url: string,
  headers: Record<string, string>,
  signal?: AbortSignal,
) => Promise<unknown>;

/** Keeps what is needed to be let in; knows which requests need which rights. */
export interface Keys {
  /**
   * The `Authorization` header for a request; undefined while the registry did not ask for one. Fetches a token when
   * there is none for these scopes that lives long enough.
   */
  headerFor(scopes: readonly string[], signal?: AbortSignal): Promise<string | undefined>;
  /** Gets what a 401 asked for. @returns whether another try makes sense. */
  answer(challenge: Challenge, scopes: readonly string[], signal?: AbortSignal): Promise<boolean>;
}

/** Tokens are renewed this long before they expire, or at three quarters of a short life. */
const earlyMs = 15_000;
/** The specification's default when the server does not say. */
const defaultSeconds = 60;
const maxTokens = 500;

/** Opens a key ring for one registry. */
export function openKeys(access: RegistryAccess, ask: AskTokenServer, now = Date.now): Keys {
  const tokens = new Map<string, Token>();
  const fetching = new Map<string, Promise<Token>>();
  let known: Challenge | undefined;
  const basicHeader = () =>
    access.login &&
    `Basic ${Buffer.from(`${access.login.user}:${access.login.password}`).toString('base64')}`;

  const fetchToken = async (challenge: Challenge, scopes: readonly string[], signal?: AbortSignal) => {
    if (access.token) {
      const { token, expiresAt } = await access.token(scopes, { signal });
      return tokenUntil(scopes, token, expiresAt, now());
    }
    const url = tokenAddress(access, challenge, scopes);
    const header = basicHeader();
    const answer = await ask(url.href, header ? { authorization: header } : {}, signal);
    return readToken(answer, scopes, `${url.origin}${url.pathname}`, now());
  };

  /** One request for all who wait for the same token. */
  const freshToken = async (challenge: Challenge, scopes: readonly string[], signal?: AbortSignal) => {
    const key = scopes.toSorted().join(' ');
    // Whoever began it may be cancelled; that must not be the others' end.
    const underWay = fetching.get(key);
    const shared = underWay && (await underWay.catch(() => undefined));
    if (shared) return shared;
    const own = fetchToken(challenge, scopes, signal);
    fetching.set(key, own);
    try {
      const token = await own;
      tokens.delete(key);
      tokens.set(key, token);
      const [oldest] = tokens.keys();
      if (tokens.size > maxTokens && oldest !== undefined) tokens.delete(oldest);
      return token;
    } finally {
      if (fetching.get(key) === own) fetching.delete(key);
    }
  };

  return {
    async headerFor(scopes, signal) {
      if (known?.scheme === 'basic') return basicHeader();
      if (!known) return undefined;
      const token =
        [...tokens.values()].find((each) => each.renewAt > now() && covers(each.scopes, scopes)) ??
        (await freshToken(known, scopes, signal));
      return `Bearer ${token.token}`;
    },
    async answer(challenge, scopes, signal) {
      if (challenge.scheme === 'basic') {
        // The same password again would be refused again.
        if (access.login === undefined || known?.scheme === 'basic') return false;
        known = challenge;
        return true;
      }
      known = challenge;
      // A registry may want other rights than the specification lets one think.
      const asked = challenge.params['scope']?.split(' ').filter(Boolean) ?? [];
      const wanted = covers(scopes, asked) ? scopes : [...new Set([...scopes, ...asked])];
      for (const [key, token] of tokens) if (covers(token.scopes, scopes)) tokens.delete(key);
      await freshToken(challenge, wanted, signal);
      return true;
    },
  };
}

/** Whether rights hold all that is wanted; scopes are `type:name:action,action`. */
function covers(held: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((scope) => {
    const [thing, actions] = splitScope(scope);
    return held.some((other) => {
      const [otherThing, otherActions] = splitScope(other);
      return otherThing === thing && actions.every((action) => otherActions.includes(action));
    });
  });
}

function splitScope(scope: string): [thing: string, actions: string[]] {
  const colon = scope.lastIndexOf(':');
  return [scope.slice(0, colon), scope.slice(colon + 1).split(',')];
}

function tokenAddress(access: RegistryAccess, challenge: Challenge, scopes: readonly string[]): URL {
  const { realm, service } = challenge.params;
  if (realm === undefined || !URL.canParse(realm) || !/^https?:/.test(realm))
    throw new RegistryError('unauthorized', 'the registry names no token server', { url: access.url });
  const url = new URL(realm);
  if (access.login && url.protocol === 'http:' && access.url.startsWith('https:')) {
    const message = 'the registry names a token server without TLS; the password is not sent there';
    throw new RegistryError('tls', message, { url: `${url.origin}${url.pathname}` });
  }
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  if (access.login) url.searchParams.set('account', access.login.user);
  return url;
}

function readToken(answer: unknown, scopes: readonly string[], url: string, now: number): Token {
  const { token, access_token, expires_in } = (answer ?? {}) as Record<string, unknown>;
  const text = typeof token === 'string' && token !== '' ? token : access_token;
  if (typeof text !== 'string' || text === '')
    throw new RegistryError('unauthorized', `${url}: no token in the answer`, { url });
  const seconds = typeof expires_in === 'number' && expires_in > 0 ? expires_in : defaultSeconds;
  return tokenUntil(scopes, text, now + seconds * 1000, now);
}

function tokenUntil(scopes: readonly string[], token: string, expiresAt: number, now: number): Token {
  return { scopes, token, renewAt: expiresAt - Math.min(earlyMs, (expiresAt - now) / 4) };
}
