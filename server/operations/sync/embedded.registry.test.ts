import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRegistry, type TestRegistry } from '../../../e2e/stacks/registry';
import { imageArchive } from '../../containers/archive/write-archive';
import { copyArtifact } from '../../oci/copy-artifact';
import type { Registry } from '../../oci/oci';
import { openRegistry } from '../../oci/open-registry';
import { pushImage, sha256, testBlob } from '../../oci/testing';
import { edgeGalleryTree, manifestFor, writeTree, type Tree } from '../../packages/csar/foreign-fixture';
import { testRegistries } from '../../registries/testing';
import { memoryStore, testRelease, testSync } from './testing';

const dir = mkdtempSync(join(tmpdir(), 'edgeyard-embedded-'));
let operations: TestRegistry;
let client: Registry;
let ours: Awaited<ReturnType<typeof testRegistries>>;
let store: ReturnType<typeof memoryStore>;
let room: ReturnType<typeof testSync>;

/** An image as `docker save` writes it. */
async function saved(name: string, size: number): Promise<{ digest: string; tar: Buffer }> {
  const { digest } = await pushImage(client, { repository: 'elsewhere', tag: 'x' }, [testBlob(size)]);
  const { content } = await imageArchive(
    client,
    { repository: 'elsewhere', digest, name },
    new AbortController().signal,
  );
  return { digest, tar: Buffer.concat((await content.toArray()) as Buffer[]) };
}

/** Puts a package with these archives on the store's shelf; the store tells of no image where it lies. */
async function publish(version: string, archives: Tree, images: { name: string; swImage: string }[]) {
  const release = await testRelease(dir, { version, publishedAt: store.releases.length });
  const rows = images.map((image) => ({ ...image, version: '1', checksum: '2', architecture: 'X86' }));
  const { 'vm_test.mf': _manifest, ...tree } = await edgeGalleryTree('true');
  const files: Tree = { ...tree, ...archives, 'Image/SwImageDesc.json': JSON.stringify(rows) };
  await writeTree(release.path, { ...files, 'vm_test.mf': manifestFor(files) });
  const bytes = readFileSync(release.path);
  const located = images.map(({ name }) => ({ name, digest: null, artifact: null }));
  store.releases.push({ ...release, digest: sha256(bytes), size: bytes.length, images: located });
  await room.refresh();
}
const imagesOf = (version: string) =>
  room.sync.releases({}).find((release) => release.version === version)?.images ?? [];

beforeAll(async () => {
  operations = await startRegistry();
  client = openRegistry({ url: operations.url });
  ours = await testRegistries({
    operations: { config: { url: operations.url, prefix: '' }, password: undefined },
  });
  store = memoryStore([]);
  room = testSync(store.source, { registries: ours.room, copyArtifact });
  await room.sync.open();
});

afterAll(async () => {
  await room.close();
  await client.close();
  await ours.close();
  await operations.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe('images that lie in the package', () => {
  it('are sent into the registry out of it, packed or not, and are in step then', async () => {
    const web = await saved('registry.example/team/web:1', 200_000);
    const db = await saved('db:1', 30_000);
    await publish('1.0', { 'Image/web.tar': web.tar, 'Image/db.tar.gz': gzipSync(db.tar) }, [
      { name: 'team/web', swImage: 'Image/web.tar' },
      { name: 'db', swImage: 'Image/db.tar.gz' },
    ]);
    const job = await room.syncVersion('1.0');
    expect(job).toMatchObject({ state: 'done', error: undefined });
    const images = imagesOf('1.0');
    expect(images.map(({ artifact }) => artifact?.digest)).toEqual([web.digest, db.digest]);
    for (const { artifact } of images)
      expect(await client.head(artifact?.repository ?? '', artifact?.tag ?? '')).toMatchObject({
        digest: artifact?.digest,
      });
    expect((await room.syncVersion('1.0')).result).toMatchObject({ unchanged: true, bytesMoved: 0 });
  });

  it('are not sent again with another package that has them', async () => {
    const web = await saved('team/web:1', 150_000);
    const archive = { 'Image/web.tar': web.tar };
    const named = [{ name: 'team/web', swImage: 'Image/web.tar' }];
    await publish('2.0', archive, named);
    await room.syncVersion('2.0');
    await publish('3.0', { ...archive, 'Artifacts/Docs/news.md': '# News' }, named);
    operations.forget();
    const job = await room.syncVersion('3.0');
    expect(job.state).toBe('done');
    expect(imagesOf('3.0')[0]?.artifact?.digest).toBe(web.digest);
    const packed = store.releases.at(-1)?.size ?? 0;
    expect((job.result as { bytesMoved: number }).bytesMoved).toBe(packed);
    expect(operations.requests().filter(({ method }) => method === 'POST' || method === 'PATCH')).toEqual([]);
  });

  it('are left where they are when they are disks', async () => {
    await publish('5.0', { 'Image/disk.zip': 'a disk' }, [{ name: 'disk', swImage: 'Image/disk.zip' }]);
    const job = await room.syncVersion('5.0');
    expect(job.state).toBe('done');
    expect(imagesOf('5.0').map(({ artifact }) => artifact)).toEqual([null]);
    const said = room.jobs.log(job.id).map(({ line }) => (typeof line === 'string' ? line : line.key));
    expect(said).toContain('sync.log.notHeld');
  });

  it('that are no archive fail the sync, and leave nothing', async () => {
    await publish('4.0', { 'Image/web.tar': 'nonsense' }, [{ name: 'web', swImage: 'Image/web.tar' }]);
    expect((await room.syncVersion('4.0')).error).toMatchObject({ code: 'invalid' });
    expect(imagesOf('4.0')).toEqual([]);
  });
});
