import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { edgeGalleryTree, writeTree } from '../../packages/csar/foreign-fixture';
import { sha256 } from '../../oci/testing';
import { packageFiles } from '../../packages/package-files';
import { releaseRepository } from '../../registries/release-names';
import type { StoreSource } from './store-source';
import { memoryStore, operator, testRelease, testSync } from './testing';

let dir: string;
let room: ReturnType<typeof testSync>;
let store: ReturnType<typeof memoryStore>;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'edgeyard-store-'));
  store = memoryStore([await testRelease(dir)]);
  room = testSync(store.source);
  await room.sync.open();
});

afterEach(async () => {
  await room.close();
  rmSync(dir, { recursive: true, force: true });
});

const problemOf = (key: string) => expect.objectContaining({ key }) as Error;
const only = () => {
  const [release] = room.sync.releases({});
  if (!release) throw new Error('no release');
  return release;
};
const packagesHere = () => readdirSync(join(room.dir, 'packages'));

describe('a sync', () => {
  it('brings package and images, and says so with the digests', async () => {
    expect(only()).toMatchObject({ state: 'notInSync', change: 'new', storeName: 'This Edgeyard' });
    const job = await room.syncVersion('1.0');
    expect(job).toMatchObject({ state: 'done', result: { unchanged: false, bytesKept: 0 } });
    const release = only();
    expect(release).toMatchObject({ state: 'inSync', change: 'inStep', proof: 'verified', problem: null });
    const places = release.images.map(({ artifact }) => artifact?.repository ?? '');
    expect(places).toEqual(['a', 'b'].map((name) => releaseRepository(release, `${name}/web`)));
    expect(room.copies).toHaveLength(2);
    const file = await room.sync.packagePath(release.id);
    expect(sha256(readFileSync(file.path))).toBe(`sha256:${file.sha256}`);
    expect(file.fileName).toBe('web-1.0.csar');
  });

  it('tells images of one name apart by their versions', async () => {
    for (const image of store.releases[0]?.images ?? []) image.name = 'web';
    const files: typeof packageFiles = {
      ...packageFiles,
      read: async (...asked) => {
        const seen = await packageFiles.read(...asked);
        const images = seen.images.map((image, n) => ({ ...image, name: 'web', version: `${n + 1}.0` }));
        return { ...seen, images };
      },
    };
    const other = testSync(store.source, { packages: { files } });
    await other.sync.open();
    await other.syncVersion('1.0');
    const tags = other.sync.releases({})[0]?.images.map(({ artifact }) => artifact?.tag);
    expect(tags).toEqual(['1.0-111111111111', '2.0-222222222222']);
    await other.close();
  });

  it('does nothing at once when nothing changed, with the proof in its log', async () => {
    await room.syncVersion('1.0');
    store.asked.length = 0;
    room.copies.length = 0;
    const job = await room.syncVersion('1.0');
    expect(job.result).toMatchObject({ unchanged: true, bytesMoved: 0 });
    expect(job.steps.map(({ state }) => state)).toEqual(['done', 'skipped', 'skipped', 'skipped']);
    expect(store.asked).toEqual(['digest']);
    expect(room.copies).toEqual([]);
    const { digest } = only();
    expect(room.jobs.log(job.id).map(({ line }) => line)).toContainEqual({
      key: 'sync.log.unchanged',
      params: expect.objectContaining({ store: digest, held: digest, images: 2 }) as object,
    });
  });

  it('asked twice at once is one job', async () => {
    const { id } = only();
    const first = room.sync.start(operator, { releaseIds: [id, id] });
    const second = room.sync.start(operator, { releaseIds: [id] });
    expect(new Set([...first, ...second].map((job) => job.id)).size).toBe(1);
    expect(only().state).toBe('syncing');
    const [job] = first;
    if (job) await room.done(job);
    expect(store.asked.filter((what) => what === 'download')).toHaveLength(1);
  });

  it('of a package with a changed file fails, names the file and keeps nothing', async () => {
    const [release] = store.releases;
    if (!release) throw new Error('no release');
    await writeTree(release.path, {
      ...(await edgeGalleryTree('true')),
      'Artifacts/ChangeLog.txt': 'forged',
    });
    const bytes = readFileSync(release.path);
    Object.assign(release, { digest: sha256(bytes), size: bytes.length });
    await room.refresh();
    const job = await room.syncVersion('1.0');
    const problem = {
      key: 'sync.errors.unverified',
      params: { file: 'Artifacts/ChangeLog.txt', rule: 'hashMismatch' },
    };
    expect(job).toMatchObject({ state: 'failed', error: problem });
    expect(only()).toMatchObject({ state: 'failed', images: [], problem });
    expect(packagesHere()).toEqual([]);
    expect(room.held.size).toBe(0);
  });

  it('of other bytes than the store names fails before anything is looked at', async () => {
    const [release] = store.releases;
    if (release) appendFileSync(release.path, 'more');
    const job = await room.syncVersion('1.0');
    expect(job.error?.key).toBe('sync.errors.digestDiffers');
    expect(packagesHere()).toEqual([]);
  });

  it('that fails leaves what was in sync before', async () => {
    await room.syncVersion('1.0');
    store.down = true;
    const job = await room.syncVersion('1.0');
    expect(job).toMatchObject({ state: 'failed', error: { key: 'sync.errors.storeUnreachable' } });
    expect(only()).toMatchObject({ state: 'inSync', problem: { key: 'sync.errors.storeUnreachable' } });
    expect(room.held.size).toBe(2);
    await room.sync.packagePath(only().id);
  });

  it('that is cancelled before it began leaves a release as it was', async () => {
    const [job] = room.sync.start(operator, { releaseIds: [only().id] });
    if (!job) throw new Error('no job');
    room.jobs.cancel(job.id);
    expect((await room.done(job)).state).toBe('cancelled');
    expect(only()).toMatchObject({ state: 'notInSync', problem: null });
  });

  it('that comes while another is being cancelled says so, and can be tried again', async () => {
    const { id } = only();
    const [first] = room.sync.start(operator, { releaseIds: [id] });
    if (!first) throw new Error('no job');
    room.jobs.cancel(first.id);
    const [second] = room.sync.start(operator, { releaseIds: [id] });
    if (!second) throw new Error('no job');
    expect((await room.done(second)).state).toBe('failed');
    expect(only()).toMatchObject({ state: 'failed', problem: { key: 'sync.errors.busy' } });
    await room.done(first);
    expect(await room.syncVersion('1.0')).toMatchObject({ state: 'done' });
    expect(only()).toMatchObject({ state: 'inSync', problem: null });
  });
});

describe('what is held', () => {
  it('is refused once somebody changed the file, and mended by another sync', async () => {
    await room.syncVersion('1.0');
    const { id } = only();
    const { path } = await room.sync.packagePath(id);
    const before = readFileSync(path);
    const changed = Buffer.from(before);
    changed[100] = (changed[100] ?? 0) ^ 1;
    writeFileSync(path, changed);
    await expect(room.sync.packagePath(id)).rejects.toThrow(problemOf('sync.errors.changedHere'));
    expect(only()).toMatchObject({ state: 'failed', problem: { key: 'sync.errors.changedHere' } });
    expect((await room.syncVersion('1.0')).result).toMatchObject({ unchanged: false });
    expect(readFileSync((await room.sync.packagePath(id)).path).equals(before)).toBe(true);
  });

  it('goes when it is removed: the package, and images that no other release has', async () => {
    store.releases.push(await testRelease(dir, { version: '2.0', publishedAt: 2 }));
    await room.refresh();
    await room.syncVersion('1.0');
    await room.syncVersion('2.0');
    expect(packagesHere()).toHaveLength(2);
    const [second, first] = room.sync.releases({});
    const [image] = first?.images ?? [];
    const at = `operations/${image?.artifact?.repository}`;
    expect(room.uses(at, image?.artifact?.digest ?? '').map(({ name }) => name)).toEqual([
      'web 1.0',
      'web 2.0',
    ]);
    await room.sync.remove(operator, first?.id ?? '');
    expect(packagesHere()).toHaveLength(1);
    expect(room.held.size).toBe(2);
    await room.sync.remove(operator, second?.id ?? '');
    expect(packagesHere()).toEqual([]);
    expect(room.held.size).toBe(0);
    expect(room.sync.releases({}).map(({ state }) => state)).toEqual(['notInSync', 'notInSync']);
  });

  it('is not deployed before it is in sync', async () => {
    await expect(room.sync.text(only().id)).rejects.toThrow(problemOf('sync.errors.notHeld'));
    await room.syncVersion('1.0');
    expect(await room.sync.text(only().id)).toMatchObject({ kind: 'manifests' });
    await expect(room.sync.topology(only().id)).rejects.toThrow(problemOf('sync.errors.notVms'));
  });
});

describe('the catalogue', () => {
  it('tells what is new, what is newer, and what was withdrawn', async () => {
    await room.syncVersion('1.0');
    store.releases.push(await testRelease(dir, { version: '2.0', publishedAt: 2 }));
    store.releases.push(await testRelease(dir, { name: 'other', version: '0.1', publishedAt: 3 }));
    await room.refresh();
    const seen = () => room.sync.releases({}).map(({ version, change }) => `${version} ${change}`);
    expect(seen()).toEqual(['0.1 new', '2.0 changed', '1.0 inStep']);
    expect(room.sync.stores.list()[0]?.counts).toEqual({ new: 1, changed: 1, inStep: 1, withdrawn: 0 });
    store.releases.splice(0, 2);
    await room.refresh();
    // What is held stays, marked; what is not is forgotten.
    expect(seen()).toEqual(['0.1 new', '1.0 withdrawn']);
    const old = room.sync.releases({ change: 'withdrawn' })[0];
    await room.sync.packagePath(old?.id ?? '');
    await room.sync.remove(operator, old?.id ?? '');
    expect(seen()).toEqual(['0.1 new']);
  });

  it('of a store that is down keeps what it said, with the reason', async () => {
    store.down = true;
    expect((await room.refresh()).state).toBe('failed');
    expect(room.sync.stores.list()[0]).toMatchObject({ problem: { key: 'sync.errors.storeUnreachable' } });
    expect(room.sync.releases({})).toHaveLength(1);
  });

  it('shows at once what is published here', async () => {
    store.releases.push(await testRelease(dir, { version: '2.0', publishedAt: 2 }));
    room.events.publish({ topic: 'app', id: 'app', audience: { everyone: true } });
    await vi.waitFor(() => expect(room.sync.releases({})).toHaveLength(2));
  });
});

describe('rules', () => {
  it('sync the newest release of what they name, once', async () => {
    store.releases.push(await testRelease(dir, { version: '2.0', publishedAt: 2 }));
    store.releases.push(await testRelease(dir, { name: 'other', version: '0.1', publishedAt: 3 }));
    room.sync.stores.update(operator, 'own', {
      rules: [{ provider: 'ac*', name: 'WEB', newestOnly: true }],
    });
    expect((await room.refresh()).result).toEqual({ releases: 3, started: 1 });
    await vi.waitFor(() =>
      expect(room.sync.releases({ state: 'inSync' }).map(({ version }) => version)).toEqual(['2.0']),
    );
    expect((await room.refresh()).result).toEqual({ releases: 3, started: 0 });
  });

  it('are followed by the schedule, also after a restart', async () => {
    const soon = { now: () => Date.now() + 10 * 60_000 };
    const later = testSync(store.source, soon, room.dir, room.db);
    later.sync.stores.update(operator, 'own', { everyMinutes: 5 });
    later.jobs.run();
    await vi.waitFor(() => expect(later.jobs.list({ kind: 'store.refresh' })).not.toEqual([]));
    await later.jobs.stop();
    await later.sync.close();
  });
});

describe('stores', () => {
  const created = () =>
    room.sync.stores.create(operator, {
      kind: 'edgeyard',
      name: 'Far',
      url: 'https://far.example/',
      token: 'eyt_secret',
      rules: [],
      everyMinutes: null,
    });

  it('keep their token to themselves, and to their address', () => {
    const { id } = created();
    expect(room.sync.stores.addresses()).toEqual(['https://far.example']);
    expect(JSON.stringify(room.sync.stores.list())).not.toContain('eyt_secret');
    expect(room.sync.stores.list()[1]).toMatchObject({ url: 'https://far.example', hasToken: true });
    expect(() => room.sync.stores.update(operator, id, { url: 'https://else.example' })).toThrow(
      problemOf('sync.errors.tokenElsewhere'),
    );
    room.sync.stores.update(operator, id, { url: 'https://else.example', token: 'eyt_other' });
    expect(room.sync.stores.update(operator, id, { token: '' })).toMatchObject({ hasToken: false });
    expect(() => created()).toThrow(problemOf('sync.errors.nameTaken'));
  });

  it('can be removed, but not the own one', () => {
    const { id } = created();
    room.sync.stores.remove(operator, id);
    expect(room.sync.stores.list().map(({ kind }) => kind)).toEqual(['own']);
    expect(() => room.sync.stores.remove(operator, 'own')).toThrow(problemOf('sync.errors.ownStays'));
    expect(() => room.sync.stores.update(operator, 'own', { url: 'https://else.example' })).toThrow(
      problemOf('sync.errors.ownFields'),
    );
  });
});

describe('a start', () => {
  it('goes on with a sync that an earlier process was in the middle of', async () => {
    const stuck: StoreSource = {
      ...store.source,
      download: (_release, target, { signal }) =>
        new Promise((_, reject) => {
          writeFileSync(target, 'half');
          signal?.addEventListener('abort', () => reject(signal.reason as Error));
        }),
    };
    const before = testSync(stuck, {}, room.dir, room.db);
    const [job] = before.sync.start(operator, { releaseIds: [only().id] });
    before.jobs.run();
    await vi.waitFor(() => expect(packagesHere()).toHaveLength(1));
    await before.jobs.stop();
    await before.sync.close();
    await room.sync.open();
    expect(only().state).toBe('syncing');
    room.jobs.run();
    expect(await room.jobs.settled(job?.id ?? '')).toMatchObject({ state: 'done' });
    expect(only()).toMatchObject({ state: 'inSync', images: [{}, {}] });
  });

  it('clears away what an earlier process left', async () => {
    await room.syncVersion('1.0');
    const stray = join(room.dir, 'packages', `${'0'.repeat(64)}.csar`);
    writeFileSync(stray, 'stray');
    writeFileSync(join(room.dir, 'packages', 'srel_x.part'), 'half');
    await room.sync.open();
    expect(existsSync(stray)).toBe(false);
    expect(packagesHere()).toHaveLength(1);
  });

  it('reads a catalogue also when nothing can be cleared away', async () => {
    rmSync(join(room.dir, 'packages'), { recursive: true });
    expect((await room.refresh()).state).toBe('done');
    expect(room.sync.stores.list()).toMatchObject([{ problem: null }]);
  });
});
