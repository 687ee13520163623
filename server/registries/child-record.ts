import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * When a process started, in clock ticks since boot (proc(5), stat, field 22): together with its id it names a process
 * for good, as ids are given again.
 */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in brackets, which may hold spaces and brackets itself.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** Keeps which process runs, so that a later start of ours finds it when we were killed. */
export function recordChild(file: string, pid: number): void {
  const started = startTime(pid);
  if (started !== undefined) writeFileSync(file, JSON.stringify({ pid, started }), { mode: 0o600 });
}

/**
 * Ends the process of the record, if it still is that process, and waits until it is gone.
 *
 * @returns whether there was one
 */
export async function endRecorded(file: string): Promise<boolean> {
  const record = read(file);
  const alive = () => record !== undefined && startTime(record.pid) === record.started;
  const found = alive();
  if (record && found) {
    process.kill(record.pid, 'SIGTERM');
    const hard = Date.now() + 15_000;
    while (alive()) {
      if (Date.now() > hard) process.kill(record.pid, 'SIGKILL');
      await pause(20);
    }
  }
  rmSync(file, { force: true });
  return found;
}

function read(file: string): { pid: number; started: string } | undefined {
  try {
    const { pid, started } = JSON.parse(readFileSync(file, 'utf8')) as { pid: number; started: string };
    return Number.isInteger(pid) && pid > 1 ? { pid, started } : undefined;
  } catch {
    return undefined;
  }
}
