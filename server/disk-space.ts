import { statfs } from 'node:fs/promises';

/** Bytes that stay free whatever comes in: running guests write to the same disk. */
const reservedBytes = 512 * 2 ** 20;

/**
 * How full the disk of a folder is.
 *
 * @returns bytes: free for this process, of those the ones that may be written, and in all
 */
export async function spaceOf(dir: string): Promise<{ free: number; usable: number; total: number }> {
  const { bavail, blocks, bsize } = await statfs(dir);
  const free = bavail * bsize;
  return { free, usable: Math.max(0, free - reservedBytes), total: blocks * bsize };
}
