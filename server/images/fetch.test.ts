import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { download } from './download';
import { isPublicAddress, requireFetchable } from './public-address';
import type { FetchInput } from './schemas';
import { ada, openTestImages, type TestImages } from './testing';

let room: TestImages;
let mirror: Server;
let origin = '';
let bytes: Buffer;
let asked: (string | undefined)[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let scratch = '';

beforeEach(async () => {
  room = await openTestImages();
  scratch = mkdtempSync(join(tmpdir(), 'edgeyard-fetch-'));
  const file = join(scratch, 'mirror.qcow2');
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-o', 'preallocation=metadata', file, '64M']);
  bytes = readFileSync(file);
  asked = [];
  answer = whole;
  mirror = createServer((request, response) => {
    asked.push(request.headers.range);
    answer(request, response);
  });
  await new Promise<void>((resolve) => mirror.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(mirror.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await room.close();
  mirror.closeAllConnections();
  await new Promise((resolve) => mirror.close(resolve));
  rmSync(scratch, { recursive: true, force: true });
});

const sha256 = () => createHash('sha256').update(bytes).digest('hex');

/** Sends the file, or the part that was asked for. */
function whole(request: IncomingMessage, response: ServerResponse): void {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const part = bytes.subarray(start);
  response.writeHead(start > 0 ? 206 : 200, {
    'content-length': part.length,
    ...(start > 0 && { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
  });
  response.end(part);
}

const input = (part: Partial<FetchInput> = {}): FetchInput => ({
  name: 'Mirrored',
  description: '',
  cloudInit: false,
  architecture: 'x86_64',
  visibility: 'owner',
  url: `${origin}/disk.qcow2`,
  sha256: sha256(),
  format: 'qcow2',
  ...part,
});

async function fetched(part: Partial<FetchInput> = {}) {
  const { image, job } = room.images.fetch(ada, input(part));
  await room.jobs.settled(job.id);
  return room.images.get(ada, image.id);
}

describe('fetching by address', () => {
  it('takes an image in whose digest fits', async () => {
    expect(await fetched()).toMatchObject({
      state: 'ready',
      digest: `sha256:${sha256()}`,
      virtualSize: 64 * 2 ** 20,
    });
  });

  it('goes on where the connection broke', async () => {
    const incoming = join(room.dir, 'incoming');
    const kept = () =>
      Math.max(0, ...readdirSync(incoming).map((name) => statSync(join(incoming, name)).size));
    const half = Math.floor(bytes.length / 2);
    answer = (request, response) => {
      if (request.headers.range !== undefined) {
        whole(request, response);
        return;
      }
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, half));
      // Not before something lies in the file: what is cut on its way there is asked for again.
      void vi
        .waitFor(() => expect(kept()).toBeGreaterThan(0), { interval: 5, timeout: 20_000 })
        .finally(() => response.destroy());
    };
    expect(await fetched()).toMatchObject({ state: 'ready', digest: `sha256:${sha256()}` });
    expect(asked[0]).toBeUndefined();
    expect(Number(/^bytes=(\d+)-$/.exec(asked[1] ?? '')?.[1])).toBeGreaterThan(0);
  });

  it('starts over where the server knows no ranges', async () => {
    let first = true;
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      if (first) response.write(bytes.subarray(0, 1000), () => response.destroy());
      else response.end(bytes);
      first = false;
    };
    expect(await fetched()).toMatchObject({ state: 'ready' });
  });

  it('keeps nothing of a file with another digest', async () => {
    const image = await fetched({ sha256: 'b'.repeat(64) });
    expect(image).toMatchObject({ state: 'failed', error: { key: 'images.errors.checksum' } });
    expect(readdirSync(join(room.dir, 'incoming'))).toEqual([]);
  });

  it('says what the server answered', async () => {
    answer = (_request, response) => response.writeHead(404).end();
    expect((await fetched()).error).toMatchObject({
      key: 'images.errors.urlAnswer',
      params: { status: 404 },
    });
  });

  it('follows redirects, but not for ever', async () => {
    answer = (request, response) => {
      if (request.url === '/real') whole(request, response);
      else response.writeHead(302, { location: '/real' }).end();
    };
    expect((await fetched()).state).toBe('ready');
    answer = (_request, response) => response.writeHead(302, { location: '/again' }).end();
    expect((await fetched()).error?.key).toBe('images.errors.urlRedirects');
  });

  it('refuses what does not fit the disk before the first byte', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': String(2 ** 50) });
      response.flushHeaders();
    };
    expect((await fetched()).error?.key).toBe('images.errors.noRoom');
  });

  it('is cancelled with nothing left', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 5000));
    };
    const { image, job } = room.images.fetch(ada, input());
    await expect.poll(() => readdirSync(join(room.dir, 'incoming'))).toEqual([`${image.id}.part`]);
    room.jobs.cancel(job.id);
    await room.jobs.settled(job.id);
    expect(room.images.get(ada, image.id)).toMatchObject({
      state: 'failed',
      error: { key: 'problems.cancelled' },
    });
    expect(readdirSync(join(room.dir, 'incoming'))).toEqual([]);
  });

  it('makes one job of a double click', () => {
    const first = room.images.fetch(ada, input(), 'key');
    const second = room.images.fetch(ada, input(), 'key');
    expect(second.job.id).toBe(first.job.id);
    expect(room.images.list(ada, {})).toHaveLength(1);
  });
});

describe('addresses that are not public', () => {
  it.each([
    'http://127.0.0.1/x',
    'http://[::1]/x',
    'http://169.254.169.254/latest',
    'http://10.1.2.3/',
    'http://[fe80::1]/',
  ])('%s is refused at once', (url) => {
    expect(() => {
      requireFetchable(new URL(url), false);
    }).toThrow(expect.objectContaining({ key: 'images.errors.urlPrivate' }));
  });

  it.each([
    '0.0.0.0',
    '100.64.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '::ffff:10.0.0.1',
    'fd00::1',
    '64:ff9b::a00:1',
    '2002:a00:1::',
  ])('%s is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['1.1.1.1', '172.32.0.1', '2606:4700::1111'])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it('refuses a name that leads inside, by the address the socket would use', async () => {
    const port = new URL(origin).port;
    const what = {
      url: `http://localhost:${port}/x`,
      file: join(scratch, 'x'),
      dir: scratch,
      allowPrivate: false,
    };
    const error = await download(what, { signal: new AbortController().signal }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ key: 'images.errors.urlPrivate', params: { host: 'localhost' } });
    expect(asked).toEqual([]);
  });

  it('refuses a redirect that leads inside', async () => {
    expect(() => {
      requireFetchable(new URL('file:///etc/shadow'), true);
    }).toThrow(expect.objectContaining({ key: 'images.errors.urlProtocol' }));
    expect(() => {
      requireFetchable(new URL('http://user:password@example.org/'), true);
    }).toThrow(expect.objectContaining({ key: 'images.errors.urlCredentials' }));
    answer = (_request, response) => response.writeHead(302, { location: 'file:///etc/shadow' }).end();
    expect((await fetched()).error?.key).toBe('images.errors.urlProtocol');
  });
});
