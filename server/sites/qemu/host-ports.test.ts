import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { findPorts } from './host-ports';

const tcp = (hostPort: number) => ({ protocol: 'tcp' as const, at: '127.0.0.1', hostPort, guestPort: 80 });

describe('host ports', () => {
  it('are free, differ, and keep what was asked', async () => {
    const found = await findPorts(
      [tcp(0), tcp(0), { protocol: 'udp', at: '127.0.0.1', hostPort: 0, guestPort: 53 }],
      new Set(),
    );
    if (!('forwards' in found)) throw new Error('none found');
    const ports = found.forwards.map((each) => each.hostPort);
    expect(new Set(ports).size).toBe(3);
    expect(ports.every((port) => port > 0)).toBe(true);
    expect(await findPorts([tcp(ports[0] ?? 0)], new Set())).toEqual({ forwards: [tcp(ports[0] ?? 0)] });
  });

  it('that somebody has are named', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await findPorts([tcp(0), tcp(port)], new Set())).toEqual({ taken: port });
    await new Promise((resolve) => server.close(resolve));
    expect(await findPorts([tcp(port)], new Set([port]))).toEqual({ taken: port });
    expect(await findPorts([tcp(port)], new Set())).toEqual({ forwards: [tcp(port)] });
  });
});
