import { posix } from 'node:path';
import { Problem } from '../../problem';
import { partName, resolveGuestPath, uploadNameParts } from './paths';
import type { UploadMetadata } from './schemas';
import { fileProblem, openFlags, type Sftp } from './sftp';

interface Request {
  id: string;
  /** Bytes of the file. */
  size: number;
  metadata: UploadMetadata;
  /** Bytes that other uploads still have to write. */
  reserved: number;
}

/**
 * Finds the place of a new upload in the guest: makes missing folders, asks about a file of the same name, measures the
 * free space, and makes the empty part file.
 *
 * @returns absolute paths of the file and of its part
 * @throws Problem `conflict`, `no_space`, `invalid`, `forbidden`
 */
export async function placeUpload(sftp: Sftp, request: Request): Promise<{ path: string; partPath: string }> {
  const { metadata } = request;
  const { folders, file } = uploadNameParts(metadata.filename);
  const base = resolveGuestPath(metadata.directory, await sftp.realpath('.'));
  const folder = posix.join(base, ...folders);
  const path = posix.join(folder, file);
  try {
    await checkConflict(sftp, path, metadata.onConflict === 'replace');
    const noRoom = await roomProblem(sftp, base, request.size + request.reserved, request);
    if (noRoom) throw noRoom;
    await makeFolders(sftp, base, folders);
    const partPath = posix.join(folder, partName(file, request.id));
    await sftp.close(await sftp.open(partPath, openFlags.write | openFlags.create | openFlags.truncate));
    return { path, partPath };
  } catch (error) {
    throw fileProblem(error, path);
  }
}

/**
 * Compares what is still to be written with the free space at a path.
 *
 * @param bytes still to be written
 * @returns the Problem to throw, or undefined when it fits or the guest does not tell
 */
export async function roomProblem(
  sftp: Sftp,
  path: string,
  bytes: number,
  request?: { size: number; reserved: number },
): Promise<Problem | undefined> {
  const space = (await sftp.space(path)) ?? (await sftp.space(posix.dirname(path)));
  if (!space || space.free >= bytes) return undefined;
  return new Problem('no_space', request ? 'files.errors.tooLarge' : 'files.errors.guestFull', {
    size: request?.size ?? bytes,
    reserved: request?.reserved ?? 0,
    free: space.free,
    total: space.total,
  });
}

async function checkConflict(sftp: Sftp, path: string, replace: boolean): Promise<void> {
  const facts = await sftp.lstat(path);
  if (!facts) return;
  if (facts.isDirectory()) throw new Problem('conflict', 'files.errors.folderInTheWay', { path });
  if (!replace) {
    throw new Problem('conflict', 'files.errors.exists', {
      path,
      size: facts.size,
      modifiedAt: facts.mtime * 1000,
    });
  }
}

async function makeFolders(sftp: Sftp, base: string, folders: readonly string[]): Promise<void> {
  let folder = base;
  await makeFolder(sftp, folder);
  for (const name of folders) {
    folder = posix.join(folder, name);
    await makeFolder(sftp, folder);
  }
}

async function makeFolder(sftp: Sftp, folder: string): Promise<void> {
  const there = async () => {
    const facts = await sftp.stat(folder);
    if (facts && !facts.isDirectory()) {
      throw new Problem('conflict', 'files.errors.fileInTheWay', { path: folder });
    }
    return facts !== undefined;
  };
  if (await there()) return;
  await sftp.mkdir(folder).catch(async (error: unknown) => {
    // Two files of one dropped folder arrive together: the other may have made it meanwhile.
    if (!(await there())) throw error;
  });
}
