import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { Hono } from 'hono';
import type { House } from '../house';
import { asProblem } from '../problem';
import { guardRequest, securityHeaders } from './http-security';
import { pageStatus } from './page-status';
import { headersOf, pathOf, stampPeer } from './request-headers';
import type { RawRoute } from '../content/raw-route';
import { isApiPath, requirePath } from './room-table';
import { restApp } from './rest/app';
import { problemDocument, problemHeaders } from './rest/problem';
import { appRouter } from './trpc/router';

type Pages = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * The one HTTP server: API paths are answered here, before Next sees them, so that bodies of any size stream;
 * everything else is a page.
 *
 * @param house all rooms
 * @param rawRoutes uploads and downloads on Node's own sockets
 * @param pages Next's request handler
 */
export function createHttpServer(house: House, rawRoutes: readonly RawRoute[], pages: Pages): Server {
  const api = getRequestListener(apiApp(house).fetch);
  const server = createServer((request, response) => {
    const nonce = randomBytes(16).toString('base64');
    const headers = securityHeaders(house.config, nonce, request.headers.host);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.setHeader('X-Request-Id', randomUUID());
    // Next puts the nonce of the request's own policy on its inline scripts; the layout reads `x-nonce` for ours.
    request.headers['content-security-policy'] = headers['Content-Security-Policy'];
    request.headers['x-nonce'] = nonce;
    // A page that sends a guest to sign in must know its own address; Next tells it to no server component.
    request.headers['x-edgeyard-url'] = request.url ?? '/';
    const path = pathOf(request);
    const answer = isApiPath(path) ? answerApi(request, response, path) : answerPage(request, response, path);
    answer.catch((error: unknown) => {
      sendProblem(request, response, error);
    });
  });
  // Node ends a request after 300 s by default; uploads of disk images take longer. Idle sockets still time out.
  server.requestTimeout = 0;
  return server;

  async function answerPage(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    // Next's own fetches of a page's parts want 200, else it loads the whole page anew.
    if (request.headers['rsc'] === undefined) response.statusCode = pageStatus(house, path) ?? 200;
    await pages(request, response);
  }

  async function answerApi(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    stampPeer(request);
    const method = request.method ?? 'GET';
    const requestHeaders = headersOf(request);
    const actor = await house.access.actorOf(requestHeaders);
    guardRequest(requestHeaders, method, path, actor, house.config);
    requirePath(house.config.rooms, path);
    const raw = rawRoutes.find((route) => route.matches(method, path));
    await (raw ? raw.handle(request, response, actor) : api(request, response));
  }

  function sendProblem(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    const problem = asProblem(error);
    if (problem.code === 'failed') {
      const requestId = response.getHeader('x-request-id');
      house.log.error({ err: error, path: pathOf(request), requestId }, 'request failed');
    }
    if (response.headersSent) {
      // Half an answer is out: only cutting the connection tells the client that it is not whole.
      response.destroy();
      return;
    }
    const document = problemDocument(problem, request.headers['accept-language']);
    response.writeHead(document.status, problemHeaders(document));
    response.end(JSON.stringify(document));
  }
}

function apiApp(house: House): Hono {
  const app = new Hono();
  app.all('/api/auth/*', (c) => house.access.handler(c.req.raw));
  app.all('/api/trpc/*', (c) =>
    fetchRequestHandler({
      // A question may be longer than an address can be: a text to be checked.
      allowMethodOverride: true,
      endpoint: '/api/trpc',
      req: c.req.raw,
      router: appRouter,
      createContext: async () => ({ house, actor: await house.access.actorOf(c.req.raw.headers) }),
    }),
  );
  app.route('/', restApp(house));
  return app;
}
