import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** A real server on a data folder of its own, as `npm run up` starts it. */
export interface RunningServer {
  url: string;
  /** One-time link that creates the administrator; undefined once there is one. */
  setupLink: string | undefined;
  dataDir: string;
  pid: number;
  /** Everything the process wrote so far. */
  output(): string;
  /** Sends SIGTERM and waits for the end. */
  stop(): Promise<number | null>;
  /** kill -9, and waits until the process is gone. */
  kill(): Promise<void>;
}

/**
 * Starts the built server and waits until it listens.
 *
 * @param options `dataDir`: an existing folder to go on with, else a new one; `port`: fixed port for a restart on the
 *   same address, else a free one; `environment`: further variables
 * @throws Error with the server's output when it ends before it listens
 */
export async function startServer(
  options: { dataDir?: string; port?: number; environment?: Record<string, string> } = {},
): Promise<RunningServer> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'edgeyard-'));
  const child = spawn(process.execPath, ['--enable-source-maps', 'dist/main.mjs'], {
    cwd: resolve(import.meta.dirname, '../..'),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      EDGEYARD_DATA: dataDir,
      EDGEYARD_PORT: String(options.port ?? 0),
      EDGEYARD_GUESTS: process.env.EDGEYARD_GUESTS ?? resolve('.cache/guests'),
      ...options.environment,
    },
  });
  let output = '';
  const url = await new Promise<string>((found, failed) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const match = /listening on (\S+)\n/.exec(output);
      if (match?.[1]) found(match[1]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('error', failed);
    child.on('close', (code) => {
      failed(new Error(`the server ended with code ${code} before it listened:\n${output}`));
    });
  });
  return {
    url,
    get setupLink() {
      return /^ {2}(\S+setup\S+)$/m.exec(output)?.[1];
    },
    dataDir,
    pid: child.pid ?? 0,
    output: () => output,
    stop: () => end(child, 'SIGTERM'),
    kill: async () => {
      await end(child, 'SIGKILL');
    },
  };
}

/** Ends every virtual machine of a data folder and removes the folder. */
export function removeDataDir(dataDir: string): void {
  for (const pid of virtualMachinesOf(dataDir)) process.kill(pid, 'SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
}

/** Process ids of the QEMU processes whose arguments name the data folder. */
export function virtualMachinesOf(dataDir: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return line.startsWith('qemu-system') && line.includes(dataDir);
      } catch {
        return false; // ended meanwhile
      }
    });
}

function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((done) => {
    child.on('close', done);
    child.kill(signal);
  });
}
