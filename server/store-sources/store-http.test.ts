import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { RequestListener, Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { openStoreHttp, type StoreHttp } from './store-http';
import { listening } from './testing';

const content = randomBytes(300_000);
let dir: string;
let server: Server;
let http: StoreHttp;
let answer: RequestListener;
const asked: { range: string | undefined; authorization: string | undefined }[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'edgeyard-http-'));
  asked.length = 0;
  const made = await listening((request, response) => {
    asked.push({ range: request.headers.range, authorization: request.headers.authorization });
    answer(request, response);
  });
  ({ server } = made);
  http = openStoreHttp({
    url: made.url,
    ca: undefined,
    token: 'eyt_x',
    tokenHeader: (token) => ({ authorization: `Bearer ${token}` }),
  });
});

afterEach(async () => {
  await http.close();
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true, force: true });
});

const problemOf = (key: string) => expect.objectContaining({ key: `sync.errors.${key}` }) as Error;
const json = () => http.json('/x', z.object({ ok: z.boolean() }), {});

describe('a download', () => {
  it('goes on where the wire was cut', async () => {
    answer = (request, response) => {
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const rest = content.subarray(from);
      response.writeHead(from > 0 ? 206 : 200, { 'content-length': rest.length });
      if (from > 0) response.end(rest);
      else {
        response.write(content.subarray(0, 100_000));
        // Not before something lies in the file: what is cut on its way there is asked for again.
        void vi
          .waitFor(() => expect(statSync(target).size).toBeGreaterThan(0), { interval: 5 })
          .finally(() => response.destroy());
      }
    };
    const target = join(dir, 'package');
    const told: number[] = [];
    await http.download('/package', target, { progress: (done) => told.push(done) });
    expect(readFileSync(target).equals(content)).toBe(true);
    expect(asked.map(({ range }) => range)).toEqual([undefined, expect.stringMatching(/^bytes=\d+-$/)]);
    expect(asked[0]?.authorization).toBe('Bearer eyt_x');
    expect(told.at(-1)).toBe(content.length);
  });

  it('of what is not there leaves nothing', async () => {
    answer = (_request, response) => response.writeHead(404).end();
    const target = join(dir, 'package');
    await expect(http.download('/package', target, {})).rejects.toThrow(problemOf('storeMissing'));
    expect(() => readFileSync(target)).toThrow('ENOENT');
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['says so', true],
    ['says nothing of it', false],
  ])('of more than the catalogue tells is refused, when the store %s', async (_how, saysSo) => {
    answer = (_request, response) => {
      response.writeHead(200, saysSo ? { 'content-length': content.length } : {});
      response.end(content);
    };
    const target = join(dir, 'package');
    const most = content.length - 1;
    await expect(http.download('/package', target, { most })).rejects.toMatchObject({
      code: 'too_large',
      key: 'sync.errors.tooLarge',
      params: { limit: most },
    });
    expect(asked).toHaveLength(1);
    expect(statSync(target, { throwIfNoEntry: false })?.size ?? 0).toBeLessThanOrEqual(most);
    await http.download('/package', join(dir, 'other'), { most: content.length });
  });

  it('that goes on counts what is here already', async () => {
    const target = join(dir, 'package');
    writeFileSync(target, content.subarray(0, 200_000));
    answer = (_request, response) => {
      response.writeHead(206, { 'content-length': 100_000 });
      response.end(content.subarray(200_000));
    };
    const most = content.length;
    await http.download('/package', target, { most });
    writeFileSync(target, content.subarray(0, 200_001));
    await expect(http.download('/package', target, { most })).rejects.toMatchObject({ code: 'too_large' });
  });

  it('that the disk has no room for is refused before its first byte', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 2 ** 52 });
      response.write('x');
    };
    const target = join(dir, 'package');
    await expect(http.download('/package', target, {})).rejects.toMatchObject({
      code: 'no_space',
      key: 'sync.errors.noRoom',
      params: { needed: 2 ** 52 },
    });
    expect(statSync(target, { throwIfNoEntry: false })).toBeUndefined();
  });

  it('ends when it is cancelled', async () => {
    const stop = new AbortController();
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 1000), () => stop.abort());
    };
    const download = http.download('/package', join(dir, 'package'), { signal: stop.signal });
    await expect(download).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('an answer', () => {
  it.each([
    [401, 'storeUnauthorized'],
    [403, 'storeForbidden'],
    [410, 'storeMissing'],
    [302, 'storeAnswer'],
    [503, 'storeAnswer'],
  ])('of %i is told as %s', async (status, key) => {
    answer = (_request, response) => response.writeHead(status).end();
    await expect(json()).rejects.toThrow(problemOf(key));
  });

  it('that is no store’s is told so', async () => {
    answer = (_request, response) => response.end('<html>');
    await expect(json()).rejects.toThrow(problemOf('storeNonsense'));
    answer = (_request, response) => response.end('{"ok":1}');
    await expect(json()).rejects.toThrow(problemOf('storeNonsense'));
  });

  it('that never comes is told as a store that is not there', async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(json()).rejects.toThrow(problemOf('storeUnreachable'));
  });
});
