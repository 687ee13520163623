import SQLite from 'better-sqlite3';
import { join } from 'node:path';

/**
 * Makes sure that one process at a time works on a data folder. The lock is SQLite's own file lock, which the kernel
 * drops when the process dies, however it dies: there is no stale pid file to explain.
 *
 * @param dataDir the folder, which must exist
 * @returns a function that lets go
 * @throws Error when another process holds the folder
 */
export function holdDataFolder(dataDir: string): () => void {
  const lock = new SQLite(join(dataDir, 'lock'), { timeout: 0 });
  try {
    lock.pragma('locking_mode = EXCLUSIVE');
    lock.exec('BEGIN EXCLUSIVE');
  } catch {
    lock.close();
    throw new Error(
      `Another Edgeyard is running on ${dataDir}. Stop it, or set EDGEYARD_DATA to another folder.`,
    );
  }
  return () => {
    lock.close();
  };
}
