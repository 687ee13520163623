import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

/** Bytes that may wait for a slow viewer before the VM's side is held back. */
const highWater = 1024 * 1024;
const pingEveryMs = 30_000;

/**
 * Joins a WebSocket and a byte stream, both ways, with bounded memory: whichever side is slow holds the other back.
 * When one ends, so does the other.
 *
 * @param socket the viewer's WebSocket, already open
 * @param stream the RFB stream of the VM
 */
export function bridge(socket: WebSocket, stream: Duplex): void {
  let answered = true;
  const ping = setInterval(() => {
    if (!answered) {
      socket.terminate();
      return;
    }
    answered = false;
    socket.ping();
  }, pingEveryMs);
  socket.on('pong', () => {
    answered = true;
  });

  stream.on('data', (chunk: Buffer) => {
    socket.send(chunk, { binary: true }, () => {
      if (stream.isPaused() && socket.bufferedAmount < highWater / 2) stream.resume();
    });
    if (socket.bufferedAmount > highWater) stream.pause();
  });
  socket.on('message', (data) => {
    if (!stream.writable) return;
    // `ws` gives one Buffer with its default binaryType.
    if (!stream.write(data)) socket.pause();
  });
  stream.on('drain', () => {
    socket.resume();
  });

  const end = () => {
    clearInterval(ping);
    stream.destroy();
    if (socket.readyState === socket.OPEN) socket.close(1000, 'ended');
  };
  stream.on('error', end);
  stream.on('close', end);
  socket.on('error', end);
  socket.on('close', end);
}
