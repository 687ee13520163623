import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Problem } from '../../problem';
import { limits, refuse } from './limits';

export type Packing = 'none' | 'gzip' | 'zstd';

/** Bytes at the front that tell how a file is packed. */
const packingBytes = 4;

/** How a file is packed, by its first bytes; its name says nothing. */
export function packingOf(head: Buffer): Packing {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  return head.length >= 4 && head.readUInt32LE() === 0xfd2fb528 ? 'zstd' : 'none';
}

/** How a stream is packed, and the whole of it. */
export async function packed(
  source: AsyncIterator<Buffer>,
): Promise<{ packing: Packing; content: AsyncIterable<Buffer> }> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < packingBytes) {
    const next = await source.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  const content = (async function* () {
    if (head.length > 0) yield head;
    for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
  })();
  return { packing: packingOf(head), content };
}

/**
 * Unpacks a stream while it comes, and stops one that grows beyond all measure.
 *
 * @param signal ends it, and the process that unpacks zstd
 * @throws Problem `invalid` for damaged or exploding content; `unavailable` without the `zstd` program
 */
export async function* unpacked(
  source: AsyncIterable<Buffer>,
  packing: Packing,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  let sent = 0;
  let grown = 0;
  const counted = (async function* () {
    for await (const chunk of source) {
      sent += chunk.length;
      yield chunk;
    }
  })();
  const stream =
    packing === 'none' ? counted : packing === 'gzip' ? gunzip(counted, signal) : unzstd(counted, signal);
  for await (const chunk of stream) {
    grown += chunk.length;
    const most = Math.min(limits.expandedBytes, Math.max(limits.expansionFloor, sent * limits.expansion));
    if (grown > most) refuse('bomb', { sent, limit: most });
    yield chunk;
  }
}

async function* gunzip(source: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer> {
  const input = Readable.from(source, { objectMode: false });
  const stream = createGunzip();
  // The reader's own failures (a cut connection, say) are told as they are, not as damaged content.
  let inputError: Error | undefined;
  input.once('error', (error) => {
    inputError = error;
    stream.destroy(error);
  });
  const stop = () => stream.destroy(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of input.pipe(stream)) yield chunk as Buffer;
  } catch (error) {
    if (inputError ?? signal.aborted) throw error;
    refuse('damaged', { packing: 'gzip' }, error);
  } finally {
    signal.removeEventListener('abort', stop);
    input.destroy();
    stream.destroy();
  }
}

/** Node 20 has no zstd, so the program does it; its memory is bounded, whatever window the file asks for. */
async function* unzstd(source: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer> {
  const child = spawn('zstd', ['-dcq', '--memory=256MB', '-'], { stdio: ['pipe', 'pipe', 'pipe'], signal });
  const ended = new Promise<{ code: number | null; error?: Error }>((resolve) => {
    child.once('error', (error) => {
      resolve({ code: null, error });
    });
    child.once('close', (code) => {
      resolve({ code });
    });
  });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(-500)));
  const input = Readable.from(source, { objectMode: false });
  let inputError: Error | undefined;
  input.once('error', (error) => {
    inputError = error;
    child.kill('SIGKILL');
  });
  child.stdin.once('error', () => input.destroy());
  input.pipe(child.stdin);
  try {
    for await (const chunk of child.stdout) yield chunk as Buffer;
    const { code, error } = await ended;
    if (inputError !== undefined) throw inputError;
    if (error !== undefined && 'code' in error && error.code === 'ENOENT') {
      throw new Problem('unavailable', 'containers.errors.noZstd', {}, { cause: error });
    }
    if (error !== undefined) throw error;
    if (code !== 0) refuse('damaged', { packing: 'zstd' }, new Error(words));
  } finally {
    input.destroy();
    child.kill('SIGKILL');
  }
}
