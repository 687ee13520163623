import type { Client, FileEntryWithStats, InputAttributes, SFTPWrapper, Stats } from 'ssh2';
import { Problem } from '../../problem';

/** An SFTP session with promises; it ends with its connection. */
export interface Sftp {
  /** Called when the session is over; every request after that fails. */
  onClose(listener: () => void): void;
  /** Writes a block of at most 32 KiB; `answered` gets the error of the server or of the connection. */
  write(handle: Buffer, block: Buffer, position: number, answered: (error?: Error | null) => void): void;
  /** @returns the bytes at a position, at most `length`; none at the end of the file */
  read(handle: Buffer, position: number, length: number): Promise<Buffer>;
  open(path: string, flags: number): Promise<Buffer>;
  close(handle: Buffer): Promise<void>;
  fstat(handle: Buffer): Promise<Stats>;
  /** @returns undefined when nothing is there */
  lstat(path: string): Promise<Stats | undefined>;
  stat(path: string): Promise<Stats | undefined>;
  realpath(path: string): Promise<string>;
  readdir(path: string): Promise<FileEntryWithStats[]>;
  mkdir(path: string, mode?: number): Promise<void>;
  rmdir(path: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Renames; fails when the target exists. */
  rename(from: string, to: string): Promise<void>;
  /** Renames over whatever file is there, in one step where the guest's server can. */
  replace(from: string, to: string): Promise<void>;
  fsync(handle: Buffer): Promise<void>;
  /** Bytes free for the login and bytes in all; undefined when the guest's server does not tell. */
  space(path: string): Promise<{ free: number; total: number } | undefined>;
}

/** Open flags of SFTP version 3 (draft-ietf-secsh-filexfer-02, 6.3). */
export const openFlags = { read: 0x01, write: 0x02, create: 0x08, truncate: 0x10 } as const;

/** Status codes of SFTP version 3 (draft-ietf-secsh-filexfer-02, 7). */
export const sftpStatus = { eof: 1, noSuchFile: 2, permissionDenied: 3, failure: 4 } as const;

/** The SFTP status code of an error; undefined when it is none, a broken connection say. */
export function statusOf(error: unknown): number | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'number' ? code : undefined;
}

type Reply<T> = (error: Error | null | undefined, value: T) => void;
type Done = (error?: Error | null) => void;

/**
 * Starts the guest's SFTP server on a connection.
 *
 * @throws Problem `unavailable` when the guest has none or the connection broke
 */
export async function openSftp(client: Client): Promise<Sftp> {
  const raw = await new Promise<SFTPWrapper>((resolve, reject) => {
    const fail = (error?: Error) => {
      client.off('close', onClose);
      reject(new Problem('unavailable', 'files.errors.noSftp', {}, { detail: error?.message, cause: error }));
    };
    const onClose = () => fail();
    client.once('close', onClose);
    try {
      client.sftp((error, sftp) => {
        client.off('close', onClose);
        if (error) fail(error);
        else resolve(sftp);
      });
    } catch (error) {
      fail(error instanceof Error ? error : undefined); // "Not connected"
    }
  });
  // Requests in flight fail by themselves when the session breaks; without a listener the process would die too.
  raw.on('error', () => undefined);
  return wrap(raw);
}

function wrap(raw: SFTPWrapper): Sftp {
  // ssh2 answers the requests in flight when a session breaks, but never those that are made after it.
  let over = false;
  raw.once('close', () => {
    over = true;
  });
  const ask = <T>(call: (reply: Reply<T>) => void) =>
    new Promise<T>((resolve, reject) => {
      if (over) throw sessionOver();
      call((error, value) => (error ? reject(error) : resolve(value)));
    });
  const order = (call: (done: Done) => void) =>
    new Promise<void>((resolve, reject) => {
      if (over) throw sessionOver();
      call((error) => (error ? reject(error) : resolve()));
    });
  const rename = (from: string, to: string) => order((done) => raw.rename(from, to, done));
  return {
    onClose: (listener) => {
      if (over) listener();
      else raw.once('close', listener);
    },
    write(handle, block, position, answered) {
      if (over) answered(sessionOver());
      else raw.write(handle, block, 0, block.length, position, answered);
    },
    read: (handle, position, length) =>
      ask<Buffer>((reply) => {
        const buffer = Buffer.allocUnsafe(length);
        raw.read(handle, buffer, 0, length, position, (error, count) => {
          const atEnd = error && statusOf(error) === sftpStatus.eof;
          reply(atEnd ? undefined : error, buffer.subarray(0, atEnd ? 0 : count));
        });
      }),
    open: (path, flags) => ask<Buffer>((reply) => raw.open(path, flags, reply)),
    close: (handle) => order((done) => raw.close(handle, done)),
    fstat: (handle) => ask<Stats>((reply) => raw.fstat(handle, reply)),
    lstat: (path) => unlessMissing(ask<Stats>((reply) => raw.lstat(path, reply))),
    stat: (path) => unlessMissing(ask<Stats>((reply) => raw.stat(path, reply))),
    realpath: (path) => ask<string>((reply) => raw.realpath(path, reply)),
    readdir: (path) => ask<FileEntryWithStats[]>((reply) => raw.readdir(path, reply)),
    mkdir: (path, mode = 0o755) => order((done) => raw.mkdir(path, { mode } satisfies InputAttributes, done)),
    rmdir: (path) => order((done) => raw.rmdir(path, done)),
    unlink: (path) => order((done) => raw.unlink(path, done)),
    rename,
    async replace(from, to) {
      // Plain rename of version 3 never replaces; OpenSSH's extension does, in one step.
      const extended = await order((done) => raw.ext_openssh_rename(from, to, done)).then(
        () => true,
        (error: unknown) => {
          if (isUnsupported(error)) return false;
          throw error;
        },
      );
      if (extended) return;
      await unlessMissing(order((done) => raw.unlink(to, done)));
      await rename(from, to);
    },
    fsync: (handle) =>
      order((done) => raw.ext_openssh_fsync(handle, done)).catch((error: unknown) => {
        if (!isUnsupported(error)) throw error;
      }),
    space: async (path) => {
      const answer = await ask<FileSystemNumbers>((reply) => statvfs(raw, path, reply)).catch(
        (error: unknown) => {
          if (isUnsupported(error) || statusOf(error) !== undefined) return undefined;
          throw error;
        },
      );
      return answer && { free: answer.f_bavail * answer.f_frsize, total: answer.f_blocks * answer.f_frsize };
    },
  };
}

interface FileSystemNumbers {
  f_frsize: number;
  f_blocks: number;
  f_bavail: number;
}

// The type declarations of ssh2 lack this call.
function statvfs(raw: SFTPWrapper, path: string, reply: Reply<FileSystemNumbers>): void {
  const extended = raw as unknown as {
    ext_openssh_statvfs(path: string, reply: Reply<FileSystemNumbers>): void;
  };
  extended.ext_openssh_statvfs(path, reply);
}

// The words ssh2 has for the requests in flight.
function sessionOver(): Error {
  return new Error('No response from server');
}

// ssh2 throws this before it sends anything; a server that lies about an extension answers status 8.
function isUnsupported(error: unknown): boolean {
  return statusOf(error) === 8 || (error instanceof Error && error.message.includes('does not support'));
}

async function unlessMissing<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (statusOf(error) === sftpStatus.noSuchFile) return undefined;
    throw error;
  }
}

/**
 * Says an SFTP failure in words.
 *
 * @param error what was caught; a Problem is passed through
 * @param path the path that was asked for
 */
export function fileProblem(error: unknown, path: string): Problem {
  if (error instanceof Problem) return error;
  const options = { detail: error instanceof Error ? error.message : undefined, cause: error };
  switch (statusOf(error)) {
    case sftpStatus.noSuchFile:
      return new Problem('not_found', 'files.errors.noSuchFile', { path }, { cause: error });
    case sftpStatus.permissionDenied:
      return new Problem('forbidden', 'files.errors.permission', { path }, { cause: error });
    case undefined:
      return new Problem('unavailable', 'files.errors.cut', { path }, options);
    default:
      return new Problem('failed', 'files.errors.refused', { path }, options);
  }
}
