import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { tryConnect } from './tcp-knock';

const server = createServer((socket) => socket.end());
afterEach(() => server.close());

describe('a knock at a port', () => {
  it('tells open from refused', async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await tryConnect('127.0.0.1', port, 2000)).toBe('open');
    server.close();
    await once(server, 'close');
    expect(await tryConnect('127.0.0.1', port, 2000)).toBe('refused');
  });

  it('ends with the signal', async () => {
    const aborted = AbortSignal.abort(new Error('enough'));
    await expect(tryConnect('127.0.0.1', 9, 2000, aborted)).rejects.toThrow('enough');
  });
});
