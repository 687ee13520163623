import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { guest } from '../access/actor';
import type { BootProof } from '../packages/schemas';
import { edgeGalleryTree, writeTree } from '../packages/csar/foreign-fixture';
import { Problem } from '../problem';
import { developer, testPackages } from '../packages/testing';
import { openStore, type Store } from './store';
import { testStorePorts } from './testing';

const owner = developer('owner');
const stranger = developer('stranger');
const words = { type: 'Video Application', industry: 'Smart Park' };

let room: ReturnType<typeof testPackages>;
let store: Store;
let shop: ReturnType<typeof testStorePorts>;
const proofs: BootProof[] = [];

beforeEach(() => {
  room = testPackages();
  proofs.length = 0;
  shop = testStorePorts(room);
  store = openStore({
    ...shop.ports,
    images: { proofs: () => proofs, screenshot: () => join(room.dir, 'screen.png') },
  });
});
afterEach(async () => {
  await room.close();
});

async function built(version = '1.2.0', changeLog = '') {
  const job = await room.packages.build(owner, room.project.id, { version, changeLog });
  await room.done(job);
  return room.packages.get(owner, job.subject.id);
}

async function published(version?: string, notes = 'First release') {
  const { id } = await built(version);
  const job = await room.done(await store.publish(owner, id, { ...words, notes }));
  expect(job).toMatchObject({ state: 'done', error: undefined });
  return job.result as { appId: string; releaseId: string; digest: string; unchanged: boolean };
}

const contents = () => readdirSync(join(room.dir, 'store', 'content'));

describe('publishing', () => {
  it('puts the app on the shelf, with the store’s own copy of the bytes', async () => {
    const { appId, releaseId, digest } = await published();
    expect(store.search({}).apps).toMatchObject([{ id: appId, name: 'Edge Cam 摄像头', version: '1.2.0' }]);
    const app = store.app(guest, appId);
    expect(app).toMatchObject({
      readme: '# Edge Cam\n\nCounts cars.',
      mayUnpublish: false,
      bootProven: false,
    });
    expect(app.history).toMatchObject([{ id: releaseId, digest, notes: 'First release' }]);
    expect(contents()).toEqual([`${digest.replace('sha256:', '')}.csar`]);
    await room.packages.remove(owner, room.packages.list(owner, {})[0]?.id ?? '');
    expect(contents()).toHaveLength(1);
    expect(store.release(releaseId).files.length).toBeGreaterThan(5);
  });

  it('copies its images into the store’s registry and says where they lie, the package untouched', async () => {
    const { releaseId, digest } = await published();
    const { locations, images } = store.release(releaseId);
    expect(digest).toBe(store.release(releaseId).digest);
    expect(locations).toMatchObject([{ name: images[0]?.name, digest: room.image.digest }]);
    const artifact = locations[0]?.artifact;
    expect(artifact?.repository).toMatch(/^acme-[0-9a-f]{8}\/edge-cam-[0-9a-f]{8}\/debian-12-[0-9a-f]{8}$/);
    expect([...shop.held]).toEqual([`store/store/${artifact?.repository}@${room.image.digest}`]);
    const uses = (repository: string) => store.imageUses(repository, room.image.digest);
    expect(uses(`store/${artifact?.repository}`)).toMatchObject([{ kind: 'release', id: releaseId }]);
    expect(uses('store/another')).toEqual([]);
    store.unpublish(owner, releaseId);
    expect(uses(`store/${artifact?.repository}`)).toEqual([]);
  });

  it('frees an image with the last release that has it', async () => {
    const first = await published('1.0');
    const second = await published('2.0', 'Second');
    expect(shop.held.size).toBe(1);
    for (const [release, left] of [
      [first, 1],
      [second, 0],
    ] as const) {
      store.unpublish(owner, release.releaseId);
      const [job] = room.jobs.list({ kind: 'release.free', limit: 1 });
      if (job) expect(await room.done(job)).toMatchObject({ state: 'done' });
      expect(shop.held.size).toBe(left);
      expect(contents()).toHaveLength(left);
    }
    expect((await published('1.0')).unchanged).toBe(false);
    expect(shop.held.size).toBe(1);
  });

  it('takes back the images of a release that did not come to be', async () => {
    const { id } = await built('4.0');
    const { copy } = shop.ports.registries;
    shop.ports.registries.copy = async (...request) => {
      await copy(...request);
      throw new Problem('unavailable', 'registries.errors.faults.unreachable');
    };
    const job = await room.done(await store.publish(owner, id, words));
    expect(job).toMatchObject({ state: 'failed', error: { key: 'registries.errors.faults.unreachable' } });
    expect(shop.held.size).toBe(0);
    expect(contents()).toEqual([]);
  });

  it('says what the project says when nothing else is said', async () => {
    const { id } = await built();
    await room.done(await store.publish(owner, id, {}));
    expect(store.search({}).apps).toMatchObject([{ type: 'Video Application', industry: 'Smart Park' }]);
  });

  it('does the work once for two at once', async () => {
    const { id } = await built();
    const [first, second] = await Promise.all([
      store.publish(owner, id, words),
      store.publish(owner, id, words),
    ]);
    expect(second.id).toBe(first.id);
    await room.done(first);
    expect(store.search({}).total).toBe(1);
    expect(store.app(guest, store.search({}).apps[0]?.id ?? '').history).toHaveLength(1);
  });

  it('says that the same content is unchanged, also out of another package', async () => {
    const first = await published();
    const second = await published();
    expect(second).toMatchObject({ releaseId: first.releaseId, digest: first.digest, unchanged: true });
    expect(store.app(guest, first.appId).history).toHaveLength(1);
  });

  it('refuses the same version with other content, and names both digests', async () => {
    const first = await published();
    const other = await built('1.2.0', 'Other words');
    await expect(store.publish(owner, other.id, words)).rejects.toMatchObject({
      code: 'conflict',
      key: 'store.errors.versionTaken',
      params: { published: first.digest, offered: other.digest },
    });
    expect(contents()).toHaveLength(1);
  });

  it('lets one of two win that publish different content as one version, and leaves nothing of the other', async () => {
    const one = await built('2.0', 'one');
    const two = await built('2.0', 'two');
    const jobs = [await store.publish(owner, one.id, words), await store.publish(owner, two.id, words)];
    const ended = await Promise.all(jobs.map((job) => room.done(job)));
    expect(ended.map((job) => job.state)).toEqual(['done', 'failed']);
    expect(ended[1]?.error?.key).toBe('store.errors.versionTaken');
    expect(contents()).toEqual([`${(one.digest ?? '').replace('sha256:', '')}.csar`]);
  });

  it('refuses somebody else’s package and somebody else’s app', async () => {
    await published();
    const { id } = await built('3.0');
    await expect(store.publish(stranger, id, words)).rejects.toMatchObject({ code: 'not_found' });
    const target = join(room.dir, 'foreign.csar');
    const tree = await edgeGalleryTree('true');
    const manifest = String(tree['vm_test.mf'])
      .replace('app_product_name: vm_test', `app_product_name: ${room.project.name}`)
      .replace('Huawei', 'ACME');
    await writeTree(target, { ...tree, 'vm_test.mf': manifest });
    const file = { name: 'foreign.csar', size: undefined, projectId: undefined };
    const job = await room.packages.receive(stranger, file, Readable.from([readFileSync(target)]));
    await room.done(job);
    await expect(store.publish(stranger, job.subject.id, words)).rejects.toMatchObject({
      code: 'forbidden',
      key: 'store.errors.notYourApp',
    });
  });

  it('notices when the bytes are not those of the digest any more', async () => {
    const { id } = await built();
    const path = join(room.ports.dir, `${id}.csar`);
    const bytes = readFileSync(path);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const job = await room.done(await store.publish(owner, id, words));
    expect(job).toMatchObject({ state: 'failed', error: { key: 'store.errors.contentChanged' } });
    expect(contents()).toEqual([]);
    expect(store.search({}).total).toBe(0);
  });

  it('keeps what was seen of the image, with the picture', async () => {
    mkdirSync(room.dir, { recursive: true });
    writeFileSync(join(room.dir, 'screen.png'), 'picture');
    proofs.push({
      id: 'proof_1',
      siteId: 'local',
      siteName: 'Local',
      accelerator: 'tcg',
      phase: 'login',
      passed: true,
      tookMs: 5e3,
      at: 1,
      hasScreenshot: true,
    });
    const { appId } = await published();
    const app = store.app(guest, appId);
    expect(app.bootProven).toBe(true);
    expect(app.history[0]?.proofs).toMatchObject([
      { id: 'proof_1', screenshotUrl: '/api/v1/store/proofs/proof_1/screenshot' },
    ]);
    expect(existsSync(join(room.dir, 'store', 'proofs', 'proof_1.png'))).toBe(true);
  });
});

describe('after the server died', () => {
  it('goes on with a publish, and sweeps content that no release needs', async () => {
    const { id, digest } = await built();
    const job = await store.publish(owner, id, words);
    await room.jobs.stop();
    const stray = join(room.dir, 'store', 'content', `${'0'.repeat(64)}.csar`);
    writeFileSync(stray, 'left by nobody');

    const next = testPackages(room.ports.db, room.dir);
    const again = openStore({ ...testStorePorts(next).ports, dir: join(room.dir, 'store') });
    await again.open();
    const ended = await next.done(job);
    expect(ended).toMatchObject({ state: 'done', result: { digest, unchanged: false } });
    expect(again.search({}).total).toBe(1);
    // While a publish was under way nothing was swept; now it is.
    await again.open();
    expect(contents()).toEqual([`${(digest ?? '').replace('sha256:', '')}.csar`]);
    await next.jobs.stop();
  });
});

describe('taking down', () => {
  it('takes a release off the shelf, says so, and lets the same content return', async () => {
    const { appId, releaseId } = await published();
    expect(() => {
      store.unpublish(stranger, releaseId);
    }).toThrow('notYourApp');
    store.unpublish(owner, releaseId);
    expect(store.search({}).total).toBe(0);
    expect(store.search({ q: 'edge' }).total).toBe(0);
    expect(() => store.app(guest, appId)).toThrow(expect.objectContaining({ code: 'gone' }) as Error);
    expect(() => store.release(releaseId)).toThrow(expect.objectContaining({ code: 'gone' }) as Error);
    expect(() => store.app(guest, 'app_none')).toThrow(
      expect.objectContaining({ code: 'not_found' }) as Error,
    );
    expect(await published()).toMatchObject({ releaseId, unchanged: false });
    expect(store.search({ q: 'edge' }).total).toBe(1);
  });

  it('shows the release before when the newest goes', async () => {
    const first = await published('1.0');
    const second = await published('1.1', 'Second');
    expect(store.app(guest, first.appId)).toMatchObject({ version: '1.1', releases: 2 });
    store.unpublish(owner, second.releaseId);
    expect(store.app(guest, first.appId)).toMatchObject({ version: '1.0', releases: 1 });
  });
});

describe('searching', () => {
  it('finds by beginnings of words, in any field, in Chinese too', async () => {
    await published('1.0', 'Counts lorries now');
    for (const q of ['edg', 'EDGE ca', 'acm', 'bicycles', 'lorr', 'smart pa', '摄像', '像头', 'cam 摄']) {
      expect(store.search({ q }).total, q).toBe(1);
    }
    for (const q of ['dge', 'nothing', '头像', 'edge "*) OR', 'edge nothing']) {
      expect(store.search({ q }).total, q).toBe(0);
    }
  });

  it('counts for each filter what the others leave', async () => {
    await published();
    const found = store.search({ kind: 'container', industry: 'Smart Park' });
    expect(found).toMatchObject({ total: 0, apps: [] });
    expect(found.facets.kind).toEqual([{ value: 'vm', count: 1 }]);
    expect(found.facets.type).toEqual([]);
  });

  it('fills an index that was lost', async () => {
    await published();
    room.ports.db.$client.exec('DROP TABLE store_search');
    const again = openStore({
      ...shop.ports,
      dir: join(room.dir, 'again'),
      jobs: {
        ...room.ports.jobs,
        define: () => ({
          kind: '',
          start: () => {
            throw new Error('not here');
          },
        }),
      },
    });
    expect(again.search({ q: 'edge' }).total).toBe(1);
  });
});

describe('icons', () => {
  it('draws one from the name when none was given', async () => {
    const { appId } = await published();
    const icon = store.icon(appId);
    expect(icon.type).toBe('image/svg+xml');
    expect(icon.data.toString()).toContain('>EC<');
    expect(store.icon(appId).data.equals(icon.data)).toBe(true);
  });

  it('refuses a picture that is not what it says', async () => {
    const { id } = await built();
    const icon = { type: 'image/png' as const, base64: Buffer.from('<svg></svg>').toString('base64') };
    await expect(store.publish(owner, id, { ...words, icon })).rejects.toMatchObject({
      key: 'store.errors.iconType',
    });
  });
});
