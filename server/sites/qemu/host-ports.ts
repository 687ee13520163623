import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { PortForward } from '../site';

/** A forward, and the address of this machine at which it is reached. */
export type BoundForward = PortForward & { at: string };

/**
 * Gives every forward a port of its address that is free now. All are held together until the last is
 * found, so that they differ; somebody else can still take one before QEMU does, which the caller must expect.
 *
 * @param asked a host port of 0 means any
 * @param taken ports that other VMs were given
 * @returns the forwards with their ports, or the asked port that is not free
 */
export async function findPorts(
  asked: readonly BoundForward[],
  taken: ReadonlySet<number>,
): Promise<{ forwards: BoundForward[] } | { taken: number }> {
  const held: (() => Promise<void>)[] = [];
  try {
    const forwards: BoundForward[] = [];
    for (const forward of asked) {
      const port = await holdFree(forward, taken, held);
      if (port === undefined) return { taken: forward.hostPort };
      forwards.push({ ...forward, hostPort: port });
    }
    return { forwards };
  } finally {
    await Promise.all(held.map((release) => release()));
  }
}

async function holdFree(
  forward: BoundForward,
  taken: ReadonlySet<number>,
  held: (() => Promise<void>)[],
): Promise<number | undefined> {
  if (taken.has(forward.hostPort)) return undefined;
  for (;;) {
    const hold = forward.protocol === 'tcp' ? holdTcp : holdUdp;
    const got = await hold(forward.hostPort, forward.at).catch(() => undefined);
    if (!got) return undefined;
    held.push(got.release);
    if (!taken.has(got.port)) return got.port;
  }
}

interface Held {
  port: number;
  release: () => Promise<void>;
}

function holdTcp(port: number, host: string): Promise<Held> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => {
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address ? address.port : port,
        release: () => new Promise((done) => server.close(() => done())),
      });
    });
  });
}

function holdUdp(port: number, host: string): Promise<Held> {
  const socket = createSocket('udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, host, () => {
      resolve({
        port: socket.address().port,
        release: () => new Promise((done) => socket.close(() => done())),
      });
    });
  });
}
