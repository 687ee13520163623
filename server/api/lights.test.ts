import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createTRPCClient, httpBatchStreamLink, TRPCClientError } from '@trpc/client';
import superjson from 'superjson';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { anna, cookieOf, testAccess, tokenIn } from '../access/testing';
import { openLog } from '../log';
import { Problem } from '../problem';
import type { Light } from '../sites/schemas';
import { cloudInput, testSites } from '../sites/testing';
import { createHttpServer } from './http-server';
import { houseWith } from './testing';
import type { AppRouter } from './trpc/router';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const light = (name: Light['light']): Light => ({
  light: name,
  state: 'ok',
  ms: 1,
  says: 'sites.lights.nameIsAddress',
  params: {},
});

/** The real server with a cloud that is tried as the test says, and a client as the pages have it. */
async function setUp(examine: (signal: AbortSignal | undefined) => AsyncIterable<Light>) {
  const { access, db, config, events } = testAccess();
  const sites = testSites({ db });
  sites.clouds.examine = examine;
  const house = houseWith({ access, db, config, events, log: openLog('silent'), sites: sites.room });
  const server = createHttpServer(house, [], () => Promise.resolve());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const signedIn = await fetch(`${origin}/api/auth/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: tokenIn(access.setupLink(origin) ?? ''), ...anna }),
  });
  const headers = { cookie: cookieOf(signedIn), origin };
  const client = createTRPCClient<AppRouter>({
    links: [httpBatchStreamLink({ url: `${origin}/api/trpc`, transformer: superjson, headers })],
  });
  return { client, origin, headers };
}

describe('the test of a connection, over the wire', () => {
  it('brings each light when it is on, and ends when nobody looks any more', async () => {
    const seen: { signal: AbortSignal | undefined } = { signal: undefined };
    const { client } = await setUp(async function* (signal) {
      seen.signal = signal;
      yield light('dns');
      await new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error));
      });
    });
    const looking = new AbortController();
    const lights = await client.sites.examine.mutate(cloudInput, { signal: looking.signal });
    const one = await lights[Symbol.asyncIterator]().next();
    expect(one.value).toMatchObject({ light: 'dns', state: 'ok' });
    expect(seen.signal?.aborted).toBe(false);
    looking.abort();
    await vi.waitFor(() => expect(seen.signal?.aborted).toBe(true));
  });

  it('comes in lines for who asks for them over REST', async () => {
    let go: () => void = () => undefined;
    const seen = new Promise<void>((resolve) => {
      go = resolve;
    });
    const { origin, headers } = await setUp(async function* () {
      yield light('dns');
      await seen;
      yield light('tcp');
    });
    const answer = await fetch(`${origin}/api/v1/sites/test`, {
      method: 'POST',
      headers: { ...headers, accept: 'application/x-ndjson', 'content-type': 'application/json' },
      body: JSON.stringify(cloudInput),
    });
    const names: unknown[] = [];
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    for (let piece = await reader?.read(); piece?.value !== undefined; piece = await reader?.read()) {
      names.push((JSON.parse(piece.value) as Light).light);
      go();
    }
    expect(names).toEqual(['dns', 'tcp']);
  });

  it('tells what breaks it off as a problem', async () => {
    const { client } = await setUp(async function* () {
      yield light('dns');
      await Promise.reject(new Problem('unavailable', 'sites.errors.unavailable', { name: 'North' }));
    });
    const lights = await client.sites.examine.mutate(cloudInput);
    const names: string[] = [];
    const all = async () => {
      for await (const each of lights) names.push(each.light);
    };
    const error = await all().catch((problem: unknown) => problem);
    expect(names).toEqual(['dns']);
    expect(error).toBeInstanceOf(TRPCClientError);
    expect(error).toMatchObject({ data: { problem: { key: 'sites.errors.unavailable' } } });
  });
});
