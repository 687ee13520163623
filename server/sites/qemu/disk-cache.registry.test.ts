import { readdirSync } from 'node:fs';
import { startRegistry } from '@/e2e/stacks/registry';
import { openDiskSource } from '../../images/taken/disk-source';
import { breakingRegistry, pushTestDisk } from '../../images/taken/testing-disks';
import type { ArtifactPlace } from '../../images/taken/take-artifact';
import { openTestImages } from '../../images/testing';
import { openRegistry } from '../../oci/open-registry';
import type { DiskSource } from '../disk-cache';
import { diskCacheContract } from '../disk-cache-contract';
import { qemuDiskCache } from './disk-cache';

diskCacheContract('QEMU', async () => {
  const server = await startRegistry();
  const registry = openRegistry({ url: server.url });
  const room = await openTestImages();
  const { images } = room;
  const places = new Map<string, ArtifactPlace>();
  let jobs = 0;
  const source = (place: ArtifactPlace): Promise<DiskSource> => {
    jobs += 1;
    const pull = () => Promise.resolve({ address: server.address, plainHttp: true });
    return openDiskSource(images, place, { name: 'sensor', jobId: `job_${jobs}`, pull }, undefined);
  };
  return {
    cache: qemuDiskCache({
      held: (digests) => images.heldArtifacts(digests),
      drop: (digest) => images.dropTaken(digest),
    }),
    disk: async () => {
      const place = await pushTestDisk(registry, server.address);
      places.set(place.digest, place);
      return source(place);
    },
    breakingOff: (disk) => {
      const place = places.get(disk.digest);
      if (!place) throw new Error('no disk of this bench');
      const broken = { ...place, registry: breakingRegistry(registry) };
      return {
        ...disk,
        takeIn: ({ signal = new AbortController().signal, ...call }) =>
          images.takeArtifact(broken, { name: disk.name, jobId: 'job_broken' }, { ...call, signal }),
      };
    },
    images: () => images.library.list(),
    use: () => {
      room.uses.push({ kind: 'vm', id: 'vm', name: 'vm-1', projectId: 'p' });
      return Promise.resolve(() => {
        room.uses.length = 0;
        return Promise.resolve();
      });
    },
    leftovers: async ({ digest }) => {
      const held = await images.heldArtifacts([digest]);
      return [...held.values(), ...readdirSync(images.workFolder)];
    },
    close: async () => {
      await room.close();
      await registry.close();
      await server.stop();
    },
  };
});
