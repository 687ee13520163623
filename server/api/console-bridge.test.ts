import { once } from 'node:events';
import { createServer } from 'node:http';
import {
  connect,
  createServer as createTcpServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { bridge } from './console-bridge';

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const thing of open.splice(0)) thing.close();
});

/** A VM's side on TCP, the bridge, and a viewer: all on real sockets. */
async function setUp() {
  const vm = await listen(createTcpServer());
  const vmSide = once(vm, 'connection') as Promise<[Socket]>;
  const http = await listen(createServer());
  const sockets = new WebSocketServer({
    server: http as ReturnType<typeof createServer>,
    perMessageDeflate: false,
  });
  sockets.on('connection', (socket) => {
    bridge(socket, connect(portOf(vm), '127.0.0.1'));
  });
  const viewer = new WebSocket(`ws://127.0.0.1:${portOf(http)}`);
  await once(viewer, 'open');
  const [screen] = await vmSide;
  open.push(
    { close: () => screen.destroy() },
    {
      close: () => {
        viewer.terminate();
      },
    },
    sockets,
    vm,
    http,
  );
  return { viewer, screen };
}

async function listen<T extends Server>(server: T): Promise<T> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

describe('bridge', () => {
  it('carries bytes both ways', async () => {
    const { viewer, screen } = await setUp();
    screen.write('RFB 003.008\n');
    const [greeting] = (await once(viewer, 'message')) as [Buffer];
    expect(greeting.toString()).toBe('RFB 003.008\n');
    viewer.send(Buffer.from([1, 2, 3]));
    const [keys] = (await once(screen, 'data')) as [Buffer];
    expect([...keys]).toEqual([1, 2, 3]);
  });

  it('ends the viewer when the screen ends', async () => {
    const { viewer, screen } = await setUp();
    screen.destroy();
    const [code] = (await once(viewer, 'close')) as [number];
    expect(code).toBe(1000);
  });

  it('ends the screen when the viewer goes', async () => {
    const { viewer, screen } = await setUp();
    screen.resume();
    viewer.terminate();
    await once(screen, 'close');
    expect(screen.destroyed).toBe(true);
  });

  it('holds the screen back while the viewer reads nothing, and loses nothing', async () => {
    const { viewer, screen } = await setUp();
    viewer.pause();
    const total = 64 * 1024 * 1024;
    const chunk = Buffer.alloc(256 * 1024, 7);
    let sent = 0;
    const send = () => {
      while (sent < total) {
        sent += chunk.length;
        if (!screen.write(chunk)) {
          screen.once('drain', send);
          return;
        }
      }
    };
    send();
    // Sent grows until every buffer on the way is full, then stands still far below the total.
    let before = -1;
    await vi.waitFor(
      () => {
        const grown = sent !== before;
        before = sent;
        expect(grown).toBe(false);
      },
      { interval: 300, timeout: 10_000 },
    );
    expect(sent).toBeLessThan(24 * 1024 * 1024);

    let received = 0;
    viewer.on('message', (data: Buffer) => {
      received += data.length;
    });
    viewer.resume();
    await vi.waitFor(() => {
      expect(received).toBe(total);
    }, 20_000);
  });
});
