import { Readable } from 'node:stream';
import { asking, registryProblem } from '@/server/registries/registry-problem';
import type { DiskSource } from '@/server/sites/disk-cache';
import type { PullAccess } from '@/server/sites/workloads';
import { openDisk } from '../artifact/open-disk';
import type { ArtifactPlace, TakeArtifacts, TakenFacts } from './take-artifact';

/** What is said about a disk that goes to sites. */
export interface SourceFacts extends Pick<TakenFacts, 'name' | 'jobId'> {
  /** A login that pulls it, for a site that fetches by itself. */
  pull(): Promise<PullAccess>;
}

/**
 * Opens a disk in a registry as what sites take (`DiskCache`). Reads its config, and none of its pieces.
 *
 * @throws Problem `not_found`, `invalid` for what is no disk, `registries.errors.*`
 */
export async function openDiskSource(
  takes: TakeArtifacts,
  place: ArtifactPlace,
  facts: SourceFacts,
  signal: AbortSignal | undefined,
): Promise<DiskSource> {
  const { name, jobId } = facts;
  const { address, registry, repository, digest } = place;
  signal?.throwIfAborted();
  // Its streams are read for as long as their readers want, so the signal is not for them.
  const disk = await asking(address, () => openDisk({ registry, repository, reference: digest }));
  const { os, architecture, login, cloudInit = false, minMemoryMiB = 0, virtualSize } = disk.facts;
  return {
    name,
    digest,
    os,
    architecture,
    login,
    cloudInit,
    minMemoryMiB,
    minDiskGiB: Math.ceil(virtualSize / 2 ** 30),
    virtualSize,
    qcow2: {
      size: disk.qcow2Size,
      from: (offset) =>
        Readable.from(inOurWords(disk.qcow2({ from: offset }), address), {
          objectMode: false,
          highWaterMark: 2 ** 20,
        }),
    },
    repository,
    pull: () => facts.pull(),
    wouldMove: (call) => takes.bytesToTake(place, call.signal),
    takeIn: (call) =>
      takes.takeArtifact(
        place,
        { name, jobId },
        {
          signal: call.signal ?? new AbortController().signal,
          ...(call.progress && { progress: call.progress }),
        },
      ),
  };
}

async function* inOurWords(stream: Readable, address: string): AsyncGenerator<Buffer> {
  try {
    for await (const bytes of stream as AsyncIterable<Buffer>) yield bytes;
  } catch (error) {
    throw registryProblem(error, address);
  }
}
