import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import type { Cloud } from './cloud';
import { vncStream } from './console';
import { openStackLogin } from './login';
import { wireTo } from './wire';

const folder = mkdtempSync(join(tmpdir(), 'edgeyard-console-'));
let pem: string;
let proxy: Server;
let port: number;

beforeAll(async () => {
  const names = ['-subj', '/CN=proxy', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'key.pem'];
  execFileSync('openssl', ['req', '-x509', ...key, ...names, '-out', 'cert.pem', '-days', '9'], {
    cwd: folder,
    stdio: 'pipe',
  });
  pem = readFileSync(join(folder, 'cert.pem'), 'utf8');
  proxy = createServer({ cert: pem, key: readFileSync(join(folder, 'key.pem')) });
  new WebSocketServer({ server: proxy }).on('connection', (socket) => {
    socket.send(Buffer.from('RFB 003.008\n'));
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  port = (proxy.address() as AddressInfo).port;
});

afterAll(() => {
  proxy.closeAllConnections();
  proxy.close();
  rmSync(folder, { recursive: true });
});

/** The screen through a proxy by TLS, with what a login says of certificates. */
async function greetingWith(trust: { ca?: string; insecure?: boolean }): Promise<string> {
  const login = openStackLogin.parse({ authUrl: 'https://cloud:5000', method: 'password', ...trust });
  const wire = wireTo(login);
  const url = `https://127.0.0.1:${port}/vnc_lite.html?path=%3Ftoken%3D1`;
  const cloud: Pick<Cloud, 'ask' | 'tls'> = {
    ask: (ask) => Promise.resolve(ask.schema.parse({ remote_console: { url } })),
    tls: () => wire.tls(),
  };
  try {
    const stream = await vncStream(cloud as Cloud, 'server-1');
    const greeting = stream.read() as Buffer;
    stream.destroy();
    return greeting.toString();
  } finally {
    await wire.close();
  }
}

describe('a console proxy by TLS', () => {
  it('is judged by what the login trusts', async () => {
    await expect(greetingWith({})).rejects.toMatchObject({
      key: 'openstack.errors.consoleProxyUnreachable',
      params: { why: 'certificate' },
    });
    await expect(greetingWith({ ca: pem })).resolves.toBe('RFB 003.008\n');
    await expect(greetingWith({ insecure: true })).resolves.toBe('RFB 003.008\n');
  });
});
