import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type * as Tls from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { testCa } from '../e2e/stacks/certificates';
import { openHttpClient } from './http-client';

/** Public authorities, beside those that the system has. */
const publicOnes = vi.hoisted((): string[] => []);
vi.mock('node:tls', async (original) => ({
  ...(await original<typeof Tls>()),
  rootCertificates: publicOnes,
}));

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function clientOf(
  answer: RequestListener,
  tls?: { key: Buffer; cert: Buffer },
  { ca, only }: { ca?: string; only?: boolean } = {},
) {
  const server = tls ? createTlsServer(tls, answer) : createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = openHttpClient({
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}/below/`,
    ca,
    only,
    headers: { 'x-always': 'yes' },
    broken: (error) => new Error(`broken: ${String((error as { code?: string }).code)}`),
    tooLong: () => new Error('too long'),
  });
  closing.push(
    () => new Promise((resolve) => server.close(resolve)),
    () => server.closeAllConnections(),
    () => client.close(),
  );
  return client;
}

describe('a question', () => {
  it('goes below the address, with what is always sent and what is asked', async () => {
    const seen: unknown[] = [];
    const client = await clientOf((request, response) => {
      const { 'x-always': always, 'content-type': type } = request.headers;
      seen.push(request.method, request.url, always, type);
      request.pipe(response);
    });
    const answer = await client.ask({ method: 'POST', path: '/x', body: { a: 1 } });
    expect(await client.text(answer)).toBe('{"a":1}');
    expect(seen).toEqual(['POST', '/below/x', 'yes', 'application/json']);
  });

  it('is told in the words of who asks when it breaks, and ends with its signal', async () => {
    const client = await clientOf((_request, response) => response.destroy());
    await expect(client.ask({ path: '/x' })).rejects.toThrow('broken: UND_ERR_SOCKET');
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(client.ask({ path: '/x', signal })).rejects.toThrow('enough');
    const silent = await clientOf(() => undefined);
    await expect(silent.ask({ path: '/x', patienceMs: 10 })).rejects.toThrow(
      'broken: UND_ERR_HEADERS_TIMEOUT',
    );
  });

  it('does not read an answer without end', async () => {
    const client = await clientOf((_request, response) => {
      const piece = Buffer.alloc(2 ** 20);
      const write = () => {
        while (response.write(piece)) if (response.destroyed) return;
      };
      response.on('drain', write).on('error', () => undefined);
      write();
    });
    const answer = await client.ask({ path: '/x' });
    await expect(client.text(answer)).rejects.toThrow('too long');
  });
});

describe('a certificate', () => {
  it('counts when its authority is named, or itself', async () => {
    const ca = testCa();
    const { certificateFile, keyFile } = ca.issue(['127.0.0.1']);
    const tls = { cert: readFileSync(certificateFile), key: readFileSync(keyFile) };
    const answer: RequestListener = (_request, response) => response.end('hello');
    const stranger = await clientOf(answer, tls, { ca: ' ' });
    await expect(stranger.ask({ path: '/' })).rejects.toThrow('broken: UNABLE_TO_VERIFY');
    for (const trusted of [ca.certificate, tls.cert.toString()]) {
      const client = await clientOf(answer, tls, { ca: trusted });
      expect(await client.text(await client.ask({ path: '/' }))).toBe('hello');
    }
  });

  it('of a public authority counts beside a named one, but not where that is trusted alone', async () => {
    const [known, named] = [testCa(), testCa()];
    publicOnes.push(known.certificate);
    const { certificateFile, keyFile } = known.issue(['127.0.0.1']);
    const tls = { cert: readFileSync(certificateFile), key: readFileSync(keyFile) };
    const answer: RequestListener = (_request, response) => response.end('hello');
    const beside = await clientOf(answer, tls, { ca: named.certificate });
    expect(await beside.text(await beside.ask({ path: '/' }))).toBe('hello');
    const alone = await clientOf(answer, tls, { ca: named.certificate, only: true });
    await expect(alone.ask({ path: '/' })).rejects.toThrow('broken: UNABLE_TO_GET_ISSUER_CERT');
    const own = await clientOf(answer, tls, { ca: known.certificate, only: true });
    expect(await own.text(await own.ask({ path: '/' }))).toBe('hello');
  });
});
