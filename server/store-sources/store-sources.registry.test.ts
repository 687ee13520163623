import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { testCa, type TestCa } from '../../e2e/stacks/certificates';
import { copyArtifact } from '../oci/copy-artifact';
import { sha256, testBlob } from '../oci/testing';
import { operator, testSync } from '../operations/sync/testing';
import { admin, testRegistries } from '../registries/testing';
import { storeSources } from './open-source';
import { testStore } from './testing';

/** Two Edgeyards: one plays the store, the other operations; each with a real registry of its own. */
let theirs: Awaited<ReturnType<typeof testRegistries>>;
let ours: Awaited<ReturnType<typeof testRegistries>>;
let far: Awaited<ReturnType<typeof testStore>>;
let room: ReturnType<typeof testSync>;
let ca: TestCa;
/** The login with the least right: it may pull the store's images, and nothing else. */
let robot: { user: string; secret: string };
const big = testBlob(200_000);

beforeAll(async () => {
  [theirs, ours] = await Promise.all([testRegistries(), testRegistries()]);
  await vi.waitFor(() => theirs.room.of('store'), { timeout: 20_000 });
  await vi.waitFor(() => ours.room.of('operations'), { timeout: 20_000 });
  ca = testCa();
  const { certificateFile, keyFile } = ca.issue(['127.0.0.1']);
  far = await testStore(theirs, { cert: readFileSync(certificateFile), key: readFileSync(keyFile) });
  robot = theirs.room.robots.create(admin, { name: 'sync', role: 'store', right: 'pull' });
  await far.publish('1.0', [await far.image('a/web', '1', [big]), await far.image('db', '1', [big])]);
  room = testSync(theirsAsOwn(), {
    registries: ours.room,
    copyArtifact,
    openSource: (access) => storeSources(far.store, theirs.room)(access),
  });
  room.jobs.run();
});

afterAll(async () => {
  await room.close();
  await far.close();
  await Promise.all([theirs.close(), ours.close()]);
});

/** Not asked: sources are opened by their kind. */
function theirsAsOwn() {
  return storeSources(
    far.store,
    theirs.room,
  )({ kind: 'own', url: '', ca: undefined, token: undefined, registry: undefined, registryLogin: undefined });
}

const settled = async (storeId: string) => {
  const [job] = room.jobs.list({ subject: { type: 'store', id: storeId }, limit: 1 });
  return await room.jobs.settled(job?.id ?? '');
};
const releaseOf = (storeId: string, version: string) => {
  const found = room.sync.releases({ storeId }).find((release) => release.version === version);
  if (!found) throw new Error('no release');
  return found;
};
const syncOf = async (storeId: string, version: string) => {
  const [job] = room.sync.start(operator, { releaseIds: [releaseOf(storeId, version).id] });
  return await room.jobs.settled(job?.id ?? '');
};

/** Their registry, as an administrator sets it for a store. */
async function setRegistry() {
  const { registry } = await theirs.room.of('store');
  return { url: registry.url, prefix: 'store', user: robot.user };
}

describe('the store of another Edgeyard', () => {
  let id = '';

  it('is refused while its certificate is of an unknown authority', async () => {
    const made = room.sync.stores.create(operator, {
      kind: 'edgeyard',
      name: 'Far',
      url: far.url,
      rules: [],
      everyMinutes: null,
      token: 'reader',
      registryUser: robot.user,
      registryPassword: robot.secret,
    });
    ({ id } = made);
    expect(await settled(id)).toMatchObject({ state: 'failed', error: { key: 'sync.errors.storeTls' } });
    expect(room.sync.stores.list().find((store) => store.id === id)?.problem).toMatchObject({
      key: 'sync.errors.storeTls',
      params: { host: new URL(far.url).host },
    });
  });

  it('is read with its CA, and its releases synced with the least right', async () => {
    room.sync.stores.update(operator, id, { ca: ca.certificate });
    room.sync.stores.refresh(operator, id);
    expect(await settled(id)).toMatchObject({ state: 'done', result: { releases: 1, started: 0 } });
    expect(releaseOf(id, '1.0')).toMatchObject({
      name: 'web',
      provider: 'ACME',
      kind: 'container',
      change: 'new',
    });
    // The store has TLS, and the registry that it names has none.
    expect(await syncOf(id, '1.0')).toMatchObject({ error: { key: 'sync.errors.registryPlain' } });
    const registry = await setRegistry();
    room.sync.stores.update(operator, id, { registry, registryPassword: robot.secret });
    const job = await syncOf(id, '1.0');
    expect(job).toMatchObject({ state: 'done', error: undefined, result: { unchanged: false } });
    const release = releaseOf(id, '1.0');
    expect(release).toMatchObject({ state: 'inSync', proof: 'verified' });
    expect(release.images).toHaveLength(2);
    const operations = await ours.room.of('operations');
    for (const { artifact, name } of release.images) {
      const at = operations.repository(artifact?.repository ?? '');
      expect(await operations.registry.head(at, artifact?.tag ?? '')).toMatchObject({
        digest: artifact?.digest,
      });
      expect(release.images.find((image) => image.name === name)?.digest).toBe(artifact?.digest);
    }
    const { path, sha256: proved } = await room.sync.packagePath(release.id);
    expect(sha256(readFileSync(path))).toBe(`sha256:${proved}`);
  });

  it('is asked once for what is unchanged', async () => {
    far.asked.length = 0;
    const job = await syncOf(id, '1.0');
    expect(job.result).toMatchObject({ unchanged: true, bytesMoved: 0 });
    expect(far.asked).toEqual([expect.stringMatching(/^HEAD \/api\/v1\/store\/releases\/[^/]+\/content$/)]);
  });

  it('tells what is new and what was taken away', async () => {
    await far.publish('2.0', [await far.image('a/web', '2', [big, testBlob(5000)])]);
    const [first] = far.store.shelf({ limit: 10, offset: 1 }).releases;
    far.store.unpublish(far.owner, first?.id ?? '');
    room.sync.stores.refresh(operator, id);
    await settled(id);
    expect(releaseOf(id, '2.0').change).toBe('changed');
    expect(releaseOf(id, '1.0').change).toBe('withdrawn');
    const again = await syncOf(id, '1.0');
    expect(again).toMatchObject({ state: 'failed', error: { key: 'sync.errors.storeMissing' } });
    expect(releaseOf(id, '1.0').state).toBe('inSync');
    const job = await syncOf(id, '2.0');
    expect(job.state).toBe('done');
    expect((job.result as { bytesMoved: number }).bytesMoved).toBeLessThan(big.size);
  });

  it('lets nobody pull with a login that was revoked', async () => {
    await far.publish('3.0', [await far.image('a/web', '3', [testBlob(7000)])]);
    room.sync.stores.refresh(operator, id);
    await settled(id);
    room.sync.stores.update(operator, id, { registryPassword: 'wrong' });
    const job = await syncOf(id, '3.0');
    expect(job).toMatchObject({ state: 'failed', error: { key: 'registries.errors.faults.unauthorized' } });
    expect(releaseOf(id, '3.0')).toMatchObject({ state: 'failed', images: [] });
    room.sync.stores.update(operator, id, { registryPassword: robot.secret });
    expect((await syncOf(id, '3.0')).state).toBe('done');
  });
});

describe('an EdgeGallery AppStore', () => {
  it('is read by its own paths, its images out of the registry that was set for it', async () => {
    const made = room.sync.stores.create(operator, {
      kind: 'edgegallery',
      name: 'Gallery',
      url: far.url,
      ca: ca.certificate,
      rules: [{ provider: '*', name: 'web', newestOnly: true }],
      everyMinutes: null,
      registry: await setRegistry(),
      registryPassword: robot.secret,
    });
    expect(await settled(made.id)).toMatchObject({ state: 'done', result: { started: 1 } });
    const [release] = room.sync.releases({ storeId: made.id }).filter(({ version }) => version === '3.0');
    await vi.waitFor(
      () => expect(room.sync.release(release?.id ?? '')).toMatchObject({ state: 'inSync', problem: null }),
      { timeout: 20_000 },
    );
    const [image] = room.sync.release(release?.id ?? '').images;
    expect(image?.artifact?.digest).toBe(image?.digest);
    // The same content came from the other store already.
    expect(room.sync.release(release?.id ?? '').jobId).not.toBeNull();
  });
});
