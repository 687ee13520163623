import type { IncomingMessage, ServerResponse } from 'node:http';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Actor } from '../access/actor';
import type { Log } from '../log';
import type { Logins } from './logins';
import { granted, readScopes, type Access } from './token-scope';
import { tokenSeconds, tokenService, type TokenSigner } from './token-signer';

/** Where Docker, skopeo and containerd fetch tokens for the bundled registry. */
export const tokenPath = '/api/registry/token';
const longestForm = 64 * 1024;
/** What counts of a user name; characters. */
const longestUser = 256;

interface TokenPorts {
  logins: Logins;
  signer: TokenSigner;
  log: Log;
  /** Resolves once pushes are let in; at once when they are. False when that takes too long. */
  mayPush: () => Promise<boolean>;
}

interface Question {
  user: string | undefined;
  password: string | undefined;
  service: string | undefined;
  asked: Access[];
}

/**
 * The token server of the bundled registry (Docker's "token authentication", by GET with Basic and by POST with a form,
 * of which containerd uses the second first). Who asks for more than the login has gets a token for less, and the
 * registry refuses what is missing.
 */
export function tokenRoute({ logins, signer, log, mayPush }: TokenPorts) {
  // Secrets have 256 bits: this only keeps a client with a wrong one from costing us work. Counted by user too, as
  // behind a proxy, or on one node, many share an address, and one wrong login must not lock the others out.
  const wrongs = new RateLimiterMemory({ points: 60, duration: 60 });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const peer = request.socket.remoteAddress ?? '';
    const question = await read(request);
    if (question === undefined) {
      refuse(response, 400, 'UNSUPPORTED', 'the form cannot be read');
      return;
    }
    const { user, password, service, asked } = question;
    const key = JSON.stringify([peer, user?.slice(0, longestUser)]);
    const limit = await wrongs.get(key);
    if (limit && limit.consumedPoints >= 60) {
      refuse(response, 429, 'TOOMANYREQUESTS', 'too many wrong logins', {
        'Retry-After': String(Math.ceil(limit.msBeforeNext / 1000)),
      });
      return;
    }
    const login = user !== undefined && password !== undefined ? logins.prove(user, password) : undefined;
    if (!login || (service !== undefined && service !== tokenService)) {
      if (user !== undefined) {
        await wrongs.consume(key).catch(() => undefined);
        log.info({ user, peer }, 'wrong login at the token server');
      }
      refuse(response, 401, 'UNAUTHORIZED', 'user name or password is wrong', {
        'WWW-Authenticate': 'Basic realm="Edgeyard registry", charset="UTF-8"',
      });
      return;
    }
    const access = granted(asked, login.grants, false);
    const pushes = access.some(({ actions }) => actions.includes('push'));
    if (pushes && !(await mayPush())) {
      refuse(response, 503, 'UNAVAILABLE', 'garbage is being collected; try again', { 'Retry-After': '30' });
      return;
    }
    const { token } = await signer.sign(login.user, access);
    send(response, 200, {
      token,
      access_token: token,
      expires_in: tokenSeconds,
      issued_at: new Date().toISOString(),
    });
  }

  return {
    matches: (method: string, path: string) => path === tokenPath && (method === 'GET' || method === 'POST'),
    handle: (request: IncomingMessage, response: ServerResponse, _actor: Actor) => answer(request, response),
  };
}

async function read(request: IncomingMessage): Promise<Question | undefined> {
  if (request.method === 'POST') {
    const form = await formOf(request);
    if (!form || form.get('grant_type') !== 'password') return undefined;
    return {
      user: form.get('username') ?? undefined,
      password: form.get('password') ?? undefined,
      service: form.get('service') ?? undefined,
      asked: readScopes(form.getAll('scope')),
    };
  }
  const { searchParams } = new URL(request.url ?? '', 'http://localhost');
  const basic = /^basic +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const [user, ...password] = Buffer.from(basic ?? '', 'base64')
    .toString('utf8')
    .split(':');
  return {
    user: basic === undefined ? undefined : user,
    password: basic === undefined ? undefined : password.join(':'),
    service: searchParams.get('service') ?? undefined,
    asked: readScopes(searchParams.getAll('scope')),
  };
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk;
    if (text.length > longestForm) return undefined;
  }
  return new URLSearchParams(text);
}

/** Errors as the distribution specification has them, which clients show. */
function refuse(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): void {
  send(response, status, { errors: [{ code, message }] }, headers);
}

function send(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}) {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers });
  response.end(JSON.stringify(body));
}
