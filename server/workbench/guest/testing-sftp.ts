/** An SFTP server on a real folder, for tests: the protocol is ssh2's, the files are true files. */
import * as fs from 'node:fs';
import { posix } from 'node:path';
import type { Attributes, FileEntry, SFTPWrapper } from 'ssh2';

/** Faults that a test turns on while it runs. */
export interface SftpFaults {
  /** Bytes the file system takes before it is full; undefined: as many as the real one. */
  room: number | undefined;
  /** Called after every write; may cut the connection. */
  afterWrite: (() => void) | undefined;
}

const ok = 0;
const eof = 1;
const noSuchFile = 2;
const permissionDenied = 3;
const failure = 4;
const unsupported = 8;

/** Answers an SFTP session out of the file system; relative paths start at `home`. */
export function serveSftp(sftp: SFTPWrapper, home: string, faults: SftpFaults): void {
  const files = new Map<number, number>();
  const folders = new Map<number, FileEntry[]>();
  let next = 0;
  const at = (path: string) => posix.resolve(home, path);
  const handleOf = (id: number) => {
    const handle = Buffer.alloc(4);
    handle.writeUInt32BE(id);
    return handle;
  };
  const fileOf = (handle: Buffer) => files.get(handle.readUInt32BE()) ?? -1;
  const answer = (id: number, work: () => void) => {
    try {
      work();
    } catch (error) {
      sftp.status(id, statusOf(error));
    }
  };
  const done = (id: number, work: () => void) =>
    answer(id, () => {
      work();
      sftp.status(id, ok);
    });

  sftp.on('OPEN', (id, path, flags) => {
    answer(id, () => {
      const fd = fs.openSync(at(path), fileFlags(flags), 0o600);
      next += 1;
      files.set(next, fd);
      sftp.handle(id, handleOf(next));
    });
  });
  sftp.on('CLOSE', (id, handle) => {
    done(id, () => {
      const key = handle.readUInt32BE();
      const fd = files.get(key);
      if (fd !== undefined) fs.closeSync(fd);
      files.delete(key);
      folders.delete(key);
    });
  });
  sftp.on('WRITE', (id, handle, offset, data) => {
    done(id, () => {
      const fd = fileOf(handle);
      if (faults.room !== undefined && offset + data.length > faults.room) {
        throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      }
      fs.writeSync(fd, data, 0, data.length, offset);
    });
    faults.afterWrite?.();
  });
  sftp.on('READ', (id, handle, offset, length) => {
    answer(id, () => {
      const data = Buffer.alloc(length);
      const count = fs.readSync(fileOf(handle), data, 0, length, offset);
      if (count === 0) sftp.status(id, eof);
      else sftp.data(id, data.subarray(0, count));
    });
  });
  sftp.on('STAT', (id, path) => answer(id, () => sftp.attrs(id, attributesOf(fs.statSync(at(path))))));
  sftp.on('LSTAT', (id, path) => answer(id, () => sftp.attrs(id, attributesOf(fs.lstatSync(at(path))))));
  sftp.on('FSTAT', (id, handle) =>
    answer(id, () => sftp.attrs(id, attributesOf(fs.fstatSync(fileOf(handle))))),
  );
  sftp.on('REALPATH', (id, path) => {
    sftp.name(id, [{ filename: at(path), longname: '', attrs: attributesOf(fs.statSync(home)) }]);
  });
  sftp.on('MKDIR', (id, path) => done(id, () => fs.mkdirSync(at(path))));
  sftp.on('RMDIR', (id, path) => done(id, () => fs.rmdirSync(at(path))));
  sftp.on('REMOVE', (id, path) => done(id, () => fs.unlinkSync(at(path))));
  sftp.on('RENAME', (id, from, to) =>
    done(id, () => {
      // Version 3 never replaces.
      if (fs.existsSync(at(to))) throw new Error('exists');
      fs.renameSync(at(from), at(to));
    }),
  );
  sftp.on('OPENDIR', (id, path) => {
    answer(id, () => {
      next += 1;
      folders.set(next, entriesOf(at(path)));
      sftp.handle(id, handleOf(next));
    });
  });
  sftp.on('READDIR', (id, handle) => {
    const entries = folders.get(handle.readUInt32BE()) ?? [];
    folders.set(handle.readUInt32BE(), []);
    if (entries.length === 0) sftp.status(id, eof);
    else sftp.name(id, entries);
  });
  sftp.on('EXTENDED', (id, name, data) => {
    if (name === 'statvfs@openssh.com') answer(id, () => sendSpace(sftp, id, home, faults));
    else if (name === 'fsync@openssh.com') sftp.status(id, ok);
    else if (name === 'posix-rename@openssh.com') {
      const [from = '', to = ''] = strings(data);
      done(id, () => fs.renameSync(at(from), at(to)));
    } else sftp.status(id, unsupported);
  });
}

function statusOf(error: unknown): number {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return noSuchFile;
  return code === 'EACCES' || code === 'EPERM' ? permissionDenied : failure;
}

// Open flags of draft-ietf-secsh-filexfer-02, 6.3.
function fileFlags(flags: number): number {
  const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_TRUNC } = fs.constants;
  const access = (flags & 2) === 0 ? O_RDONLY : (flags & 1) === 0 ? O_WRONLY : O_RDWR;
  return access | ((flags & 8) === 0 ? 0 : O_CREAT) | ((flags & 16) === 0 ? 0 : O_TRUNC);
}

function attributesOf(stats: fs.Stats): Attributes {
  const { mode, uid, gid, size } = stats;
  return {
    mode,
    uid,
    gid,
    size,
    atime: Math.floor(stats.atimeMs / 1000),
    mtime: Math.floor(stats.mtimeMs / 1000),
  };
}

function entriesOf(folder: string): FileEntry[] {
  return fs.readdirSync(folder).map((filename) => ({
    filename,
    longname: filename,
    attrs: attributesOf(fs.lstatSync(posix.join(folder, filename))),
  }));
}

function strings(data: Buffer): string[] {
  const found: string[] = [];
  for (let at = 0; at < data.length;) {
    const length = data.readUInt32BE(at);
    found.push(data.toString('utf8', at + 4, at + 4 + length));
    at += 4 + length;
  }
  return found;
}

/** What ssh2's server lacks: the extensions that OpenSSH's server names in its greeting. */
export const versionWithExtensions = packet(
  2,
  3,
  ...[
    ['posix-rename@openssh.com', '1'],
    ['statvfs@openssh.com', '2'],
    ['fsync@openssh.com', '1'],
  ].flat(),
);

/** The inner parts that a test server needs of ssh2 to send packets ssh2 does not know. */
export interface RawChannel {
  outgoing: { id: number };
  _protocol: { channelData(id: number, data: Buffer): void };
}

function sendSpace(sftp: SFTPWrapper, id: number, home: string, faults: SftpFaults): void {
  const used = fs.readdirSync(home).reduce((sum, name) => sum + fs.lstatSync(posix.join(home, name)).size, 0);
  const free = faults.room === undefined ? 1 << 30 : Math.max(0, faults.room - used);
  const numbers = [1, 1, 1 << 30, free, free, 0, 0, 0, 0, 0, 255];
  const body = Buffer.alloc(numbers.length * 8);
  numbers.forEach((value, index) => body.writeBigUInt64BE(BigInt(value), index * 8));
  const head = Buffer.alloc(9);
  head.writeUInt32BE(5 + body.length, 0);
  head.writeUInt8(201, 4);
  head.writeUInt32BE(id, 5);
  const raw = sftp as unknown as RawChannel;
  raw._protocol.channelData(raw.outgoing.id, Buffer.concat([head, body]));
}

function packet(type: number, version: number, ...words: string[]): Buffer {
  const parts = words.map((word) => {
    const part = Buffer.alloc(4 + word.length);
    part.writeUInt32BE(word.length);
    part.write(word, 4);
    return part;
  });
  const head = Buffer.alloc(9);
  const body = Buffer.concat(parts);
  head.writeUInt32BE(5 + body.length, 0);
  head.writeUInt8(type, 4);
  head.writeUInt32BE(version, 5);
  return Buffer.concat([head, body]);
}
