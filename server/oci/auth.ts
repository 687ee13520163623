/** Logging in: HTTP Basic, or the Bearer flow of Docker's token servers (distribution's "Token Authentication"). */
import type { RegistryAccess } from './oci';
import { RegistryError } from './oci';

/** What a registry asked for with a 401. */
export interface Challenge {
  scheme: 'basic' | 'bearer';
  params: Record<string, string>;
}

/** Reads a `WWW-Authenticate` header. */
export function readChallenge(header: string | undefined): Challenge | undefined {
  const match = /^\s*(basic|bearer)\b\s*(.*)$/is.exec(header ?? '');
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
  token: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** Asks the token server at an address, with these headers; gives its JSON. */
type AskTokenServer = (
  url: string,
  headers: Record<string, string>,
  signal?: AbortSignal,
) => Promise<unknown>;

/** Keeps what is needed to be let in; knows which requests need which rights. */
export interface Keys {
  /** The `Authorization` header for a request, as far as it is known; undefined: none, or not known yet. */
  headerFor(scopes: readonly string[]): string | undefined;
  /** Gets what a 401 asked for. @returns whether another try makes sense. */
  answer(challenge: Challenge, scopes: readonly string[], signal?: AbortSignal): Promise<boolean>;
}

/** Tokens are renewed this long before they expire, so that none dies on its way. */
const earlyMs = 10_000;
/** The specification's default when the server does not say. */
const defaultSeconds = 60;

/** Opens a key ring for one registry. */
export function openKeys(access: RegistryAccess, ask: AskTokenServer, now = Date.now): Keys {
  const tokens = new Map<string, Token>();
  let basic = false;
  const basicHeader = () =>
    access.login &&
    `Basic ${Buffer.from(`${access.login.user}:${access.login.password}`).toString('base64')}`;
  const keyOf = (scopes: readonly string[]) => scopes.toSorted().join(' ');

  const fetchToken = async (challenge: Challenge, scopes: readonly string[], signal?: AbortSignal) => {
    if (access.token) return await access.token(scopes, { signal });
    const { realm, service } = challenge.params;
    if (realm === undefined || !URL.canParse(realm)) {
      throw new RegistryError('unauthorized', 'the registry names no token server', { url: access.url });
    }
    const url = new URL(realm);
    if (service !== undefined) url.searchParams.set('service', service);
    for (const scope of scopes) url.searchParams.append('scope', scope);
    if (access.login) url.searchParams.set('account', access.login.user);
    const header = basicHeader();
    const answer = await ask(url.href, header ? { authorization: header } : {}, signal);
    return readToken(answer, url.href, now());
  };

  return {
    headerFor(scopes) {
      if (basic) return basicHeader();
      const known = tokens.get(keyOf(scopes));
      return known && known.expiresAt - earlyMs > now() ? `Bearer ${known.token}` : undefined;
    },
    async answer(challenge, scopes, signal) {
      if (challenge.scheme === 'basic') {
        // The same password again would be refused again.
        if (access.login === undefined || basic) return false;
        basic = true;
        return true;
      }
      const wanted = scopes.length > 0 ? scopes : (challenge.params['scope']?.split(' ') ?? []);
      tokens.set(keyOf(scopes), await fetchToken(challenge, wanted, signal));
      return true;
    },
  };
}

function readToken(answer: unknown, url: string, now: number): Token {
  const { token, access_token, expires_in } = (answer ?? {}) as Record<string, unknown>;
  const text = typeof token === 'string' ? token : access_token;
  if (typeof text !== 'string')
    throw new RegistryError('unauthorized', `${url}: no token in the answer`, { url });
  const seconds = typeof expires_in === 'number' ? expires_in : defaultSeconds;
  return { token: text, expiresAt: now + Math.max(seconds, defaultSeconds) * 1000 };
}
