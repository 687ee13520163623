import type { FileEntryWithStats, Stats } from 'ssh2';
import type { Actor } from '../../access/actor';
import { Problem } from '../../problem';
import { requireGate } from '../vm-gates';
import { resolveGuestPath } from './paths';
import type { GuestPorts } from './ports';
import type { FileEntry, FolderListing } from './schemas';
import { fileProblem, openFlags, type Sftp } from './sftp';
import { readWindowed } from './sftp-stream';
import type { SshPool } from './ssh-pool';

/** The files of a guest as a person sees them. All paths are absolute or relative to the login's home. */
export interface GuestFiles {
  /** @throws Problem `not_found`, `forbidden`, `unavailable`, `conflict` when the VM does not run */
  list(actor: Actor, vmId: string, path: string, signal: AbortSignal): Promise<FolderListing>;
  /** Makes a folder. @throws Problem `conflict` when something has that name */
  makeFolder(actor: Actor, vmId: string, path: string, signal: AbortSignal): Promise<{ path: string }>;
  /** Deletes a file, or a folder with all in it; links are deleted, never followed. */
  remove(actor: Actor, vmId: string, path: string, signal: AbortSignal): Promise<void>;
  /** Opens a file for reading and calls `send` with its facts; the file is closed when `send` returns. */
  read(
    actor: Actor,
    vmId: string,
    path: string,
    signal: AbortSignal,
    send: (file: OpenGuestFile) => Promise<void>,
  ): Promise<void>;
}

export interface OpenGuestFile {
  path: string;
  /** Bytes. */
  size: number;
  /** Milliseconds since 1970. */
  modifiedAt: number;
  /** Reads bytes `from` up to, not including, `to`. */
  blocks(from: number, to: number): AsyncGenerator<Buffer, void, undefined>;
}

const listLimit = 5000;
// Whole system trees are not what this button is for; the limit keeps one click from running for an hour.
const removeLimit = 20_000;

/** Opens the file functions on a pool of connections. */
export function openGuestFiles(ports: GuestPorts, pool: SshPool): GuestFiles {
  const withSftp = async <T>(
    actor: Actor,
    vmId: string,
    path: string,
    signal: AbortSignal,
    work: (sftp: Sftp, path: string, home: string) => Promise<T>,
  ): Promise<T> => {
    requireGate('files', ports.vmFor(actor, vmId));
    return pool.sftp(vmId, signal, async (sftp) => {
      try {
        const home = await sftp.realpath('.');
        return await work(sftp, resolveGuestPath(path, home), home);
      } catch (error) {
        throw fileProblem(error, path);
      }
    });
  };
  const changed = (actor: Actor, vmId: string, action: string, path: string) => {
    const vm = ports.vmFor(actor, vmId);
    ports.audit({ actor, action, subject: { type: 'vm', id: vmId }, detail: { path } });
    ports.events.publish({ topic: 'files', id: vmId, audience: { projectId: vm.projectId } });
  };

  return {
    list: (actor, vmId, path, signal) =>
      withSftp(actor, vmId, path, signal, async (sftp, folder, home) => {
        const found = await sftp.readdir(folder);
        const space = await sftp.space(folder);
        const entries = found.filter(({ filename }) => filename !== '.' && filename !== '..');
        entries.sort(byKindAndName);
        return {
          path: folder,
          home,
          entries: entries.slice(0, listLimit).map((entry) => entryOf(folder, entry)),
          truncated: entries.length > listLimit,
          ...(space && { space }),
        };
      }),

    makeFolder: (actor, vmId, path, signal) =>
      withSftp(actor, vmId, path, signal, async (sftp, folder) => {
        if (await sftp.lstat(folder))
          throw new Problem('conflict', 'files.errors.nameTaken', { path: folder });
        await sftp.mkdir(folder);
        changed(actor, vmId, 'files.makeFolder', folder);
        return { path: folder };
      }),

    remove: (actor, vmId, path, signal) =>
      withSftp(actor, vmId, path, signal, async (sftp, target, home) => {
        if (target === '/' || target === home) {
          throw new Problem('forbidden', 'files.errors.keepsHome', { path: target });
        }
        const facts = await sftp.lstat(target);
        if (!facts) throw new Problem('not_found', 'files.errors.noSuchFile', { path: target });
        await removeTree(sftp, target, facts, { left: removeLimit, signal });
        changed(actor, vmId, 'files.remove', target);
      }),

    read: (actor, vmId, path, signal, send) =>
      withSftp(actor, vmId, path, signal, async (sftp, file) => {
        const facts = await sftp.stat(file);
        if (!facts) throw new Problem('not_found', 'files.errors.noSuchFile', { path: file });
        if (!facts.isFile()) throw new Problem('invalid', 'files.errors.notAFile', { path: file });
        const handle = await sftp.open(file, openFlags.read);
        try {
          await send({
            path: file,
            size: facts.size,
            modifiedAt: facts.mtime * 1000,
            blocks: (from, to) => readWindowed(sftp, handle, from, to),
          });
        } finally {
          await sftp.close(handle).catch(() => undefined); // the session may be gone, and the handle with it
        }
      }),
  };
}

async function removeTree(
  sftp: Sftp,
  path: string,
  facts: Stats,
  budget: { left: number; signal: AbortSignal },
): Promise<void> {
  budget.signal.throwIfAborted();
  budget.left -= 1;
  if (budget.left < 0) throw new Problem('too_large', 'files.errors.tooMany', { limit: removeLimit });
  if (!facts.isDirectory()) {
    await sftp.unlink(path);
    return;
  }
  for (const { filename, attrs } of await sftp.readdir(path)) {
    if (filename === '.' || filename === '..') continue;
    await removeTree(sftp, `${path}/${filename}`, attrs, budget);
  }
  await sftp.rmdir(path);
}

function entryOf(folder: string, { filename, attrs }: FileEntryWithStats): FileEntry {
  return {
    name: filename,
    path: folder === '/' ? `/${filename}` : `${folder}/${filename}`,
    kind: kindOf(attrs),
    size: attrs.size,
    modifiedAt: attrs.mtime * 1000,
    mode: (attrs.mode & 0o7777).toString(8).padStart(4, '0'),
  };
}

function kindOf(facts: Stats): FileEntry['kind'] {
  if (facts.isDirectory()) return 'folder';
  if (facts.isSymbolicLink()) return 'link';
  return facts.isFile() ? 'file' : 'other';
}

function byKindAndName(a: FileEntryWithStats, b: FileEntryWithStats): number {
  const folders = Number(b.attrs.isDirectory()) - Number(a.attrs.isDirectory());
  return folders || a.filename.localeCompare(b.filename);
}
