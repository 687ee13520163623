import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRegistry, type TestRegistry } from '../../../e2e/stacks/registry';
import { copyArtifact } from '../../oci/copy-artifact';
import type { Registry } from '../../oci/oci';
import { openRegistry } from '../../oci/open-registry';
import { pushImage, testBlob, type TestBlob } from '../../oci/testing';
import type { ContainerFacts } from '../../packages/order';
import { testRegistries } from '../../registries/testing';
import { memoryStore, operator, testRelease, testSync } from './testing';

const dir = mkdtempSync(join(tmpdir(), 'edgeyard-sync-registry-'));
const big = testBlob(300_000);
const small = testBlob(20_000);
let store: TestRegistry;
let operations: TestRegistry;
let push: Registry;
let ours: Awaited<ReturnType<typeof testRegistries>>;
let source: ReturnType<typeof memoryStore>;
let room: ReturnType<typeof testSync>;

/** An image in the store's registry, as a package names it. */
async function imageOf(
  name: string,
  tag: string,
  layers: TestBlob[],
): Promise<ContainerFacts['images'][number]> {
  const { digest, mediaType } = await pushImage(push, { repository: `acme/${name}`, tag }, layers);
  const size = layers.reduce((sum, layer) => sum + layer.size, 0);
  return { name, tag, digest, mediaType, platforms: ['linux/amd64'], size };
}

beforeAll(async () => {
  [store, operations] = await Promise.all([startRegistry(), startRegistry()]);
  push = openRegistry({ url: store.url });
  const external = (url: string) => ({ config: { url, prefix: '' }, password: undefined });
  ours = await testRegistries({ store: external(store.url), operations: external(operations.url) });
  const images = [await imageOf('web', '1', [big, small]), await imageOf('db', '1', [big])];
  const at = (image: string) => `acme/${image}`;
  source = memoryStore([await testRelease(dir, { images, at })]);
  room = testSync(source.source, { registries: ours.room, copyArtifact });
  await room.sync.open();
});

afterAll(async () => {
  await room.close();
  await push.close();
  await ours.close();
  await Promise.all([store.stop(), operations.stop()]);
  rmSync(dir, { recursive: true, force: true });
});

const release = (version: string) => {
  const found = room.sync.releases({}).find((each) => each.version === version);
  if (!found) throw new Error('no release');
  return found;
};
/** Requests both registries logged; the last is logged just after its answer. */
const requests = async (count: number) => {
  const all = () =>
    [...store.requests(), ...operations.requests()].map(({ method, path }) => `${method} ${path}`);
  await expect.poll(() => all().length).toBeGreaterThanOrEqual(count);
  return all();
};
const forget = () => {
  store.forget();
  operations.forget();
};

describe('a sync between two registries', () => {
  it('brings the images under the names of the release, by digest', async () => {
    const job = await room.syncVersion('1.0');
    expect(job).toMatchObject({ state: 'done', result: { unchanged: false } });
    const client = openRegistry({ url: operations.url });
    for (const { artifact } of release('1.0').images) {
      expect(artifact?.repository).toMatch(/^acme-[0-9a-f]{8}\/web\/(web|db)$/);
      expect(await client.head(artifact?.repository ?? '', artifact?.tag ?? '')).toMatchObject({
        digest: artifact?.digest,
      });
    }
    await client.close();
    const { bytesMoved } = job.result as { bytesMoved: number };
    expect(bytesMoved).toBeGreaterThan(big.size + small.size);
    // The layer that both images have was sent once, and taken over for the second.
    expect(bytesMoved).toBeLessThan(2 * big.size);
    expect(
      operations.requests().some(({ path }) => path.includes(`mount=${encodeURIComponent(big.digest)}`)),
    ).toBe(true);
  });

  it('of what is unchanged asks the operations registry once for each image, and the store nothing', async () => {
    await room.syncVersion('1.0');
    forget();
    const job = await room.syncVersion('1.0');
    expect(job.result).toMatchObject({ unchanged: true, bytesMoved: 0 });
    const asked = await requests(2);
    expect(asked).toHaveLength(2);
    expect(asked.every((line) => /^HEAD \S+\/manifests\//.test(line))).toBe(true);
    expect(store.requests()).toEqual([]);
  });

  it('of a new version moves only the layer that changed', async () => {
    const changed = testBlob(10_000);
    const images = [await imageOf('web', '2', [big, changed]), await imageOf('db', '1', [big])];
    const at = (image: string) => `acme/${image}`;
    source.releases.push(await testRelease(dir, { version: '2.0', publishedAt: 2, images, at }));
    await room.refresh();
    expect(release('2.0').change).toBe('changed');
    forget();
    const job = await room.syncVersion('2.0');
    expect(job.state).toBe('done');
    await expect
      .poll(() => operations.requests().some(({ path }) => path.includes('/manifests/2-')))
      .toBe(true);
    const sent = operations
      .requests()
      .filter(({ method, path }) => method === 'PUT' && path.includes('/blobs/'));
    // Its configuration and its new layer.
    expect(sent).toHaveLength(2);
    const { bytesMoved } = job.result as { bytesMoved: number };
    expect(bytesMoved).toBeLessThan(release('2.0').size + changed.size + 5000);
  });

  it('frees what only the removed release had', async () => {
    const [first] = release('1.0').images;
    const client = openRegistry({ url: operations.url });
    const there = async (digest = '') =>
      (await client.head(first?.artifact?.repository ?? '', digest)) !== undefined;
    expect(await there(first?.artifact?.digest)).toBe(true);
    await room.sync.remove(operator, release('1.0').id);
    expect(await there(first?.artifact?.digest)).toBe(false);
    expect(await there(release('2.0').images[0]?.artifact?.digest)).toBe(true);
    await client.close();
  });

  it('that finds the registry down fails with its reason, and is done later', async () => {
    await operations.kill();
    const failed = await room.syncVersion('1.0');
    expect(failed).toMatchObject({ state: 'failed', error: { code: 'unavailable' } });
    expect(release('1.0')).toMatchObject({ state: 'failed', images: [] });
    await operations.restart();
    await expect
      .poll(
        () =>
          ours.room.of('operations').then(
            () => true,
            () => false,
          ),
        { timeout: 30_000 },
      )
      .toBe(true);
    expect(await room.syncVersion('1.0')).toMatchObject({ state: 'done' });
    expect(release('1.0').state).toBe('inSync');
  });
});
