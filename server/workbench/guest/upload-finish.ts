import { createHash } from 'node:crypto';
import type { Client } from 'ssh2';
import { Problem } from '../../problem';
import { execInGuest } from './exec';
import { shellQuote } from './paths';
import { fileProblem, openFlags, type Sftp } from './sftp';
import { readWindowed } from './sftp-stream';
import type { SshPool } from './ssh-pool';

interface Complete {
  vmId: string;
  path: string;
  partPath: string;
  size: number;
  replace: boolean;
  senderSha256: string | null;
  passedSha256: string | null;
}

/**
 * Ends an upload: takes the digest of the part inside the guest, compares it with the sender's and with that of what
 * passed through this server, and gives the file its name in one step. May be run again after a crash in its middle.
 *
 * @returns SHA-256 in hex of the file in the guest
 * @throws Problem `failed` for digests that differ (the part is removed), `conflict` when the name was taken meanwhile
 */
export async function finishUpload(upload: Complete, pool: SshPool, signal: AbortSignal): Promise<string> {
  return pool.sftp(upload.vmId, signal, async (sftp, client) => {
    try {
      const part = await sftp.lstat(upload.partPath);
      // A crash between the renaming and its note: the file has its name, and the digest still proves it.
      const path = part ? upload.partPath : upload.path;
      const found = await digestInGuest(client, sftp, path, upload.size, signal);
      for (const expected of [upload.senderSha256, upload.passedSha256]) {
        if (expected === null || expected === found) continue;
        if (part) await sftp.unlink(upload.partPath);
        throw new Problem('failed', 'files.errors.digestsDiffer', { path: upload.path, expected, found });
      }
      if (part) await name(sftp, upload);
      return found;
    } catch (error) {
      throw fileProblem(error, upload.path);
    }
  });
}

async function name(sftp: Sftp, upload: Complete): Promise<void> {
  if (upload.replace) {
    await sftp.replace(upload.partPath, upload.path);
    return;
  }
  try {
    await sftp.rename(upload.partPath, upload.path);
  } catch (error) {
    const taken = await sftp.lstat(upload.path);
    if (!taken) throw error;
    await sftp.unlink(upload.partPath);
    throw new Problem('conflict', 'files.errors.nameTaken', { path: upload.path }, { cause: error });
  }
}

/**
 * SHA-256 of a guest's file: by its own `sha256sum`, which reads what the guest would read; by reading it back where the
 * guest has no such program.
 */
async function digestInGuest(
  client: Client,
  sftp: Sftp,
  path: string,
  size: number,
  signal: AbortSignal,
): Promise<string> {
  // An emulated CPU hashes about 10 MB/s on a busy machine; anything slower hangs.
  const timeoutMs = 120_000 + size / 2000;
  const result = await execInGuest(client, `sha256sum < ${shellQuote(path)}`, { signal, timeoutMs });
  const digest = /^\\?([0-9a-f]{64})\b/.exec(result.stdout)?.[1];
  if (result.code === 0 && digest !== undefined) return digest;
  const hash = createHash('sha256');
  const handle = await sftp.open(path, openFlags.read);
  try {
    for await (const block of readWindowed(sftp, handle, 0, size)) hash.update(block);
  } finally {
    await sftp.close(handle).catch(() => undefined); // the session may be gone, and the handle with it
  }
  return hash.digest('hex');
}
