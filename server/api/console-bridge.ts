import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

/** Bytes that may wait for a slow viewer before the VM's side is held back. */
const highWater = 1024 * 1024;
const pingEveryMs = 30_000;
/**
 * A VM's screen ends a moment before its state changes. So long the viewer is kept, for whoever knows why it ended to
 * close it with that reason.
 */
const reasonMs = 3000;

/**
 * Joins a WebSocket and a byte stream, both ways, with bounded memory: whichever side is slow holds the other back.
 * When one ends, so does the other; the viewer after a moment in which the caller may close it with a reason.
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

  let waiting: NodeJS.Timeout | undefined;
  const end = () => {
    clearInterval(ping);
    clearTimeout(waiting);
    stream.destroy();
    if (socket.readyState === socket.OPEN) socket.close(1000, 'ended');
  };
  // Every stream ends with `close`, after an error too.
  stream.on('error', () => undefined);
  stream.on('close', () => {
    if (socket.readyState === socket.OPEN) waiting = setTimeout(end, reasonMs);
    else end();
  });
  socket.on('error', end);
  socket.on('close', end);
}
