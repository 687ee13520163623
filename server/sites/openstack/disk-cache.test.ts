/** The suite on a cloud in memory, and what a real glance does not do when asked. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { breakingOff, testDisk } from '../../images/taken/testing-disks';
import { diskCacheContract } from '../disk-cache-contract';
import type { Cloud } from './cloud';
import { openStackDiskCache } from './disk-cache';
import { imageOffers } from './image-offers';
import { openCloud } from './session';
import { openTestingCloud, type TestingCloud } from './testing-cloud';
import { testingGlance, type TestingGlance } from './testing-glance';
import { uploadOwner } from './upload-owner';

const nothing = {
  list: () => Promise.resolve([]),
  path: () => Promise.reject(new Error('no images of ours')),
};

diskCacheContract('glance in memory', async () => {
  const fake = await openTestingCloud();
  const glance = testingGlance(fake);
  const cloud = openCloud(fake.access, { backOffMs: 5 });
  return {
    cache: openStackDiskCache(cloud),
    disk: () => testDisk(),
    breakingOff,
    images: () => imageOffers(cloud, nothing, undefined),
    use: (imageId) => {
      glance.servers.set(imageId, ['edge-1']);
      return Promise.resolve(() => {
        glance.servers.clear();
        return Promise.resolve();
      });
    },
    leftovers: ({ digest }) =>
      Promise.resolve(
        [...glance.images.values()].filter((each) => each.edgeyard_artifact === digest).map(({ id }) => id),
      ),
    close: async () => {
      await cloud.close();
      await fake.close();
    },
  };
});

describe('a disk in glance', () => {
  let fake: TestingCloud;
  let glance: TestingGlance;
  let cloud: Cloud;
  beforeEach(async () => {
    fake = await openTestingCloud();
    glance = testingGlance(fake);
    cloud = openCloud(fake.access, { backOffMs: 5 });
  });
  afterEach(async () => {
    await cloud.close();
    await fake.close();
  });

  it('is not there when the cloud kept less of it, or other bytes', async () => {
    const disk = await testDisk();
    for (const store of [
      (size: number) => ({ status: 'active', size: size - 1 }),
      (size: number) => ({ status: 'active', size, checksum: '0'.repeat(32) }),
    ]) {
      glance.store = store;
      const brought = openStackDiskCache(cloud).bring(disk, {});
      await expect(brought).rejects.toMatchObject({ key: 'openstack.errors.uploadDiffers' });
      expect([...glance.images]).toEqual([]);
    }
  });

  it('takes the place of one that a dead process had not proved yet', async () => {
    const disk = await testDisk();
    const [host] = uploadOwner.split(' ');
    const left = {
      id: 'left',
      owner: 'p1',
      status: 'active',
      size: disk.qcow2.size,
      edgeyard_artifact: disk.digest,
      edgeyard_owner: `${host} ${process.pid} earlier`,
    };
    glance.images.set('left', left);
    const cache = openStackDiskCache(cloud);
    expect(await cache.held([disk.digest], {})).toEqual(new Map());
    const { imageId } = await cache.bring(disk, {});
    expect([...glance.images.keys()]).toEqual([imageId]);
  });

  it('is not a snapshot of a server that was made from it, nor somebody else’s image of its name', async () => {
    const disk = await testDisk();
    const marks = {
      status: 'active',
      size: disk.qcow2.size,
      edgeyard_artifact: disk.digest,
      edgeyard_proved: 'md5',
    };
    glance.images.set('snapshot', { id: 'snapshot', owner: 'p1', image_type: 'snapshot', ...marks });
    glance.images.set('foreign', { id: 'foreign', owner: 'p2', ...marks });
    const cache = openStackDiskCache(cloud);
    expect(await cache.held([disk.digest], {})).toEqual(new Map());
    expect((await cache.bring(disk, {})).bytesMoved).toBe(disk.qcow2.size);
    await cache.drop(disk.digest, {});
    expect([...glance.images.keys()]).toEqual(['snapshot', 'foreign']);
  });

  it('is asked for with one list, however many there are', async () => {
    const disks = await Promise.all([testDisk(), testDisk(), testDisk()]);
    fake.asked.length = 0;
    await openStackDiskCache(cloud).held(
      disks.map(({ digest }) => digest),
      {},
    );
    expect(fake.asked.filter(({ path }) => path.startsWith('/image'))).toHaveLength(1);
  });
});
