import { createSign, randomUUID, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { testCa } from './certificates';

/** What a user of a token server may do: everything, or only read. */
export interface TokenUser {
  password: string;
  pullOnly?: boolean;
}

export interface TokenServerOptions {
  users: Record<string, TokenUser>;
  /** Whether people without a login get tokens to read. */
  anonymousPull?: boolean;
  /** Address to listen at: 127.0.0.1; what pulls from elsewhere has to reach it, too. */
  host?: string;
  /** How long a token lives. */
  seconds?: number;
  /** How far its clock is ahead of this machine's, in milliseconds; behind when negative. */
  clockMs?: number;
}

/** A request for a token. */
export interface TokenRequest {
  /** The name that logged in, when there was a login. */
  user?: string;
  scopes: string[];
  status: number;
}

/** A server that hands out a registry's tokens. */
export interface TokenServer {
  /** The address that the registry names to its clients. */
  realm: string;
  requests: TokenRequest[];
  /** The `auth.token` part of docker-registry's configuration. */
  registrySettings: { realm: string; service: string; issuer: string; rootcertbundle: string };
  stop: () => Promise<void>;
}

interface Access {
  type: string;
  name: string;
  actions: string[];
}

const service = 'edgeyard-test-registry';
const issuer = 'edgeyard-test-tokens';

/**
 * Starts a token server for a registry's Bearer login
 * (https://distribution.github.io/distribution/spec/auth/token/ and …/jwt/).
 */
export async function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const host = options.host ?? '127.0.0.1';
  const ca = testCa();
  const { certificateFile, keyFile } = ca.issue(['token-server.test']);
  const signing = {
    key: readFileSync(keyFile, 'utf8'),
    chain: [new X509Certificate(readFileSync(certificateFile)).raw.toString('base64')],
  };
  const requests: TokenRequest[] = [];
  const server = createServer((request, response) => {
    answer(request, response, options, { signing, requests });
  }).listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  const realm = `http://${host}:${String(address.port)}/token`;
  return {
    realm,
    requests,
    registrySettings: { realm, service, issuer, rootcertbundle: ca.certificateFile },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Signing {
  key: string;
  chain: string[];
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: TokenServerOptions,
  { signing, requests }: { signing: Signing; requests: TokenRequest[] },
): void {
  const send = (status: number, body: object) => {
    const date = new Date(Date.now() + (options.clockMs ?? 0));
    response
      .writeHead(status, { 'content-type': 'application/json', date: date.toUTCString() })
      .end(JSON.stringify(body));
  };
  // Clients that try OAuth's POST first take this for "only GET here".
  if (request.method !== 'GET') {
    send(405, {});
    return;
  }
  const query = new URL(request.url ?? '/', 'http://token.test').searchParams;
  const scopes = query.getAll('scope').flatMap((scope) => scope.split(' '));
  const login = basicLogin(request.headers.authorization);
  const user = login && options.users[login.name];
  if (login && user?.password !== login.password) {
    requests.push({ user: login.name, scopes, status: 401 });
    send(401, { errors: [{ code: 'UNAUTHORIZED', message: 'wrong name or password' }] });
    return;
  }
  const granted = user
    ? user.pullOnly
      ? ['pull']
      : ['pull', 'push', 'delete', '*']
    : options.anonymousPull
      ? ['pull']
      : [];
  const access = scopes.map(parseScope).flatMap((wanted) => {
    const actions = wanted.actions.filter((action) => granted.includes(action));
    return actions.length > 0 ? [{ ...wanted, actions }] : [];
  });
  const seconds = options.seconds ?? 300;
  const token = signToken(
    { subject: login?.name ?? '', access, seconds, clockMs: options.clockMs ?? 0 },
    signing,
  );
  requests.push({ ...(login && { user: login.name }), scopes, status: 200 });
  send(200, { token, access_token: token, expires_in: seconds, issued_at: new Date().toISOString() });
}

function basicLogin(header: string | undefined): { name: string; password: string } | undefined {
  const encoded = header?.match(/^Basic (.+)$/i)?.[1];
  if (encoded === undefined) return undefined;
  const [name = '', ...password] = Buffer.from(encoded, 'base64').toString().split(':');
  return { name, password: password.join(':') };
}

/** `repository:group/name:pull,push`; the name may hold a port's colon. */
function parseScope(scope: string): Access {
  const parts = scope.split(':');
  return {
    type: parts[0] ?? '',
    name: parts.slice(1, -1).join(':'),
    actions: (parts.at(-1) ?? '').split(','),
  };
}

function signToken(
  of: { subject: string; access: Access[]; seconds: number; clockMs: number },
  signing: Signing,
): string {
  const now = Math.floor((Date.now() + of.clockMs) / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    iss: issuer,
    sub: of.subject,
    aud: service,
    exp: now + of.seconds,
    nbf: now - 5,
    iat: now,
    jti: randomUUID(),
    access: of.access,
  };
  const content = `${part({ typ: 'JWT', alg: 'RS256', x5c: signing.chain })}.${part(claims)}`;
  return `${content}.${createSign('RSA-SHA256').update(content).sign(signing.key, 'base64url')}`;
}
