import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '../../problem';
import { memoryRegistries, memoryStore, operator, testRelease, testSync } from './testing';

/** Milliseconds that a busy machine may take for something small. */
const patience = 10_000;

let dir: string;
let room: ReturnType<typeof testSync>;
let store: ReturnType<typeof memoryStore>;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'edgeyard-interrupted-'));
  store = memoryStore([await testRelease(dir)]);
  room = testSync(store.source);
  await room.sync.open();
});

afterEach(async () => {
  await room.close();
  rmSync(dir, { recursive: true, force: true });
});

const only = () => {
  const [release] = room.sync.releases({});
  if (!release) throw new Error('no release');
  return release;
};
const packagesHere = () => readdirSync(join(room.dir, 'packages'));
const partOf = ({ id, digest }: { id: string; digest: string | null }) =>
  `${id}.${digest?.replace('sha256:', '')}.part`;
const downloads = () => store.asked.filter((what) => what.startsWith('download'));

describe('a package that did not come whole', () => {
  it('is taken up where it broke when the sync is tried again', async () => {
    store.cutAt = 1000;
    const failed = await room.syncVersion('1.0');
    expect(failed.error?.key).toBe('sync.errors.storeCut');
    expect(packagesHere()).toEqual([partOf(only())]);
    store.cutAt = undefined;
    room.jobs.retry(failed.id);
    const { size } = only();
    expect(await room.done(failed)).toMatchObject({
      state: 'done',
      result: { bytesMoved: size - 1000 + 2 * 4096, bytesKept: 1000 },
    });
    expect(downloads()).toEqual(['download', 'download from 1000']);
    await room.sync.packagePath(only().id);
    expect(packagesHere()).toHaveLength(1);
  });

  it('is not asked for again when it was the images that failed', async () => {
    const images = vi.spyOn(store.source, 'images');
    images.mockRejectedValueOnce(new Problem('unavailable', 'sync.errors.storeUnreachable', { host: 'x' }));
    expect((await room.syncVersion('1.0')).state).toBe('failed');
    expect((await room.syncVersion('1.0')).state).toBe('done');
    expect(downloads()).toEqual(['download']);
  });

  it('is fetched from its beginning when what came does not fit', async () => {
    store.cutAt = 1000;
    await room.syncVersion('1.0');
    store.cutAt = undefined;
    writeFileSync(join(room.dir, 'packages', partOf(only())), Buffer.alloc(1000));
    expect(await room.syncVersion('1.0')).toMatchObject({ state: 'done' });
    expect(downloads()).toEqual(['download', 'download from 1000', 'download']);
  });

  it('goes when it is cancelled, when there are other bytes at the store, and in time', async () => {
    store.cutAt = 1000;
    await room.syncVersion('1.0');
    const [release] = store.releases;
    Object.assign(release ?? {}, await testRelease(dir, { images: [] }));
    await room.refresh();
    expect(packagesHere()).toEqual([]);
    await room.syncVersion('1.0');
    const part = join(room.dir, 'packages', partOf(only()));
    await room.refresh();
    expect(existsSync(part)).toBe(true);
    const long = new Date(Date.now() - 8 * 24 * 3_600_000);
    utimesSync(part, long, long);
    await room.refresh();
    expect(packagesHere()).toEqual([]);
    await room.syncVersion('1.0');
    const [job] = room.sync.start(operator, { releaseIds: [only().id] });
    room.jobs.cancel(job?.id ?? '');
    await room.jobs.settled(job?.id ?? '');
    expect(packagesHere()).toEqual([]);
  });
});

describe('a sync that came to nothing', () => {
  it('does not call in sync what somebody changed', async () => {
    await room.syncVersion('1.0');
    const { path } = await room.sync.packagePath(only().id);
    writeFileSync(path, readFileSync(path).fill(0, 100, 200));
    store.down = true;
    await room.syncVersion('1.0');
    expect(only()).toMatchObject({ state: 'failed', problem: { key: 'sync.errors.storeUnreachable' } });
    store.down = false;
    expect((await room.syncVersion('1.0')).state).toBe('done');
    await room.sync.packagePath(only().id);
  });

  it('is cleared up to its end by the next process, also when the row is gone', async () => {
    const memory = memoryRegistries();
    let stop: (error: Error) => void = () => undefined;
    const hanging = new Promise<never>((_, reject) => {
      stop = reject;
    });
    let copies = 0;
    let cleaning = false;
    const before = testSync(
      store.source,
      {
        registries: {
          ...memory.registries,
          // Asked by the clean-up.
          of: (role) => {
            if (copies < 2) return memory.registries.of(role);
            cleaning = true;
            return hanging;
          },
          copy: async (...args) => {
            copies += 1;
            if (copies > 1) throw new Problem('unavailable', 'registries.errors.faults.unreachable');
            // Withdrawn while it is on its way.
            store.releases.length = 0;
            before.events.publish({ topic: 'app', id: 'app', audience: { everyone: true } });
            await vi.waitFor(() => expect(only().withdrawnAt).not.toBeNull(), patience);
            return await memory.registries.copy(...args);
          },
        },
      },
      room.dir,
      room.db,
    );
    const [job] = before.sync.start(operator, { releaseIds: [only().id] });
    before.jobs.run();
    await vi.waitFor(() => expect(cleaning).toBe(true), patience);
    expect(room.sync.releases({})).toEqual([]);
    const stopped = before.jobs.stop();
    stop(new Error('the process ends'));
    await stopped;
    await before.sync.close();
    expect(memory.held.size).toBe(1);
    const after = testSync(store.source, { registries: memory.registries }, room.dir, room.db);
    after.jobs.run();
    expect(await after.jobs.settled(job?.id ?? '')).toMatchObject({ state: 'failed', undoError: undefined });
    expect(memory.held.size).toBe(0);
    expect(packagesHere()).toEqual([]);
    await after.jobs.stop();
    await after.sync.close();
  });
});

describe('notices of what is published here', () => {
  it('that come together are one reading, or two', async () => {
    store.asked.length = 0;
    for (let n = 0; n < 50; n += 1)
      room.events.publish({ topic: 'app', id: `app${n}`, audience: { everyone: true } });
    store.releases.push(await testRelease(dir, { version: '2.0', publishedAt: 2 }));
    room.events.publish({ topic: 'app', id: 'last', audience: { everyone: true } });
    await vi.waitFor(() => expect(room.sync.releases({})).toHaveLength(2), patience);
    expect(store.asked.filter((what) => what === 'catalogue').length).toBeLessThanOrEqual(3);
  });
});
