/** The three parts of the console measurement, each its own process: `source BYTES`, `bridge PORT`, `client PORT …`. */
import { createServer } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { bridge } from '../server/api/console-bridge';

const [role, first = '0', second = '0'] = process.argv.slice(2);
if (role === 'source') source(Number(first));
if (role === 'bridge') bridgeTo(Number(first));
if (role === 'client') client(Number(first), Number(second));

/** Sends a number of bytes to everyone who connects, as fast as they are taken. */
function source(bytes: number): void {
  const chunk = Buffer.alloc(256 * 1024, 0x5a);
  const server = createTcpServer((socket: Socket) => {
    let left = bytes;
    const send = () => {
      while (left > 0) {
        left -= chunk.length;
        if (!socket.write(chunk)) {
          socket.once('drain', send);
          return;
        }
      }
    };
    socket.on('error', () => undefined);
    send();
  });
  server.listen(0, '127.0.0.1', () => {
    console.log(`port ${(server.address() as AddressInfo).port}`);
  });
}

function bridgeTo(port: number): void {
  const http = createServer();
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: false });
  sockets.on('connection', (socket) => {
    bridge(socket, connect({ port, host: '127.0.0.1', noDelay: true }));
  });
  http.listen(0, '127.0.0.1', () => {
    console.log(`port ${(http.address() as AddressInfo).port}`);
  });
}

/** Reads until the bytes are there and prints the seconds; with 0 bytes it connects and reads nothing. */
function client(port: number, bytes: number): void {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, ['binary'], { perMessageDeflate: false });
  const started = process.hrtime.bigint();
  let received = 0;
  socket.on('open', () => {
    if (bytes > 0) return;
    socket.pause();
    console.log('stalled');
  });
  socket.on('message', (data: Buffer) => {
    received += data.length;
    if (bytes === 0 || received < bytes) return;
    console.log(`seconds ${Number(process.hrtime.bigint() - started) / 1e9}`);
    process.exit(0);
  });
}
