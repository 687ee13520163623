import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RequestListener, Server } from 'node:http';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { edgeyardSource, requireProtected } from './edgeyard';
import { listening } from './testing';

describe('the registry that a store names', () => {
  const refused = { code: 'conflict', key: 'sync.errors.registryPlain' };

  it.each([
    ['https://store.test', 'https://registry.test:5000'],
    ['http://store.test', 'https://elsewhere.test'],
    ['http://store.test:3000', 'http://store.test:5000'],
  ])('of %s may be %s', (store, registry) => {
    expect(() => requireProtected(store, registry)).not.toThrow();
  });

  it.each([
    ['https://store.test', 'http://store.test:5000'],
    ['https://store.test', 'http://elsewhere.test'],
    ['http://store.test', 'http://elsewhere.test'],
    ['http://store.test', 'http://169.254.169.254'],
  ])('of %s may not be %s', (store, registry) => {
    expect(() => requireProtected(store, registry)).toThrow(expect.objectContaining(refused));
  });
});

describe('a store that names a registry', () => {
  const servers: Server[] = [];
  /** What came to the registry: path and login of each request. */
  let came: (string | undefined)[];
  let says: unknown;
  let storeUrl = '';
  let registryUrl = '';

  beforeEach(async () => {
    came = [];
    const open = async (answer: RequestListener) => {
      const { server, url } = await listening(answer);
      servers.push(server);
      return url;
    };
    registryUrl = await open(({ headers }, response) => {
      came.push(headers.authorization);
      response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
    });
    storeUrl = await open((_, response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(says));
    });
  });
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  const source = (registry?: { url: string; prefix: string }) =>
    edgeyardSource({
      kind: 'edgeyard',
      url: storeUrl,
      ca: undefined,
      token: 'secret',
      registry,
      registryLogin: { user: 'token', password: 'secret' },
    });

  it('without TLS at another host gets nothing, until an administrator sets it', async () => {
    const elsewhere = registryUrl.replace('127.0.0.1', 'localhost');
    says = { url: elsewhere, prefix: 'store' };
    const far = source();
    await expect(far.registry({})).rejects.toMatchObject({
      key: 'sync.errors.registryPlain',
      params: { host: new URL(storeUrl).host, registry: new URL(elsewhere).host },
    });
    expect(came).toEqual([]);
    await far.close();

    const set = source({ url: elsewhere, prefix: 'store' });
    expect((await set.registry({})).address).toBe(new URL(elsewhere).host);
    await set.close();
  });

  it('without TLS at its own host, where it is spoken to without as well, gets the login', async () => {
    says = { url: registryUrl, prefix: 'store' };
    const near = source();
    const { registry, repository } = await near.registry({});
    await expect(registry.head(repository('web'), '1')).rejects.toMatchObject({ fault: 'unauthorized' });
    expect(came).toContain(`Basic ${Buffer.from('token:secret').toString('base64')}`);
    await near.close();
  });

  it.each([
    { url: 'no address', prefix: '' },
    { url: 'https://user:word@registry.test', prefix: '' },
    { url: 'https://registry.test/path', prefix: '' },
    { url: 'https://registry.test', prefix: '../other' },
  ])('as %j is told that this is nonsense', async (told) => {
    says = told;
    const far = source();
    await expect(far.registry({})).rejects.toMatchObject({ key: 'sync.errors.storeNonsense' });
    await far.close();
  });
});

it('sends no more of a package than its catalogue told', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'edgeyard-store-'));
  const { server, url } = await listening((_, response) => response.end('four'));
  const source = edgeyardSource({
    kind: 'edgeyard',
    url,
    ca: undefined,
    token: undefined,
    registry: undefined,
    registryLogin: undefined,
  });
  const release = (size: number) => ({ appId: 'a', releaseId: 'r', size });
  await expect(source.download(release(3), join(dir, 'more'), {})).rejects.toMatchObject({
    key: 'sync.errors.tooLarge',
    params: { limit: 3 },
  });
  await source.download(release(4), join(dir, 'as-told'), {});
  // A catalogue that tells no size.
  await source.download(release(0), join(dir, 'untold'), {});
  expect(readdirSync(dir).filter((name) => name !== 'more')).toEqual(['as-told', 'untold']);
  await source.close();
  server.close();
  rmSync(dir, { recursive: true, force: true });
});
