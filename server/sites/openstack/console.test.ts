import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { Problem } from '../../problem';
import type { Ask, Cloud } from './cloud';
import { socketUrls, vncStream } from './console';

const open: { close: () => unknown }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

/** nova's console proxy: it answers 101, then looks at the token, and hangs up without a word when it is wrong. */
async function proxy(serve: (socket: WebSocket, request: IncomingMessage) => void, status?: number) {
  const http = createServer((_, response) => response.writeHead(404).end());
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const requests: IncomingMessage[] = [];
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    requests.push(request);
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (upgraded) => {
      serve(upgraded, request);
    });
  });
  await listen(http);
  open.push(http, { close: () => sockets.clients.forEach((each) => each.terminate()) });
  return { port: portOf(http), requests, sockets };
}

async function listen(server: Server): Promise<void> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

function portOf(server: { address(): unknown }): number {
  return (server.address() as AddressInfo).port;
}

function tokenOf(request: IncomingMessage): string | null {
  return new URL(request.url ?? '', 'ws://proxy').searchParams.get('token');
}

/** A session whose nova hands out tokens `1`, `2`, … at an address. */
function cloudAt(page: (token: string) => string, powerState = 1) {
  const asks: Ask[] = [];
  const cloud: Pick<Cloud, 'ask' | 'tls'> = {
    ask: (ask) => {
      asks.push(ask);
      const answer = ask.path.endsWith('/remote-consoles')
        ? { remote_console: { url: page(String(tokens().length)) } }
        : { server: { 'OS-EXT-STS:power_state': powerState } };
      return Promise.resolve(ask.schema.parse(answer));
    },
    tls: () => ({}),
  };
  const tokens = () => asks.filter((each) => each.path.endsWith('/remote-consoles'));
  return { cloud: cloud as Cloud, tokens };
}

const lite = (port: number) => (token: string) =>
  `http://127.0.0.1:${port}/vnc_lite.html?path=%3Ftoken%3D${token}`;

async function problem(work: Promise<unknown>): Promise<Problem> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof Problem)) throw new Error(`no Problem: ${String(thrown)}`);
  return thrown;
}

const greet = (socket: WebSocket) => {
  socket.send(Buffer.from('RFB 003.008\n'));
};

describe('address of the proxy', () => {
  it.each([
    ['http://c:6080/vnc_lite.html?path=%3Ftoken%3Da-1', ['ws://c:6080/?token=a-1']],
    ['http://c:6080/vnc_auto.html?token=a-1', ['ws://c:6080/?token=a-1', 'ws://c:6080/websockify?token=a-1']],
    [
      'https://c/novnc/vnc_lite.html?path=novnc%2F%3Ftoken%3Da-1',
      ['wss://c/novnc/?token=a-1', 'wss://c/novnc/novnc/?token=a-1'],
    ],
    ['https://c/novnc/vnc_auto.html?token=a-1', ['wss://c/novnc/?token=a-1', 'wss://c/websockify?token=a-1']],
  ])('of %s', (page, urls) => {
    expect(socketUrls(new URL(page)).map(String)).toEqual(urls);
  });
});

describe('console', () => {
  it('hands on the greeting and all that follows, both ways', async () => {
    const received: Buffer[] = [];
    const { port, requests } = await proxy((socket) => {
      greet(socket);
      socket.on('message', (data: Buffer) => {
        received.push(data);
        socket.send(data);
      });
    });
    const { cloud, tokens } = cloudAt(lite(port));
    const stream = await vncStream(cloud, 'server-1');
    stream.write('hello');
    let text = '';
    stream.on('data', (data: Buffer) => {
      text += data.toString();
    });
    await vi.waitFor(() => {
      expect(text).toBe('RFB 003.008\nhello');
    });
    expect(tokens()[0]).toMatchObject({
      method: 'POST',
      service: 'compute',
      path: '/servers/server-1/remote-consoles',
      body: { remote_console: { protocol: 'vnc', type: 'novnc' } },
    });
    expect(requests[0]?.headers.origin).toBeUndefined();
    expect(requests[0]?.headers['sec-websocket-protocol']).toBe('binary');
    stream.destroy();
  });

  it('renews a token that is refused, once', async () => {
    const { port } = await proxy((socket, request) => {
      if (tokenOf(request) === '2') greet(socket);
      else socket.terminate();
    });
    const { cloud, tokens } = cloudAt(lite(port));
    const stream = await vncStream(cloud, 'server-1');
    expect((stream.read() as Buffer).toString()).toBe('RFB 003.008\n');
    expect(tokens()).toHaveLength(2);
    stream.destroy();
  });

  it('tells a refusal of two fresh tokens, and keeps them out of it', async () => {
    const { port } = await proxy((socket) => {
      socket.terminate();
    });
    const { cloud, tokens } = cloudAt((token) => lite(port)(`secret-${token}`));
    const refused = await problem(vncStream(cloud, 'server-1'));
    expect(refused.report()).toMatchObject({
      code: 'unavailable',
      key: 'openstack.errors.consoleRefused',
      params: { address: `127.0.0.1:${port}`, why: 'atOnce' },
    });
    expect(JSON.stringify(refused.report()) + refused.message).not.toContain('secret');
    expect(tokens()).toHaveLength(2);
  });

  it('takes the refusal for a server that is off as what it is', async () => {
    const { port } = await proxy((socket) => {
      socket.close();
    });
    const refused = await problem(vncStream(cloudAt(lite(port), 4).cloud, 'server-1'));
    expect(refused).toMatchObject({ code: 'conflict', key: 'sites.errors.notRunning' });
  });

  it('tells a proxy that is not there from one that is no WebSocket', async () => {
    const closed = createTcpServer();
    await listen(closed);
    const port = portOf(closed);
    closed.close();
    await once(closed, 'close');
    const gone = await problem(vncStream(cloudAt(lite(port)).cloud, 'server-1'));
    expect(gone.report()).toMatchObject({
      key: 'openstack.errors.consoleProxyUnreachable',
      params: { address: `127.0.0.1:${port}`, why: 'loopback' },
    });
    const gateway = await proxy(() => undefined, 403);
    const page = (token: string) => `http://127.0.0.1:${gateway.port}/novnc/vnc_auto.html?token=${token}`;
    const refused = await problem(vncStream(cloudAt(page).cloud, 'server-1'));
    expect(refused.params).toMatchObject({ why: 'status', status: 403 });
    expect(gateway.requests.map((each) => each.url)).toEqual(['/novnc/?token=1', '/websockify?token=1']);
  });

  it('ends with its signal while the proxy is silent', async () => {
    const { port, sockets } = await proxy(() => undefined);
    const abort = new AbortController();
    const opening = vncStream(cloudAt(lite(port)).cloud, 'server-1', abort.signal);
    await vi.waitFor(() => {
      expect(sockets.clients.size).toBe(1);
    });
    abort.abort();
    await expect(opening).rejects.toMatchObject({ name: 'AbortError' });
    await vi.waitFor(() => {
      expect(sockets.clients.size).toBe(0);
    });
  });

  it('closes the stream when the proxy hangs up, and the proxy when the stream goes', async () => {
    const { port, sockets } = await proxy(greet);
    const { cloud } = cloudAt(lite(port));
    const first = await vncStream(cloud, 'server-1');
    first.resume();
    const [server] = sockets.clients;
    server?.terminate();
    await once(first, 'close');
    const second = await vncStream(cloud, 'server-1');
    second.destroy();
    await vi.waitFor(() => {
      expect(sockets.clients.size).toBe(0);
    });
  });

  it('holds the proxy back while nobody reads', async () => {
    const { port, sockets } = await proxy(greet);
    const stream = await vncStream(cloudAt(lite(port)).cloud, 'server-1');
    const [server] = sockets.clients;
    const piece = Buffer.alloc(256 * 1024, 7);
    const pieces = 256;
    for (let i = 0; i < pieces; i++) server?.send(piece);
    // What the proxy could not send grows no smaller, for the kernel's buffers between them are full.
    let before = -1;
    await vi.waitFor(
      () => {
        const waiting = server?.bufferedAmount ?? 0;
        const settled = waiting === before;
        before = waiting;
        expect(settled).toBe(true);
      },
      { interval: 200, timeout: 10_000 },
    );
    expect(before).toBeGreaterThan(32 * 1024 ** 2);
    expect(stream.readableLength).toBeLessThan(2 * 1024 ** 2);
    let received = 0;
    stream.on('data', (data: Buffer) => {
      received += data.length;
    });
    await vi.waitFor(() => {
      expect(received).toBe(12 + pieces * piece.length);
    }, 20_000);
    stream.destroy();
  });
});
