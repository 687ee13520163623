import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Problem } from '@/server/problem';
import { allocation, connectNbd, type Extent, type NbdClient } from './nbd-client';

/** A range of a disk. */
export interface DiskRange {
  /** First byte. */
  at: number;
  /** Bytes. */
  length: number;
}

/** A disk file as the guest sees it: read by range, decompressed and put together from its overlays by QEMU. */
export interface RawDisk {
  /** Bytes a guest sees. */
  readonly virtualSize: number;
  /** Any range, also beyond 4 GiB; several at once. @throws Problem `failed`, `cancelled` */
  read(at: number, length: number): Promise<Buffer>;
  /** Ranges that may hold something; what lies between is known to be zeros. In order. */
  used(): Promise<DiskRange[]>;
  /**
   * Ranges that have changed: those the named dirty bitmap has marked; without one, those the file itself holds and not
   * what it is laid over.
   */
  changed(): Promise<DiskRange[]>;
  close(): void;
}

export interface OpenDisk {
  format: 'qcow2' | 'raw';
  /** Whether the file may name another one that it is laid over: only for files that Edgeyard itself has made. */
  backing: boolean;
  /** A persistent dirty bitmap of the file. */
  bitmap?: string | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Opens a disk file for reading by ranges, through `qemu-nbd` on a socket of our own. It ends by itself when the
 * connection does, so that nothing is left behind when this process is killed.
 *
 * @param file absolute path
 * @throws Problem `unavailable` without qemu-nbd, `failed` in its own words, `cancelled`
 */
export async function openRawDisk(file: string, options: OpenDisk): Promise<RawDisk> {
  const { bitmap, signal } = options;
  if (signal?.aborted) throw new Problem('cancelled', 'problems.cancelled');
  const folder = mkdtempSync(join(tmpdir(), 'edgeyard-nbd-'));
  const child = startNbd(file, join(folder, 'nbd'), options);
  const onAbort = () => {
    child.process.kill('SIGKILL');
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  const fail = (error: unknown) => {
    if (signal?.aborted) return new Problem('cancelled', 'problems.cancelled');
    if (error instanceof Problem) return error;
    return new Problem('failed', 'images.errors.toolFailed', {}, { detail: child.words(), cause: error });
  };
  const close = () => {
    signal?.removeEventListener('abort', onAbort);
    child.process.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  };
  const dirty = bitmap === undefined ? undefined : `qemu:dirty-bitmap:${bitmap}`;
  const contexts = ['base:allocation', 'qemu:allocation-depth', ...(dirty === undefined ? [] : [dirty])];
  try {
    const nbd = await reach(join(folder, 'nbd'), contexts, child);
    const orProblem = <T>(work: Promise<T>) =>
      work.catch((error: unknown) => {
        throw fail(error);
      });
    return {
      virtualSize: nbd.size,
      read: (at, length) => orProblem(nbd.read(at, length)),
      used: () => orProblem(rangesOf(nbd, 'base:allocation', ({ flags }) => (flags & allocation.zero) === 0)),
      changed: () =>
        // A depth of 1 is the file itself; 0 says that nobody in the chain holds the range.
        orProblem(
          dirty === undefined
            ? rangesOf(nbd, 'qemu:allocation-depth', ({ flags }) => flags === 1)
            : rangesOf(nbd, dirty, ({ flags }) => (flags & 1) !== 0),
        ),
      close() {
        nbd.close();
        close();
      },
    };
  } catch (error) {
    close();
    throw fail(error);
  }
}

interface NbdChild {
  process: ChildProcess;
  /** What it wrote to standard error. */
  words(): string;
  /** Why it could not be started, once that is known. */
  failure(): Problem | undefined;
}

function startNbd(file: string, socket: string, { format, backing, bitmap }: OpenDisk): NbdChild {
  // In an option list a comma separates; a doubled one is the character.
  const named = `driver=${format},file.driver=file,file.filename=${file.replaceAll(',', ',,')}`;
  const alone = format === 'qcow2' && !backing ? ',backing=' : '';
  const child = spawn(
    'prlimit',
    [
      `--as=${4 * 2 ** 30}`,
      '--core=0',
      '--',
      'qemu-nbd',
      '--read-only',
      '--allocation-depth',
      `--socket=${socket}`,
      ...(bitmap === undefined ? [] : [`--bitmap=${bitmap}`]),
      '--image-opts',
      `${named}${alone}`,
    ],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { NODE_ENV: process.env.NODE_ENV, PATH: process.env['PATH'], LC_ALL: 'C' },
    },
  );
  let words = '';
  let failure: Problem | undefined;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-4096);
  });
  child.once('error', (error) => {
    failure = new Problem(
      'unavailable',
      'images.errors.noQemuImg',
      {},
      { detail: error.message, cause: error },
    );
  });
  child.once('close', () => {
    failure ??= new Problem('failed', 'images.errors.toolFailed', {}, { detail: words.trim() });
  });
  return { process: child, words: () => words.trim(), failure: () => failure };
}

/** Connects as soon as the child listens: it opens the file first, which takes as long as the disk does. */
async function reach(socket: string, contexts: string[], child: NbdChild): Promise<NbdClient> {
  for (;;) {
    try {
      return await connectNbd(socket, contexts);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'ENOENT' && code !== 'ECONNREFUSED') throw error;
    }
    const failure = child.failure();
    if (failure) throw failure;
    await pause(5);
  }
}

/** Walks a context over the whole disk, and joins neighbours. */
async function rangesOf(nbd: NbdClient, context: string, wanted: (extent: Extent) => boolean) {
  const ranges: DiskRange[] = [];
  // The protocol counts lengths in 32 bits, and QEMU wants them aligned.
  const most = 2 ** 31;
  for (let at = 0; at < nbd.size;) {
    const extents = await nbd.status(context, at, Math.min(most, nbd.size - at));
    if (extents.length === 0) throw new Error(`no status at ${at}`);
    for (const extent of extents) {
      const last = ranges.at(-1);
      const length = Math.min(extent.length, nbd.size - extent.at);
      if (!wanted(extent)) {
        // Nothing to add.
      } else if (last && last.at + last.length === extent.at) last.length += length;
      else ranges.push({ at: extent.at, length });
      at = extent.at + length;
    }
  }
  return ranges;
}
