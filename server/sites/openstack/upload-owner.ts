/** Which process is filling an image in the cloud, so that half an image of a dead one is told from one at work. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

/** Differs for every process, also for two with the same number, one after the other, in a container. */
const token = randomBytes(6).toString('hex');

/** What this process writes on the images it fills. */
export const uploadOwner = `${hostname()} ${process.pid} ${token}`;

/**
 * Whether the process that wrote an owner's mark is known to be dead.
 *
 * @param mark what {@link uploadOwner} was for it
 * @returns false also when that cannot be told, as for a process on another machine
 */
export function ownerIsDead(mark: string | null | undefined): boolean {
  const [host, pid, theirs] = mark?.split(' ') ?? [];
  if (host !== hostname() || theirs === undefined || theirs === token) return false;
  return Number(pid) === process.pid || !runs(Number(pid));
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, under another account.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
