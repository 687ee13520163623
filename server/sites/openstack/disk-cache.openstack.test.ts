import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { breakingOff, diskFromFile, testDisk } from '../../images/taken/testing-disks';
import { untilLogin } from '../contract';
import { diskCacheContract } from '../disk-cache-contract';
import { openStackDiskCache } from './disk-cache';
import { findImage, listImages, makeImage } from './glance';
import { imageOffers } from './image-offers';
import { openProject, type TestingProject } from './testing-project';
import { openCloud } from './session';
import { wish } from '../wish';
import type { Cloud } from './cloud';
import { removeServer, testServer } from './testing-images';
import { openOpenStackBench, type OpenStackBench } from './testing';
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

describe('a VM made from a disk that was brought', () => {
  let bench: OpenStackBench;
  beforeAll(async () => {
    bench = await openOpenStackBench();
  });
  afterAll(() => bench.close());

  it('boots, and its image says who logs in', async () => {
    const { site } = bench;
    const tiny = join(process.env['EDGEYARD_GUESTS'] ?? '.cache/guests', 'tiny.qcow2');
    const { imageId } = (await site.diskCache?.bring(await diskFromFile(tiny, 'brought guest'), {})) ?? {
      imageId: '',
    };
    const image = (await site.offers({})).images.find(({ id }) => id === imageId);
    expect(image).toMatchObject({ name: 'brought guest', login: 'root', cloudInit: true, ours: false });
    const vm = await site.vms.create(wish(imageId, bench.wish), {});
    expect((await untilLogin(site, vm.ref)).state).toBe('running');
    await site.vms.delete(vm.ref, {});
  });
});
