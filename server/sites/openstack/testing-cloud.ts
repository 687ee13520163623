/**
 * A small cloud for unit tests: keystone, nova's root and key pairs, and whatever a test answers itself. The adapter's
 * own tests run on a real OpenStack; this one is for what a real one does not do when asked.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { OpenStackAccess } from './login';

export interface Asked {
  method: string;
  /** With its query; begins with the service: `/compute/v2.1/servers`. */
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export type Handler = (asked: Asked, answer: ServerResponse) => void;

export interface TestingCloud {
  access: OpenStackAccess;
  /** Everything asked but logins. */
  asked: Asked[];
  /** Bodies of the logins. */
  logins: string[];
  /** Newest of nova; changes count from the next session on. */
  nova: string;
  /** Seconds that new tokens live. */
  tokenLife: number;
  /** Services of the catalogue; changes count from the next login on. */
  catalogue: unknown[];
  /** Makes every token so far worthless. */
  revoke(): void;
  /**
   * Answers requests whose `METHOD path` matches; later ones come before earlier ones.
   *
   * @param times how many; without end when absent
   */
  on(pattern: RegExp, handler: Handler, times?: number): void;
  close(): Promise<void>;
}

interface Rule {
  pattern: RegExp;
  handler: Handler;
  left: number;
}

/** Answers with JSON. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Handler {
  return (_asked, answer) => {
    answer
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

/** Never answers. */
export const hang: Handler = () => undefined;

/** Promises a body and cuts the connection in the middle of it. */
export const cutInTheMiddle: Handler = (_asked, answer) => {
  answer.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  answer.write('{"servers": [', () => answer.destroy());
};

/** Opens a cloud on a port of loopback; account `dev`, project `yard`, region `One`. */
export async function openTestingCloud(): Promise<TestingCloud> {
  const rules: Rule[] = [];
  const tokens = new Map<string, number>();
  const server = createServer((incoming, answer) => {
    void text(incoming).then(
      (body) =>
        respond(
          { method: incoming.method ?? 'GET', path: incoming.url ?? '/', headers: incoming.headers, body },
          answer,
        ),
      () => answer.destroy(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cloud: TestingCloud = {
    access: accessTo(root),
    asked: [],
    logins: [],
    nova: '2.93',
    tokenLife: 3600,
    catalogue: catalogueOf(root),
    revoke: () => tokens.clear(),
    on: (pattern, handler, times = Infinity) => void rules.unshift({ pattern, handler, left: times }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  function respond(asked: Asked, answer: ServerResponse): void {
    const isLogin = asked.path === '/identity/v3/auth/tokens';
    if (isLogin) cloud.logins.push(asked.body);
    else cloud.asked.push(asked);
    const rule = rules.find(({ pattern, left }) => left > 0 && pattern.test(`${asked.method} ${asked.path}`));
    if (rule !== undefined) {
      rule.left -= 1;
      rule.handler(asked, answer);
    } else if (isLogin) loginAnswer(cloud, tokens)(asked, answer);
    else if (!isAlive(tokens, asked)) refuse(asked, answer);
    else if (asked.path === '/compute/v2.1/') json(200, { version: { version: cloud.nova } })(asked, answer);
    else json(404, { itemNotFound: { code: 404, message: `no ${asked.path}` } })(asked, answer);
  }
  return cloud;
}

const refuse = json(401, {
  error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' },
});

function isAlive(tokens: ReadonlyMap<string, number>, asked: Asked): boolean {
  return (tokens.get(String(asked.headers['x-auth-token'])) ?? 0) > Date.now();
}

function loginAnswer(cloud: TestingCloud, tokens: Map<string, number>): Handler {
  return (asked, answer) => {
    const project = asked.body.includes('"unscoped"') ? undefined : { id: 'p1', name: 'yard' };
    const right = asked.body.includes(JSON.stringify(cloud.access.secret));
    const other = asked.body.includes('"scope":{') && !asked.body.includes('"name":"yard"');
    if (!right || other) return refuse(asked, answer);
    const token = `token-${cloud.logins.length}`;
    const expires = Date.now() + cloud.tokenLife * 1000;
    tokens.set(token, expires);
    const body = {
      token: {
        issued_at: new Date().toISOString(),
        expires_at: new Date(expires).toISOString(),
        user: { id: 'u1', name: 'dev' },
        project,
        roles: [{ name: 'member' }],
        catalog: cloud.catalogue,
      },
    };
    json(201, body, { 'x-subject-token': token })(asked, answer);
  };
}

function accessTo(root: string): OpenStackAccess {
  const login = {
    authUrl: `${root}/identity`,
    method: 'password',
    userName: 'dev',
    userDomain: 'Default',
    projectName: 'yard',
    projectDomain: 'Default',
    credentialId: '',
    region: 'One',
    interface: 'public',
    ca: '',
    insecure: false,
  } as const;
  return { login, secret: 'open sesame' };
}

function catalogueOf(root: string): unknown[] {
  const paths = {
    compute: '/compute/v2.1',
    image: '/image',
    network: '/network',
    orchestration: '/heat/v1/p1',
  };
  return Object.entries(paths).map(([type, path]) => ({
    type,
    name: `the ${type}`,
    endpoints: [{ interface: 'public', region: 'One', url: `${root}${path}` }],
  }));
}
