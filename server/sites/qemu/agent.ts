import { connect, type Socket } from 'node:net';
import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { Problem } from '../../problem';
import { jsonLines } from './qmp';
import type { VmPaths } from './vm-folder';

/** The guest end is one serial port: two questions at once would mix their answers. */
const queues = new Map<string, Promise<unknown>>();

/** The agent refused a command: it runs, but cannot or may not do that. */
export class AgentError extends Error {
  override name = 'AgentError';
}

/**
 * Asks the guest's agent (qemu-ga, its protocol is QMP without greeting and events).
 *
 * @param timeoutMs how long the agent may take, after earlier questions were answered
 * @returns the answer's `return` value
 * @throws Problem `unavailable` when no agent answers; AgentError when it refuses
 */
export function agentRun(
  paths: VmPaths,
  command: string,
  args: Record<string, unknown>,
  timeoutMs: number,
): Promise<unknown> {
  const before = queues.get(paths.agentSocket) ?? Promise.resolve();
  const asked = before.catch(() => undefined).then(() => ask(paths.agentSocket, command, args, timeoutMs));
  queues.set(paths.agentSocket, asked);
  const clean = () => {
    if (queues.get(paths.agentSocket) === asked) queues.delete(paths.agentSocket);
  };
  asked.then(clean, clean);
  return asked;
}

function ask(
  path: string,
  command: string,
  args: Record<string, unknown>,
  timeoutMs: number,
): Promise<unknown> {
  const socket = connect(path);
  const answer = new Promise((resolve, reject) => {
    // An answer to a question that somebody gave up may still come: our sync number tells where ours begin.
    const sync = randomInt(2 ** 31);
    let synced = false;
    const take = jsonLines((message) => {
      if (!synced) {
        if (message.return !== sync) return;
        synced = true;
        send(socket, command, args);
      } else if (message.error) reject(new AgentError(message.error.desc));
      else resolve(message.return);
    });
    socket.on('data', (chunk) => {
      try {
        take(chunk);
      } catch (error) {
        reject(error);
      }
    });
    socket.on('error', () => reject(noAgent()));
    socket.on('close', () => reject(noAgent()));
    socket.on('connect', () => {
      // 0xFF makes the agent drop half a question of somebody before us.
      socket.write(Buffer.from([0xff]));
      send(socket, 'guest-sync', { id: sync });
    });
    socket.setTimeout(timeoutMs, () => reject(noAgent()));
  });
  return answer.finally(() => socket.destroy());
}

function send(socket: Socket, command: string, args: Record<string, unknown>): void {
  socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
}

function noAgent(): Problem {
  return new Problem('unavailable', 'sites.errors.noAgent');
}

const startedSchema = z.object({ pid: z.int() });
const statusSchema = z.looseObject({
  exited: z.boolean(),
  exitcode: z.int().optional(),
  signal: z.int().optional(),
  'out-data': z.string().optional(),
  'err-data': z.string().optional(),
});

/**
 * Runs a program in the guest.
 *
 * @param command program and arguments; no shell reads them
 * @returns its output; a program that a signal ended has 128 + signal as its exit code, as shells say it
 */
export async function agentExec(
  paths: VmPaths,
  command: string[],
  signal?: AbortSignal,
): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const [path, ...arg] = command;
  const start = { path, arg, 'capture-output': true };
  const { pid } = startedSchema.parse(await agentRun(paths, 'guest-exec', start, 10_000));
  for (let wait = 20; ; wait = Math.min(wait * 2, 500)) {
    const status = statusSchema.parse(await agentRun(paths, 'guest-exec-status', { pid }, 10_000));
    if (status.exited) {
      return {
        exitCode: status.exitcode ?? 128 + (status.signal ?? 0),
        stdout: Buffer.from(status['out-data'] ?? '', 'base64').toString(),
        stderr: Buffer.from(status['err-data'] ?? '', 'base64').toString(),
      };
    }
    await pause(wait, undefined, { signal });
  }
}
