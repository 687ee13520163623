import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { breakingOff, testDisk } from '../../images/taken/testing-disks';
import { diskCacheContract } from '../disk-cache-contract';
import { openStackDiskCache } from './disk-cache';
import { findImage, listImages, makeImage } from './glance';
import { imageOffers } from './image-offers';
import { openProject, type TestingProject } from './testing-project';
import { openCloud } from './session';
import type { Cloud } from './cloud';
import { removeServer, testServer } from './testing-images';
import { uploadOwner } from './upload-owner';

const nothing = {
  list: () => Promise.resolve([]),
  path: () => Promise.reject(new Error('no images of ours')),
};

const copiesIn = (cloud: Cloud, digest: string) =>
  listImages(cloud, { edgeyard_artifact: digest }, undefined);

diskCacheContract('OpenStack', async () => {
  const project = await openProject();
  const { cloud } = project;
  return {
    cache: openStackDiskCache(cloud),
    disk: () => testDisk(),
    breakingOff,
    images: () => imageOffers(cloud, nothing, undefined),
    use: async (imageId) => {
      const server = await testServer(cloud, imageId);
      return () => removeServer(cloud, server);
    },
    leftovers: async ({ digest }) => (await copiesIn(cloud, digest)).map(({ id }) => id),
    close: () => project.close(),
  };
});

describe('a disk in glance', () => {
  let bench: TestingProject;
  beforeAll(async () => {
    bench = await openProject();
  });
  afterAll(() => bench.close());

  it('is one, whichever session brings it', async () => {
    const other = openCloud(bench.access);
    const disk = await testDisk();
    const brought = await Promise.all(
      [bench.cloud, other].map((cloud) => openStackDiskCache(cloud).bring(disk, {})),
    );
    await other.close();
    expect(new Set(brought.map(({ imageId }) => imageId)).size).toBe(1);
    expect(await copiesIn(bench.cloud, disk.digest)).toHaveLength(1);
  });

  it('takes the place of what a dead process left, half or not proved', async () => {
    const { cloud } = bench;
    const disk = await testDisk();
    const [host] = uploadOwner.split(' ');
    const half = await makeImage(
      cloud,
      {
        name: disk.name,
        disk_format: 'qcow2',
        container_format: 'bare',
        edgeyard_artifact: disk.digest,
        edgeyard_owner: `${host} ${process.pid} earlier`,
      },
      undefined,
    );
    const cache = openStackDiskCache(cloud);
    const first = await cache.bring(disk, {});
    expect(await findImage(cloud, half.id, undefined)).toBeUndefined();
    const image = await findImage(cloud, first.imageId, undefined);
    expect(image).toMatchObject({ size: disk.qcow2.size, edgeyard_proved: image?.checksum, min_disk: 1 });
  });
});
