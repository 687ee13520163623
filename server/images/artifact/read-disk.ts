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

/** A disk file as the guest sees it: read by range, its clusters unpacked by QEMU. */
export interface RawDisk {
  /** Bytes a guest sees. */
  readonly virtualSize: number;
  /** Any range, also beyond 4 GiB; several at once. @throws Problem `failed`, `cancelled` */
  read(at: number, length: number): Promise<Buffer>;
  /** Ranges that may hold something; what lies between is known to be zeros. In order. */
  used(): Promise<DiskRange[]>;
  close(): void;
}

export interface OpenDisk {
  format: 'qcow2' | 'raw';
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
  const { format, signal } = options;
  if (signal?.aborted) throw new Problem('cancelled', 'problems.cancelled');
  const folder = mkdtempSync(join(tmpdir(), 'edgeyard-nbd-'));
  const child = startNbd(file, join(folder, 'nbd'), format);
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
  try {
    const nbd = await reach(join(folder, 'nbd'), ['base:allocation'], child);
    const orProblem = <T>(work: Promise<T>) =>
      work.catch((error: unknown) => {
        throw fail(error);
      });
    return {
      virtualSize: nbd.size,
      read: (at, length) => orProblem(nbd.read(at, length)),
      used: () => orProblem(rangesOf(nbd, 'base:allocation', ({ flags }) => (flags & allocation.zero) === 0)),
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

function startNbd(file: string, socket: string, format: OpenDisk['format']): NbdChild {
  // In an option list a comma separates; a doubled one is the character.
  const named = `driver=${format},file.driver=file,file.filename=${file.replaceAll(',', ',,')}`;
  // It must not name another file that it is laid over.
  const alone = format === 'qcow2' ? ',backing=' : '';
  const child = spawn(
    'prlimit',
    [
      `--as=${4 * 2 ** 30}`,
      '--core=0',
      '--',
      'qemu-nbd',
      '--read-only',
      `--socket=${socket}`,
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
