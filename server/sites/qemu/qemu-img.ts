import type { MessageKey } from '@/messages/messages';
import { spawn } from 'node:child_process';
import { Problem } from '../../problem';

/**
 * Runs `qemu-img` to its end.
 *
 * @param argv arguments; formats named in them, never probed
 * @param options.percent receives 0 to 100 when `-p` is among the arguments
 * @throws Problem `no_space` or `failed` (key `failure`) with the tool's words; the signal's reason on abort, once
 *   the process is gone
 */
export function runQemuImg(
  argv: string[],
  options: { failure: MessageKey; signal?: AbortSignal | undefined; percent?: (percent: number) => void },
): Promise<void> {
  const { failure, signal, percent } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const child = spawn('qemu-img', argv, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const stop = () => child.kill('SIGKILL');
    signal?.addEventListener('abort', stop, { once: true });
    let words = '';
    child.stdout.on('data', (chunk: Buffer) => {
      const last = [...chunk.toString('latin1').matchAll(/\((\d+(?:\.\d+)?)\/100%\)/g)].at(-1)?.[1];
      if (last !== undefined) percent?.(Number(last));
    });
    child.stderr.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(-2000)));
    child.on('error', (error) => {
      words = error.message;
    });
    child.on('close', (code) => {
      signal?.removeEventListener('abort', stop);
      if (signal?.aborted) reject(signal.reason as Error);
      else if (code === 0) resolve();
      else if (/No space left|Disk quota exceeded/.test(words))
        reject(new Problem('no_space', 'sites.errors.noSpace', {}, { detail: words.trim() }));
      else reject(new Problem('failed', failure, {}, { detail: words.trim() }));
    });
  });
}
