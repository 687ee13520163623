import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectQmp, jsonLines, QmpError, type QmpEvent } from './qmp';

describe('lines', () => {
  it('puts cut lines and cut characters together', () => {
    const seen: unknown[] = [];
    const take = jsonLines((message) => seen.push(message.return));
    const bytes = Buffer.from('{"return":"büro"}\r\n{"return":2}\n{"ret');
    for (const byte of bytes) take(Buffer.from([byte]));
    take(Buffer.from('urn":3}\n'));
    expect(seen).toEqual(['büro', 2, 3]);
  });

  it('leaves out what is not JSON and takes an agent answer after its 0xFF mark', () => {
    const seen: unknown[] = [];
    const take = jsonLines((message) => seen.push(message.return));
    take(Buffer.concat([Buffer.from('rubbish\n'), Buffer.from([0xff]), Buffer.from('{"return":1}\n')]));
    expect(seen).toEqual([1]);
  });

  it('refuses an endless line', () => {
    const take = jsonLines(() => undefined);
    const chunk = Buffer.alloc(16 * 1024 ** 2, 32);
    take(chunk);
    expect(() => [chunk, chunk].forEach(take)).toThrow('line too long');
  });
});

describe('connection', () => {
  let folder: string;
  let server: Server;
  let received: { execute: string; id: number }[];
  let peer: Socket;
  let reply: (command: { execute: string; id: number }) => void;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'qmp-'));
    received = [];
    reply = ({ id }) => peer.write(`{"return":{},"id":${id}}\n`);
    server = createServer((socket) => {
      peer = socket;
      socket.on('data', (chunk) => {
        for (const line of chunk.toString().trim().split('\n')) {
          const command = JSON.parse(line) as { execute: string; id: number };
          received.push(command);
          reply(command);
        }
      });
      socket.write('{"QMP":{"version":{},"capabilities":[]}}\n');
    });
    await new Promise<void>((resolve) => server.listen(join(folder, 's'), resolve));
  });
  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });
  const open = () => connectQmp(join(folder, 's'), 500);

  it('leaves the negotiation mode first', async () => {
    const qmp = await open();
    expect(received.map((each) => each.execute)).toEqual(['qmp_capabilities']);
    qmp.close();
  });

  it('gives each answer to its own question, in any order', async () => {
    const qmp = await open();
    const asked: number[] = [];
    reply = ({ id }) => {
      asked.push(id);
      if (asked.length === 2)
        for (const each of asked.toReversed()) peer.write(`{"return":${each},"id":${each}}\n`);
    };
    const [first, second] = await Promise.all([qmp.run('a'), qmp.run('b')]);
    expect([first, second]).toEqual(asked);
    qmp.close();
  });

  it('throws the refusal with its class', async () => {
    const qmp = await open();
    reply = ({ id }) => peer.write(`{"error":{"class":"GenericError","desc":"no"},"id":${id}}\n`);
    const refusal = await qmp.run('stop').catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(QmpError);
    expect(refusal).toMatchObject({ kind: 'GenericError', message: 'no' });
    qmp.close();
  });

  it('hands events over, also those between question and answer', async () => {
    const qmp = await open();
    const events: QmpEvent[] = [];
    const forget = qmp.onEvent((event) => events.push(event));
    reply = ({ id }) => peer.write(`{"event":"STOP","timestamp":{}}\n{"return":{},"id":${id}}\n`);
    await qmp.run('stop');
    expect(events).toEqual([{ name: 'STOP', data: {} }]);
    forget();
    qmp.close();
  });

  it('fails what waits when QEMU dies, and says when an answer is late', async () => {
    const qmp = await open();
    reply = () => undefined;
    await expect(qmp.run('query-status', {}, 20)).rejects.toThrow('did not answer within 20 ms');
    reply = () => peer.destroy();
    await expect(qmp.run('quit')).rejects.toThrow();
    await qmp.closed;
    await expect(qmp.run('quit')).rejects.toThrow();
  });

  it('fails where nothing listens', async () => {
    await expect(connectQmp(join(folder, 'none'), 500)).rejects.toThrow('ENOENT');
    server.removeAllListeners('connection');
    server.on('connection', (socket) => (peer = socket));
    await expect(connectQmp(join(folder, 's'), 50)).rejects.toThrow('no greeting');
    peer.destroy();
  });
});
