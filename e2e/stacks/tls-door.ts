/** TLS in front of a server that speaks plain HTTP, as a reverse proxy puts it there; and a wire that can be cut. */
import { readFileSync } from 'node:fs';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { TestCa } from './certificates';

export interface TlsDoor {
  port: number;
  url: string;
  /** Where what comes in goes to, a port of this machine; nowhere before. */
  aim(port: number): void;
  /** Cuts every connection, and lets no new one in until it is mended. */
  cut(): void;
  mend(): void;
  /** Cuts once so many bytes have gone out to clients. */
  cutAfter(bytes: number): void;
  /** Bytes that have gone out to clients. */
  readonly sent: number;
  close(): Promise<void>;
}

/** Opens a door on a free port of the loopback, with a certificate of the authority. */
export async function openTlsDoor(ca: TestCa): Promise<TlsDoor> {
  const { certificateFile, keyFile } = ca.issue(['127.0.0.1', 'localhost']);
  const sockets = new Set<Socket>();
  let target: number | undefined;
  let open = true;
  let sent = 0;
  let limit = Infinity;
  const cut = () => {
    open = false;
    limit = Infinity;
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer(
    { cert: readFileSync(certificateFile), key: readFileSync(keyFile) },
    (outside) => {
      if (!open || target === undefined) {
        outside.destroy();
        return;
      }
      const inside = connect(target, '127.0.0.1');
      for (const [socket, other] of [
        [outside, inside],
        [inside, outside],
      ] as const) {
        sockets.add(socket);
        socket.on('error', () => other.destroy());
        socket.on('close', () => {
          sockets.delete(socket);
          other.destroy();
        });
      }
      inside.on('data', (bytes: Buffer) => {
        sent += bytes.length;
        if (sent > limit) cut();
      });
      outside.pipe(inside);
      inside.pipe(outside);
    },
  );
  // A client that does not trust the authority ends the handshake, which is its own affair.
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `https://127.0.0.1:${String(port)}`,
    aim: (to) => (target = to),
    cut,
    mend: () => (open = true),
    cutAfter: (bytes) => (limit = sent + bytes),
    get sent() {
      return sent;
    },
    close: async () => {
      cut();
      await new Promise((closed) => server.close(closed));
    },
  };
}
