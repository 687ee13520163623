import { spawn } from 'node:child_process';
import { open, readFile, rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { isProblem, Problem } from '../../problem';
import { connectQmp, type Qmp } from './qmp';
import type { VmPaths } from './vm-folder';

/** A QEMU process that we control. */
export interface VmProcess {
  pid: number;
  qmp: Qmp;
  /** Resolves when the process is gone, with what is known of its end. */
  gone: Promise<{ detail: string | undefined }>;
}

const never = new Promise<never>(() => undefined);

/** How long QEMU may take until its control socket answers: on a busy disk a minute is nothing strange. */
const launchLimitMs = 120_000;

/**
 * Starts QEMU in a session of its own, so that it lives on without us, and takes control of it. Its CPUs stand still.
 *
 * @param argv arguments, with the control socket and pid file of `paths`
 * @throws Problem `failed` with QEMU's own words; then no process is left
 */
export async function launch(argv: string[], paths: VmPaths, signal?: AbortSignal): Promise<VmProcess> {
  await removeSockets(paths);
  const log = await open(paths.errorLog, 'w', 0o600);
  const child = spawn('qemu-system-x86_64', argv, {
    cwd: '/',
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    // Our own environment may hold secrets.
    env: { PATH: process.env['PATH'], LANG: 'C', HOME: '/' } as unknown as NodeJS.ProcessEnv,
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, name) => resolve(name === null ? `exit code ${code}` : `killed by ${name}`));
  });
  child.unref();
  await log.close();
  try {
    const qmp = await Promise.race([
      connectSoon(paths.qmpSocket, signal),
      ended.then(async (how) => {
        throw await startProblem(paths, how);
      }),
    ]);
    const gone = ended.then(async (how) => ({ detail: withLog(how, await lastWords(paths)) }));
    return { pid: child.pid ?? 0, qmp, gone };
  } catch (error) {
    child.kill('SIGKILL');
    await ended;
    if (signal?.aborted || isProblem(error)) throw error;
    throw await startProblem(paths, error instanceof Error ? error.message : String(error));
  }
}

async function startProblem(paths: VmPaths, how: string): Promise<Problem> {
  const words = await lastWords(paths);
  if (how.includes('ENOENT')) return new Problem('unavailable', 'sites.errors.noQemu');
  return new Problem('failed', 'sites.errors.startFailed', {}, { detail: withLog(how, words) });
}

async function connectSoon(path: string, signal?: AbortSignal): Promise<Qmp> {
  const end = Date.now() + launchLimitMs;
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await connectQmp(path, launchLimitMs);
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await pause(10);
  }
}

/**
 * Takes control of a QEMU that an earlier process of ours started.
 *
 * @returns undefined when it is not there any more
 */
export async function adopt(paths: VmPaths): Promise<VmProcess | undefined> {
  const pid = await runningPid(paths);
  if (pid === undefined) return undefined;
  const connection = await connectQmp(paths.qmpSocket);
  let released = false;
  const qmp: Qmp = {
    ...connection,
    close: () => {
      released = true;
      connection.close();
    },
  };
  const gone = connection.closed.then(async () => {
    if (released) return never; // We let go of it; it runs on.
    // Nobody tells us how a process ended that is not our child; its log may.
    await untilGone(paths);
    return { detail: await lastWords(paths) };
  });
  return { pid, qmp, gone };
}

/**
 * The process id in the pid file, if that process is this VM's QEMU and no later process of the same number.
 */
export async function runningPid(paths: VmPaths): Promise<number | undefined> {
  const pid = Number.parseInt(await readFile(paths.pidFile, 'utf8').catch(() => ''), 10);
  if (!(pid > 0)) return undefined;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return command.split('\0').includes(paths.pidFile) ? pid : undefined;
}

/** Resolves once the VM's QEMU is gone. */
async function untilGone(paths: VmPaths): Promise<void> {
  while ((await runningPid(paths)) !== undefined) await pause(20);
}

/** Ends a VM's QEMU now, also one that does not answer, and waits for its end. */
export async function kill(paths: VmPaths): Promise<void> {
  const pid = await runningPid(paths);
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in between.
  }
  await untilGone(paths);
}

/** Removes what a QEMU that was killed leaves lying around, and what would be taken for a new one. */
async function removeSockets(paths: VmPaths): Promise<void> {
  const files = [paths.qmpSocket, paths.agentSocket, paths.vncSocket, paths.pidFile];
  await Promise.all(files.map((path) => rm(path, { force: true })));
}

/** The last lines that QEMU wrote to its standard error; undefined when it wrote none. */
async function lastWords(paths: VmPaths): Promise<string | undefined> {
  const text = await readFile(paths.errorLog, 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-5).join('\n').slice(-1000) || undefined;
}

function withLog(how: string, words: string | undefined): string {
  return words === undefined ? how : `${how}\n${words}`;
}
