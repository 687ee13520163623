/** What a Docker host's machine has. */
import { statfs } from 'node:fs/promises';
import type { WorkloadCapacity } from '../workloads';
import { asked, endpointOf, type Engine } from './engine';

const mib = 1024 ** 2;
const gib = 1024 ** 3;

/** Of `GET /info` (Docker Engine API 1.41). */
interface Info {
  Name?: string;
  NCPU?: number;
  MemTotal?: number;
  DockerRootDir?: string;
}

/**
 * Asks the engine for its machine. The engine counts no shares of CPU and memory that containers would have asked for,
 * and does not tell how big its disk is; of one on this machine the disk is looked at.
 *
 * @throws Problem `unavailable`, `forbidden`
 */
export async function readCapacity(
  engine: Engine,
  signal: AbortSignal | undefined,
): Promise<WorkloadCapacity> {
  signal?.throwIfAborted();
  // Its types do not know the signal.
  const docker: { info(options: { abortSignal?: AbortSignal }): Promise<unknown> } = engine.docker;
  const info = (await asked(engine, signal, docker.info(signal ? { abortSignal: signal } : {}))) as Info;
  const disk = await diskOf(engine.at, info.DockerRootDir);
  return {
    nodes: [
      {
        name: info.Name ?? engine.host,
        ready: true,
        reason: '',
        cpus: info.NCPU ?? 0,
        memoryMiB: Math.floor((info.MemTotal ?? 0) / mib),
        usedCpus: undefined,
        usedMemoryMiB: undefined,
        diskGiB: disk?.total,
        freeDiskGiB: disk?.free,
      },
    ],
  };
}

async function diskOf(
  endpoint: string,
  dir: string | undefined,
): Promise<{ total: number; free: number } | undefined> {
  if (dir === undefined || endpointOf({ endpoint, tls: false }).way !== 'unix') return undefined;
  try {
    const { blocks, bavail, bsize } = await statfs(dir);
    const inGib = (count: number) => Math.round(((count * bsize) / gib) * 100) / 100;
    return { total: inGib(blocks), free: inGib(bavail) };
  } catch {
    // Its folder is not to be seen from here: a socket that leads into another machine or container.
    return undefined;
  }
}
