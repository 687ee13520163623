/** A long wire before a server: a TCP proxy that delays and throttles, where the kernel has no netem. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface FarWire {
  port: number;
  close(): Promise<void>;
}

interface Line {
  /** Milliseconds there and back. */
  roundTripMs: number;
  /** Bits a second, in each direction, of all connections together. */
  bitsPerSecond: number;
}

/** Bytes a connection may have on the wire: more than 100 Mbit/s × 50 ms, so that one alone can fill it. */
const window = 768 * 1024;

/**
 * Opens a wire to a port of this machine. A connection costs a round trip before its first byte arrives, as TCP's
 * handshake does; slow start and losses are not imitated.
 */
export async function openFarWire(toPort: number, line: Line): Promise<FarWire> {
  const up = direction(line);
  const down = direction(line);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: toPort, host: '127.0.0.1', noDelay: true });
    const stands = performance.now() + line.roundTripMs;
    up(near, far, stands);
    down(far, near, stands);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {
        near.destroy();
        far.destroy();
      });
      socket.on('close', () => sockets.delete(socket));
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** One direction of the wire: who sends more than fits waits for the others. */
function direction({ roundTripMs, bitsPerSecond }: Line) {
  const bytesPerMs = bitsPerSecond / 8000;
  let free = 0;
  return (from: Socket, to: Socket, notBefore: number) => {
    let underWay = 0;
    // A timer delivers what is first in line, not what it was set for: timers of a millisecond may overtake each other.
    const waiting: (() => void)[] = [];
    const later = (at: number, deliver: () => void) => {
      waiting.push(deliver);
      setTimeout(() => waiting.shift()?.(), Math.max(0, at - performance.now()));
    };
    from.on('data', (chunk: Buffer) => {
      free = Math.max(free, performance.now()) + chunk.length / bytesPerMs;
      underWay += chunk.length;
      if (underWay > window) from.pause();
      later(Math.max(free + roundTripMs / 2, notBefore), () => {
        underWay -= chunk.length;
        if (!to.destroyed) to.write(chunk);
        if (underWay <= window) from.resume();
      });
    });
    from.on('end', () => {
      later(Math.max(free + roundTripMs / 2, notBefore), () => to.end());
    });
  };
}
