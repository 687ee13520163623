/** Disks in a registry in memory as sites take them, for tests of disk caches. */
import { Readable } from 'node:stream';
import { RegistryError, type Registry } from '@/server/oci/oci';
import { registryProblem } from '@/server/registries/registry-problem';
import type { DiskSource } from '@/server/sites/disk-cache';
import { pushDisk } from '../artifact/push-disk';
import { bufferDisk, memoryRegistry, noise } from '../artifact/testing';
import { openRawDisk } from '../artifact/read-disk';
import { openDiskSource } from './disk-source';
import type { ArtifactPlace, TakeArtifacts } from './take-artifact';

const mib = 2 ** 20;
let seeds = Date.now();

/** Pushes a disk of 6 MiB that no other call pushes. */
export async function pushTestDisk(
  registry: Registry,
  address = 'memory',
  repository = 'operations/acme/sensor',
): Promise<ArtifactPlace> {
  seeds += 1;
  const disk = bufferDisk(Buffer.concat([noise(4 * mib, seeds), Buffer.alloc(mib), noise(mib, seeds + 0.5)]));
  const facts = {
    architecture: 'x86_64',
    os: 'tiny',
    minMemoryMiB: 64,
    login: 'pi',
    cloudInit: false,
  } as const;
  const { digest } = await pushDisk({ disk, facts, registry, repository });
  return { registry, address, repository, digest };
}

/** What only a site on this machine asks of the images room. */
const noRoom: TakeArtifacts = {
  byArtifact: () => Promise.resolve(undefined),
  takeArtifact: () => Promise.reject(new Error('there is no images room in this test')),
  bytesToTake: () => Promise.resolve(0),
};

/** A disk that no other test has, as sites take it. */
export async function testDisk(name = 'disk-cache-test'): Promise<DiskSource> {
  const place = await pushTestDisk(memoryRegistry());
  return openDiskSource(noRoom, place, { name, jobId: 'job_test', pull: nobodyPulls }, undefined);
}

/** A registry that refuses to go on after a few blobs. */
export function breakingRegistry(registry: Registry, after = 2): Registry {
  let given = 0;
  return {
    ...registry,
    blob(...args) {
      given += 1;
      if (given > after) return Promise.reject(new RegistryError('forbidden', 'not today'));
      return registry.blob(...args);
    },
  };
}

/** A disk file as sites take it from a registry; a guest that boots, say. */
export async function diskFromFile(file: string, name: string): Promise<DiskSource> {
  const registry = memoryRegistry();
  const repository = 'operations/acme/guest';
  const disk = await openRawDisk(file, { format: 'qcow2' });
  try {
    const facts = {
      architecture: 'x86_64',
      os: 'tiny',
      minMemoryMiB: 192,
      login: 'root',
      cloudInit: true,
    } as const;
    const { digest } = await pushDisk({ disk, facts, registry, repository });
    const place = { registry, address: 'memory', repository, digest };
    return await openDiskSource(noRoom, place, { name, jobId: 'job_test', pull: nobodyPulls }, undefined);
  } finally {
    disk.close();
  }
}

const nobodyPulls = () => Promise.reject(new Error('nobody pulls it by itself'));

/** The same disk from a registry that breaks off in the middle of it. */
export function breakingOff(disk: DiskSource): DiskSource {
  async function* half(offset: number) {
    let done = 0;
    for await (const bytes of disk.qcow2.from(offset) as AsyncIterable<Buffer>) {
      done += bytes.length;
      if (done > disk.qcow2.size / 2)
        throw registryProblem(new RegistryError('forbidden', 'not today'), 'memory');
      yield bytes;
    }
  }
  const from = (offset: number) => Readable.from(half(offset), { objectMode: false });
  return { ...disk, qcow2: { ...disk.qcow2, from } };
}
