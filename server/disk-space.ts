import { statfs } from 'node:fs/promises';
import type { MessageKey } from '@/messages/messages';
import { Problem } from './problem';

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

/**
 * Refuses work that the disk has no room for, before its first byte.
 *
 * @param needed bytes
 * @param key of what is said; it may name `needed`, `usable` and `total`
 * @returns bytes that may be written in all
 * @throws Problem `no_space` with the numbers
 */
export async function requireRoom(dir: string, needed: number, key: MessageKey): Promise<number> {
  const { usable, total } = await spaceOf(dir);
  if (needed > usable) throw new Problem('no_space', key, { needed, usable, total });
  return usable;
}
