/** Large content without large memory: mostly zeros, with random blocks here and there. */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const chunkSize = 1024 * 1024;

export interface LargeContent {
  size: number;
  /** SHA-256 in hex. */
  sha256: string;
  /** Random blocks of 1 MiB by their offset. */
  blocks: Map<number, Buffer>;
  /** The bytes, made while they are read. */
  stream(): ReadableStream<Uint8Array>;
}

/**
 * Thinks content up.
 *
 * @param size bytes, a multiple of 1 MiB
 * @param every distance of the random blocks in bytes, likewise
 */
export function largeContent(size: number, every: number): LargeContent {
  const zeros = Buffer.alloc(chunkSize);
  const blocks = new Map<number, Buffer>();
  const hash = createHash('sha256');
  for (let at = 0; at < size; at += chunkSize) {
    if (at % every === 0) blocks.set(at, randomBytes(chunkSize));
    hash.update(blocks.get(at) ?? zeros);
  }
  const stream = () => {
    let at = 0;
    return new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          controller.enqueue(new Uint8Array(blocks.get(at) ?? zeros));
          at += chunkSize;
          if (at >= size) controller.close();
        },
      },
      { highWaterMark: 1 },
    );
  };
  return { size, sha256: hash.digest('hex'), blocks, stream };
}

/** Forgets how much memory a process has used so far; from now on `peakMemory` counts. */
export function resetPeakMemory(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** The most memory a process has used since, in MiB. */
export function peakMemory(pid: number): number {
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes) / 1024;
}
