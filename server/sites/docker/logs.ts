/** What containers of a Docker host write, line by line. */
import type { Readable } from 'node:stream';
import { Problem } from '../../problem';
import { asked, type Engine } from './engine';
import { containersOf, labels } from './labels';

/**
 * The last lines of a container's output, and those that follow.
 *
 * @param which the workload's id, the pod's and the container's name
 * @throws Problem `not_found` for a container that is not there
 */
export async function* readLogs(
  engine: Engine,
  which: { workloadId: string; part: string; container: string },
  call: { signal?: AbortSignal | undefined; tailLines: number; follow?: boolean },
): AsyncGenerator<string> {
  const { signal } = call;
  const listed = await asked(engine, signal, containersOf(engine.docker, which.workloadId, signal));
  const found = listed.find(
    ({ Labels }) => Labels[labels.part] === which.part && Labels[labels.container] === which.container,
  );
  if (!found) throw new Problem('not_found', 'workloads.errors.noPart', { part: which.part });
  const container = engine.docker.getContainer(found.Id);
  const { Config } = await asked(engine, signal, container.inspect());
  const wanted = { stdout: true, stderr: true, tail: call.tailLines, ...(signal && { abortSignal: signal }) };
  if (call.follow !== true) {
    const all = await asked(engine, signal, container.logs({ ...wanted, follow: false }));
    const text = Config.Tty ? all.toString() : framesIn(all).texts.join('');
    yield* text
      .replace(/\n$/, '')
      .split('\n')
      .filter((line, index, lines) => lines.length > 1 || line !== '');
    return;
  }
  yield* follow(await asked(engine, signal, container.logs({ ...wanted, follow: true })), Config.Tty, signal);
}

async function* follow(
  stream: NodeJS.ReadableStream,
  tty: boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  const end = () => (stream as Readable).destroy();
  signal?.addEventListener('abort', end, { once: true });
  let bytes: Buffer = Buffer.alloc(0);
  let line = '';
  try {
    for await (const chunk of stream) {
      const piece = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
      const { texts, rest } = tty
        ? { texts: [piece.toString()], rest: bytes }
        : framesIn(Buffer.concat([bytes, piece]));
      bytes = rest;
      const lines = (line + texts.join('')).split('\n');
      line = lines.pop() ?? '';
      yield* lines;
    }
  } catch (error) {
    // The end that was asked for is none of the stream's troubles.
    if (signal?.aborted !== true) throw error;
  } finally {
    signal?.removeEventListener('abort', end);
    end();
  }
  if (line !== '' && signal?.aborted !== true) yield line;
}

/**
 * Takes Docker's frames apart: one byte for the stream, three of nothing, four for the length, then the text.
 *
 * @returns the texts of whole frames, and the bytes of one that is not whole
 */
export function framesIn(bytes: Buffer): { texts: string[]; rest: Buffer } {
  const texts: string[] = [];
  let at = 0;
  while (at + 8 <= bytes.length) {
    const end = at + 8 + bytes.readUInt32BE(at + 4);
    if (end > bytes.length) break;
    texts.push(bytes.toString('utf8', at + 8, end));
    at = end;
  }
  return { texts, rest: bytes.subarray(at) };
}
