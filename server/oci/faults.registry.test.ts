import { Readable } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { testCa } from '@/e2e/stacks/certificates';
import { type RegistryOptions, startRegistry, type TestRegistry } from '@/e2e/stacks/registry';
import { startTokenServer } from '@/e2e/stacks/token-server';
import { copyArtifact } from './copy-artifact';
import { type Registry, RegistryError, type RegistryAccess } from './oci';
import { openRegistry } from './open-registry';
import { bytesOf, heldBack, pushImage, putBytes, sha256, testBlob } from './testing';

const endings: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

async function registry(options?: RegistryOptions): Promise<TestRegistry> {
  const started = await startRegistry(options);
  endings.push(started.stop);
  return started;
}

function client(access: RegistryAccess): Registry {
  const opened = openRegistry(access);
  endings.push(() => opened.close());
  return opened;
}

const fault = (name: string) => expect.objectContaining({ name: 'RegistryError', fault: name });

describe('being let in', () => {
  it('trusts a private authority only when told to', async () => {
    const tls = testCa();
    const { url } = await registry({ tls });
    const ca = tls.certificate;
    await client({ url, ca }).ping();
    await expect(client({ url }).ping()).rejects.toEqual(fault('tls'));
    await expect(client({ url, ca: testCa().certificate }).ping()).rejects.toEqual(fault('tls'));
    await expect(client({ url: url.replace('https', 'http') }).ping()).rejects.toEqual(
      expect.objectContaining({ name: 'RegistryError' }),
    );
  });

  it('logs in by HTTP Basic', async () => {
    const { url } = await registry({ htpasswd: { ada: 'right' } });
    const ada = client({ url, login: { user: 'ada', password: 'right' } });
    await ada.ping();
    const image = await pushImage(ada, { repository: 'basic', tag: '1' }, [testBlob(100_000)]);
    expect((await ada.head('basic', '1'))?.digest).toBe(image.digest);
    const wrong = client({ url, login: { user: 'ada', password: 'a-wrong-secret' } });
    const error: unknown = await wrong.ping().catch((caught: unknown) => caught);
    expect(error).toEqual(fault('unauthorized'));
    expect(JSON.stringify([error, error instanceof Error && error.message])).not.toContain('a-wrong-secret');
    await expect(client({ url }).ping()).rejects.toEqual(fault('unauthorized'));
  });

  it('logs in by tokens that live a second, with one right for many requests', async () => {
    const tokens = await startTokenServer({
      users: { ada: { password: 'right' }, bob: { password: 'reads', pullOnly: true } },
      seconds: 1,
    });
    endings.push(tokens.stop);
    const { url } = await registry({ token: tokens });
    const ada = client({ url, login: { user: 'ada', password: 'right' } });
    const image = await pushImage(ada, { repository: 'tokens', tag: '1' }, [testBlob(50_000)]);
    const [first] = tokens.requests.slice(-1);
    await expect.poll(() => ada.head('tokens', '1')).toMatchObject({ digest: image.digest });
    // Past the token's end the next request brings a new one along.
    const end = Date.now() + 1500;
    await expect.poll(() => Date.now() > end, { timeout: 5000 }).toBe(true);
    expect((await ada.head('tokens', '1'))?.digest).toBe(image.digest);
    expect(tokens.requests.at(-1)).not.toBe(first);
    const there = { registry: ada, repository: 'tokens', reference: '1' };
    const mounted = await copyArtifact(there, { ...there, repository: 'other/tokens' });
    expect(mounted).toMatchObject({ blobsMounted: 2, blobsSent: 0 });

    const bob = client({ url, login: { user: 'bob', password: 'reads' } });
    expect((await bob.head('tokens', '1'))?.digest).toBe(image.digest);
    await expect(putBytes(bob, 'tokens', testBlob(10))).rejects.toEqual(fault('forbidden'));
    await expect(client({ url, login: { user: 'bob', password: 'no' } }).ping()).rejects.toEqual(
      fault('unauthorized'),
    );
  });

  it.each([
    ['ahead of', 10],
    ['behind', -10],
  ])('names the clocks when that of the token server is %s the registry’s', async (words, minutes) => {
    const users = { ada: { password: 'right' } };
    const tokens = await startTokenServer({ users, clockMs: minutes * 60_000 });
    endings.push(tokens.stop);
    const { url } = await registry({ token: tokens });
    const ada = client({ url, login: { user: 'ada', password: 'right' } });
    const error: unknown = await ada.head('clocks', '1').catch((caught: unknown) => caught);
    expect(error).toEqual(fault('clock'));
    expect(error).toMatchObject({
      facts: { words: expect.stringMatching(`is 10 minutes ${words} the registry`) as string },
    });
    // A wrong password is one, whatever the time.
    const wrong = client({ url, login: { user: 'ada', password: 'wrong' } });
    await expect(wrong.ping()).rejects.toEqual(fault('unauthorized'));
  });

  it('lets clocks differ a little', async () => {
    const near = await startTokenServer({ users: {}, anonymousPull: true, clockMs: 30_000 });
    endings.push(near.stop);
    const { url } = await registry({ token: near });
    expect(await client({ url }).head('clocks', '1')).toBeUndefined();
  });
});

it('copies between a registry with tokens and one with a password and a private authority', async () => {
  const tokens = await startTokenServer({ users: { ada: { password: 'right' } }, seconds: 1 });
  endings.push(tokens.stop);
  const tls = testCa();
  const [source, target] = [
    await registry({ token: tokens }),
    await registry({ tls, htpasswd: { bob: 'too' } }),
  ];
  const from = client({ url: source.url, login: { user: 'ada', password: 'right' } });
  const to = client({ url: target.url, ca: tls.certificate, login: { user: 'bob', password: 'too' } });
  const image = await pushImage(from, { repository: 'a', tag: '1' }, [
    testBlob(5_000_000),
    testBlob(200_000),
  ]);
  const there = { registry: to, repository: 'b', reference: '1' };
  const copy = () => copyArtifact({ registry: from, repository: 'a', reference: '1' }, there);
  expect(await copy()).toMatchObject({ digest: image.digest, outcome: 'copied', blobsSent: 3 });
  expect(await copy()).toMatchObject({ digest: image.digest, outcome: 'unchanged' });
});

describe('what goes wrong on the way', () => {
  it('goes on when the target is killed in the middle and comes back', async () => {
    const [source, target] = [await registry(), await registry()];
    const [from, to] = [client({ url: source.url }), client({ url: target.url })];
    const layers = [testBlob(30_000_000), testBlob(1_000_000)];
    const image = await pushImage(from, { repository: 'app', tag: '1' }, layers);
    let killed: Promise<void> | undefined;
    const report = await copyArtifact(
      { registry: from, repository: 'app', reference: '1' },
      { registry: to, repository: 'app', reference: '1' },
      {
        progress: (done) => {
          if (done > 3_000_000) killed ??= target.restart();
        },
      },
    );
    await killed;
    expect(killed).toBeDefined();
    expect(report.digest).toBe(image.digest);
    for (const layer of layers) {
      expect(sha256(await bytesOf(await to.blob('app', layer.digest)))).toBe(layer.digest);
    }
  });

  it('goes on when the source is killed in the middle and comes back', async () => {
    const [source, target] = [await registry(), await registry()];
    const [from, to] = [client({ url: source.url }), client({ url: target.url })];
    await pushImage(from, { repository: 'app', tag: '1' }, [testBlob(30_000_000)]);
    let killed: Promise<void> | undefined;
    const report = await copyArtifact(
      { registry: from, repository: 'app', reference: '1' },
      { registry: to, repository: 'app', reference: '1' },
      {
        progress: (done) => {
          if (done > 3_000_000) killed ??= source.restart();
        },
      },
    );
    await killed;
    expect(killed).toBeDefined();
    expect(report).toMatchObject({ outcome: 'copied', blobsSent: 2 });
  });

  it('leaves no name when it is cancelled, and sends only what is missing the next time', async () => {
    const [source, target] = [await registry(), await registry()];
    const [from, to] = [client({ url: source.url }), client({ url: target.url })];
    const [large, small] = [testBlob(20_000_000), testBlob(1_000_000)];
    await pushImage(from, { repository: 'app', tag: '1' }, [large, small]);
    const stop = new AbortController();
    const held = heldBack(from, 5_000_000, large.digest);
    const there = { registry: to, repository: 'app', reference: '1' };
    const cancelled = copyArtifact({ registry: held.registry, repository: 'app', reference: '1' }, there, {
      signal: stop.signal,
      parallel: 2,
    });
    await vi.waitFor(async () => expect(await to.hasBlob('app', small.digest)).toBe(small.size), 30_000);
    stop.abort(new Error('enough'));
    await expect(cancelled).rejects.toEqual(fault('cancelled'));
    expect(await to.head('app', '1')).toBeUndefined();
    const report = await copyArtifact({ registry: from, repository: 'app', reference: '1' }, there);
    expect(report.blobsSent + report.blobsThere).toBe(3);
    expect(report.blobsThere).toBeGreaterThanOrEqual(1);
  });

  it('tells a full disk at the target, and leaves no name there', async () => {
    const [source, target] = [await registry(), await registry({ diskBytes: 8 * 2 ** 20 })];
    const [from, to] = [client({ url: source.url }), client({ url: target.url })];
    await pushImage(from, { repository: 'app', tag: '1' }, [testBlob(20_000_000)]);
    const copy = copyArtifact(
      { registry: from, repository: 'app', reference: '1' },
      { registry: to, repository: 'app', reference: '1' },
    );
    await expect(copy).rejects.toEqual(fault('noSpace'));
    expect(await to.head('app', '1')).toBeUndefined();
  });

  it('tells at once that nobody is there', async () => {
    await expect(client({ url: 'http://127.0.0.1:9' }).ping()).rejects.toEqual(fault('unreachable'));
    await expect(client({ url: 'http://registry.invalid' }).ping()).rejects.toEqual(fault('dns'));
  });
});

describe('streams that are read once', () => {
  it('are stored under the digest they turn out to have', async () => {
    const { url } = await registry();
    const to = client({ url });
    for (const blob of [testBlob(0), testBlob(70_000), testBlob(20_000_000)]) {
      const half = Math.ceil(blob.size / 2);
      const parts = [blob.bytes.subarray(0, half), blob.bytes.subarray(half)];
      const stored = await to.streamBlob('streams', Readable.from(parts));
      expect(stored).toEqual({ digest: blob.digest, size: blob.size });
      expect(await to.hasBlob('streams', blob.digest)).toBe(blob.size);
    }
  });

  it('are refused when they are not what was expected', async () => {
    const { url } = await registry();
    const to = client({ url });
    const blob = testBlob(10_000_000);
    const other = testBlob(10);
    const sent = to.streamBlob('streams', Readable.from([blob.bytes]), { expected: other });
    await expect(sent).rejects.toEqual(fault('wrongDigest'));
    const broken = Readable.from(
      (function* source() {
        yield blob.bytes.subarray(0, 9_000_000);
        throw new Error('the archive ended');
      })(),
    );
    await expect(to.streamBlob('streams', broken)).rejects.toThrow('the archive ended');
    expect(await to.hasBlob('streams', blob.digest)).toBeUndefined();
  });
});

it('lists, and deletes', async () => {
  const { url } = await registry();
  const at = client({ url });
  const image = await pushImage(at, { repository: 'a/lists', tag: '1' }, [testBlob(10)]);
  const manifest = await at.manifest('a/lists', '1');
  if (!manifest) throw new RegistryError('notFound', 'a/lists:1');
  for (const tag of ['2', '3']) {
    await at.putManifest('a/lists', tag, manifest.descriptor.mediaType, manifest.bytes);
  }
  expect((await at.tags('a/lists')).toSorted()).toEqual(['1', '2', '3']);
  expect(await at.tags('a/nothing')).toEqual([]);
  expect(await at.repositories('a/')).toEqual(['a/lists']);
  await at.deleteManifest('a/lists', image.digest);
  await at.deleteManifest('a/lists', image.digest);
  expect(await at.head('a/lists', '1')).toBeUndefined();
});
