import { afterEach, expect, it, vi } from 'vitest';
import { startRegistry } from '@/e2e/stacks/registry';
import { pushDisk } from '../../images/artifact/push-disk';
import { bufferDisk, noise } from '../../images/artifact/testing';
import { openTestImages } from '../../images/testing';
import { openRegistry } from '../../oci/open-registry';
import { openFakeSite } from '../../sites/fake/fake-site';
import { qemuDiskCache } from '../../sites/qemu/disk-cache';
import { memoryRegistry, operator, testDistributions, testEdge, testRelease } from './testing';

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});
const mib = 2 ** 20;

it('brings of a disk image’s new version only the pieces that changed', async () => {
  const server = await startRegistry();
  const registry = openRegistry({ url: server.url });
  const imagesRoom = await openTestImages();
  const { images } = imagesRoom;
  endings.push(
    server.stop,
    () => registry.close(),
    () => imagesRoom.close(),
  );
  const first = noise(50 * mib, 1);
  const second = Buffer.from(first);
  // 2 % of it, in one place.
  noise(mib, 2).copy(second, 20 * mib);
  const facts = { architecture: 'x86_64', os: 'tiny', minMemoryMiB: 64 } as const;
  const push = async (id: string, bytes: Buffer, publishedAt: number) => {
    const repository = 'operations/disks/router';
    const { digest } = await pushDisk({ disk: bufferDisk(bytes), facts, registry, repository });
    const image = { repository: 'disks/router', digest, size: bytes.length };
    return testRelease({ id, kind: 'vm', version: id, publishedAt }, [image]);
  };
  const site = {
    ...openFakeSite({ id: 'v1' }),
    diskCache: qemuDiskCache({
      held: (digests) => images.heldArtifacts(digests),
      drop: (digest) => images.dropTaken(digest),
    }),
  };
  const { room, jobs } = testDistributions({
    edges: [testEdge({ id: 'v1', runs: 'vms' })],
    releases: [await push('1.0', first, 1), await push('2.0', second, 2)],
    home: memoryRegistry(),
    sites: [site],
    ports: {
      diskSource: (place, words, call) => images.diskSource(place, words, call),
      registries: {
        of: () =>
          Promise.resolve({
            role: 'operations' as const,
            registry,
            repository: (...path: string[]) => ['operations', ...path].join('/'),
            address: server.address,
          }),
        pullAccess: () => Promise.reject(new Error('this site fetches through us')),
        revokePull: () => undefined,
        pullHolders: () => [],
      },
    },
  });
  endings.push(() => jobs.stop());
  jobs.run();
  const heldIds = async () => (await images.library.list()).map(({ id }) => id);
  const edgeIds = ['v1'];
  const distribute = async (releaseId: string) => {
    const { id } = await room.start(operator, { releaseIds: [releaseId], edgeIds });
    await vi.waitFor(() => expect(room.get(id).state).not.toBe('running'), 60_000);
    return room.get(id).cells[0];
  };

  const both = await room.plan(operator, { releaseIds: ['1.0', '2.0'], edgeIds });
  // What the two share is counted once for the edge.
  expect(both.edges[0]?.bytes ?? 0).toBeLessThan(1.1 * 51 * mib);
  expect(both.cells.map(({ bytes }) => bytes > 49 * mib)).toEqual([true, true]);
  expect(await distribute('1.0')).toMatchObject({ state: 'done', problem: null });

  const after = await room.plan(operator, { releaseIds: ['1.0', '2.0'], edgeIds });
  expect(after.cells.map(({ stand }) => stand)).toEqual(['present', 'older']);
  const planned = after.cells[1]?.bytes ?? 0;
  expect(planned).toBeLessThan(1.1 * mib);
  server.forget();
  const cell = await distribute('2.0');
  expect(cell).toMatchObject({ state: 'done', problem: null });
  expect(cell?.bytesMoved).toBeLessThan(1.1 * mib);
  const pieces = () =>
    server
      .requests()
      .filter(({ method, path, bytes }) => method === 'GET' && path.includes('/blobs/') && bytes > mib / 2);
  await expect.poll(pieces).toHaveLength(1);
  const [placed] = room.placements({ releaseId: '2.0' });
  expect(await heldIds()).toContain(placed?.images[0]?.siteImageId);

  await jobs.settled(room.withdraw(operator, '2.0', 'v1').id);
  expect(await heldIds()).not.toContain(placed?.images[0]?.siteImageId);
});
