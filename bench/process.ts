import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks of the kernel's CPU accounting, a second: 100 on every Linux this runs on (sysconf CLK_TCK). */
const ticksPerSecond = 100;

/** CPU seconds of a process and of all it has started, those that ended included. */
export function cpuSeconds(pid: number): number {
  const own = statOf(pid);
  if (!own) return 0;
  return own.cpu + childrenOf(pid).reduce((sum, child) => sum + cpuSeconds(child), 0);
}

/** Resident memory of a process and its children now, in MB. */
export function residentMB(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB/m.exec(readIfThere(`/proc/${pid}/status`));
  return Number(match?.[1] ?? 0) / 1024 + childrenOf(pid).reduce((sum, child) => sum + residentMB(child), 0);
}

/**
 * Starts a program and waits until a line of its output matches.
 *
 * @param ready what to wait for on standard output or error; undefined waits for nothing
 * @returns the process and the match
 * @throws Error with the output when the program ends first
 */
export async function startProgram(
  command: string,
  args: string[],
  ready?: RegExp,
): Promise<{ child: ChildProcess; pid: number; match: RegExpExecArray | undefined }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const match = await new Promise<RegExpExecArray | undefined>((found, failed) => {
    let output = '';
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const hit = ready?.exec(output);
      if (hit) found(hit);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('error', failed);
    child.on('close', () => {
      failed(new Error(`${command} ended:\n${output}`));
    });
    if (!ready) found(undefined);
  });
  return { child, pid: child.pid ?? 0, match };
}

/** Ends a program and waits for its end. */
export async function endProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => statOf(candidate)?.parent === pid);
}

/** Fields 4 and 14 to 17 of /proc/PID/stat (proc(5)), counted after the name in brackets. */
function statOf(pid: number): { parent: number; cpu: number } | undefined {
  const text = readIfThere(`/proc/${pid}/stat`);
  if (text === '') return undefined;
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + (fields[index] ?? 0), 0);
  return { parent: fields[1] ?? 0, cpu: ticks / ticksPerSecond };
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
