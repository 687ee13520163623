import type { DigestAnswer } from './digest-worker';
import { digestOfFile } from './file-digest';

/**
 * SHA-256 of a file, taken beside the page.
 *
 * @returns the digest in hex
 * @throws Error when the file can no longer be read, or `signal` aborts
 */
export async function digestInWorker(file: Blob, signal: AbortSignal): Promise<string> {
  let worker: Worker;
  try {
    worker = new Worker(new URL('./digest-worker.ts', import.meta.url), { type: 'module' });
  } catch {
    return digestOfFile(file, signal);
  }
  try {
    return await ask(worker, file, signal);
  } finally {
    worker.terminate();
  }
}

function ask(worker: Worker, file: Blob, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new DOMException('Stopped.', 'AbortError')), {
      once: true,
    });
    worker.addEventListener('message', ({ data }: MessageEvent<DigestAnswer>) => {
      if ('digest' in data) resolve(data.digest);
      else reject(new DOMException('The file cannot be read.', data.error));
    });
    // The worker's script did not load: the page does it itself.
    worker.addEventListener('error', () => {
      digestOfFile(file, signal).then(resolve, reject);
    });
    worker.postMessage(file, []);
  });
}
