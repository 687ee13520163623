import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isProblem } from '../problem';
import type { DiskCache, DiskSource } from './disk-cache';
import type { GuestImage } from './site';

/** A site's disk cache, made ready for its suite. */
export interface DiskBench {
  cache: DiskCache;
  /** A disk that no other test has: of some MiB, with a login and cloud-init. */
  disk(): Promise<DiskSource>;
  /** The same, as long as the registry breaks off in the middle of it. */
  breakingOff(disk: DiskSource): DiskSource;
  /** What VMs can be made from. */
  images(): Promise<GuestImage[]>;
  /** Has something at the site use an image; the function that comes back ends that. */
  use(imageId: string): Promise<() => Promise<void>>;
  /** Names of what is there of a disk, whole or not. */
  leftovers(disk: DiskSource): Promise<string[]>;
  close(): Promise<void>;
}

/**
 * The suite that every disk cache passes against its real system, and the fake as well.
 *
 * @param name of the site
 * @param make opens it
 */
export function diskCacheContract(name: string, make: () => Promise<DiskBench>): void {
  describe(`${name}: disks that are brought`, () => {
    let bench: DiskBench;
    const holds = async ({ digest }: DiskSource) => (await bench.cache.held([digest], {})).get(digest);

    beforeAll(async () => {
      bench = await make();
    });
    afterAll(() => bench.close());

    it('are there once they were brought, with what is known of them', async () => {
      const disk = await bench.disk();
      expect(await holds(disk)).toBeUndefined();
      expect(await bench.cache.missing?.(disk, {})).not.toBe(0);
      const seen: number[] = [];
      const progress = (done: number, total: number) => seen.push(done / total);
      const { imageId, bytesMoved } = await bench.cache.bring(disk, { progress });
      expect(bytesMoved).toBeGreaterThan(0);
      expect(seen.at(-1)).toBe(1);
      expect(await holds(disk)).toBe(imageId);
      expect((await bench.images()).find(({ id }) => id === imageId)).toMatchObject({
        format: 'qcow2',
        os: disk.os,
        login: disk.login,
        cloudInit: disk.cloudInit,
        architecture: disk.architecture,
        minMemoryMiB: disk.minMemoryMiB,
      });
    });

    it('are not brought again', async () => {
      const disk = await bench.disk();
      const first = await bench.cache.bring(disk, {});
      expect(await bench.cache.missing?.(disk, {})).toBe(0);
      const again = await bench.cache.bring(bench.breakingOff(disk), {});
      expect(again).toMatchObject({ imageId: first.imageId, bytesMoved: 0 });
      expect(again.bytesKept).toBeGreaterThan(0);
      expect(await bench.leftovers(disk)).toHaveLength(1);
    });

    it('are brought once when two ask at once', async () => {
      const disk = await bench.disk();
      const [one, other] = await Promise.all([bench.cache.bring(disk, {}), bench.cache.bring(disk, {})]);
      expect(one.imageId).toBe(other.imageId);
      expect([one, other].filter(({ bytesMoved }) => bytesMoved > 0)).toHaveLength(1);
      expect(await bench.leftovers(disk)).toHaveLength(1);
    });

    it('leave nothing when the bringing is cancelled, and can be brought after that', async () => {
      const disk = await bench.disk();
      const stop = new AbortController();
      const progress = (done: number, total: number) => {
        if (done > total / 4) stop.abort();
      };
      await expect(bench.cache.bring(disk, { signal: stop.signal, progress })).rejects.toThrow();
      expect(await bench.leftovers(disk)).toEqual([]);
      expect(await holds(disk)).toBeUndefined();
      expect((await bench.cache.bring(disk, {})).bytesMoved).toBeGreaterThan(0);
    });

    it('leave nothing when the registry breaks off, and say what it said', async () => {
      const disk = await bench.disk();
      const broken = await bench.cache.bring(bench.breakingOff(disk), {}).catch((error: unknown) => error);
      expect(isProblem(broken) && broken.key).toBe('registries.errors.faults.forbidden');
      expect(await bench.leftovers(disk)).toEqual([]);
      expect(await holds(disk)).toBeUndefined();
    });

    it('are told apart in one question', async () => {
      const [one, other] = [await bench.disk(), await bench.disk()];
      const { imageId } = await bench.cache.bring(one, {});
      const held = await bench.cache.held([one.digest, other.digest], {});
      expect([...held]).toEqual([[one.digest, imageId]]);
    });

    it('go when they are dropped, unless something uses them', async () => {
      const disk = await bench.disk();
      const { imageId } = await bench.cache.bring(disk, {});
      const end = await bench.use(imageId);
      await expect(bench.cache.drop(disk.digest, {})).rejects.toMatchObject({ code: 'conflict' });
      expect(await holds(disk)).toBe(imageId);
      await end();
      await bench.cache.drop(disk.digest, {});
      await bench.cache.drop(disk.digest, {});
      expect(await bench.leftovers(disk)).toEqual([]);
      expect(await holds(disk)).toBeUndefined();
    });
  });
}
