import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { runningDigest, wrongDigest } from './digest';
import { mayPass, wireFault } from './faults';
import { RegistryError } from './oci';
import type { Answer, Wire } from './wire';

export interface BlobRead {
  path: string;
  scopes: string[];
  digest: string;
  signal?: AbortSignal | undefined;
  /** First and last byte, both included. */
  range?: { from: number; to: number } | undefined;
}

/** How often it is taken up again without a byte in between; the wire's own tries come on top. */
const takeUps = 4;
const firstPauseMs = 200;

/**
 * Reads a blob; what breaks in the middle goes on where it broke (RFC 9110, 14.2: Range). Nothing is kept but one
 * chunk: the last one is given away only after the digest was proved, so that nobody can complete a wrong copy.
 *
 * @returns when the registry has begun to answer
 * @throws RegistryError here, and as the stream's error
 */
export async function readBlob(wire: Wire, read: BlobRead): Promise<Readable> {
  const begun = await openAt(wire, read, read.range?.from ?? 0);
  const out = Readable.from(bytesOf(wire, read, begun), { objectMode: false, highWaterMark: 256 * 1024 });
  // A stream that nobody began to read never runs its source.
  out.once('close', () => begun.answer.body.destroy());
  return out;
}

interface Opened {
  answer: Answer;
  /** Bytes at the beginning of the body that are not wanted: a server that knows no ranges sends all. */
  skip: number;
  /** Offset in the blob after the last byte wanted; undefined when the registry does not tell. */
  end: number | undefined;
}

async function openAt(wire: Wire, read: BlobRead, at: number): Promise<Opened> {
  const ranged = read.range !== undefined || at > 0;
  const answer = await wire.ask({
    method: 'GET',
    path: read.path,
    scopes: read.scopes,
    headers: ranged ? { range: `bytes=${at}-${read.range?.to ?? ''}` } : {},
    signal: read.signal,
    ok: ranged ? [206, 200] : [200],
  });
  const wanted = read.range && read.range.to + 1;
  if (answer.status === 206) return { answer, skip: 0, end: rangeEnd(answer, at) };
  const length = answer.headers['content-length'];
  const size = length === undefined ? undefined : Number(length);
  return { answer, skip: at, end: wanted === undefined ? size : Math.min(wanted, size ?? wanted) };
}

/** `Content-Range: bytes 5-9/20` (RFC 9110, 14.4), which must begin where we asked. */
function rangeEnd(answer: Answer, at: number): number {
  const [, from, to] = /^bytes (\d+)-(\d+)\//.exec(answer.headers['content-range'] ?? '') ?? [];
  if (Number(from) === at) return Number(to) + 1;
  answer.body.destroy();
  throw new RegistryError('unsupported', `${answer.url}: another range came than was asked for`, {
    url: answer.url,
  });
}

async function* bytesOf(wire: Wire, read: BlobRead, begun: Opened): AsyncGenerator<Buffer> {
  const digest = read.range ? undefined : runningDigest(read.digest);
  const { url } = begun.answer;
  let opened: Opened | undefined = begun;
  let at = read.range?.from ?? 0;
  let held: Buffer | undefined;
  for (let failures = 0; ;) {
    try {
      opened ??= await openAt(wire, read, at);
      const { end } = opened;
      for await (const chunk of onlyWanted(opened, at)) {
        at += chunk.length;
        failures = 0;
        digest?.update(chunk);
        if (held) yield held;
        held = chunk;
      }
      // A server that ends early without an error must not pass for a short blob.
      if (end === undefined || at >= end) break;
      throw new RegistryError('cut', `${url}: ended at ${at} of ${end} bytes`, { url });
    } catch (caught) {
      const error = wireFault(caught, url, read.signal);
      failures += 1;
      if (!mayPass(error) || failures > takeUps) throw error;
      await pause(firstPauseMs * failures, undefined, { signal: read.signal }).catch((stopped: unknown) => {
        throw wireFault(stopped, url, read.signal);
      });
    } finally {
      opened?.answer.body.destroy();
      opened = undefined;
    }
  }
  const got = digest?.end() ?? read.digest;
  if (got !== read.digest) throw wrongDigest('the blob', read.digest, `${got} (${at} bytes)`, url);
  if (held) yield held;
}

/** The bytes of a body from the first wanted one to the last, whatever else comes. */
async function* onlyWanted({ answer, skip, end }: Opened, from: number): AsyncGenerator<Buffer> {
  let toSkip = skip;
  let at = from;
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    const rest = toSkip > 0 ? chunk.subarray(toSkip) : chunk;
    toSkip = Math.max(0, toSkip - chunk.length);
    const fit = end !== undefined && at + rest.length > end ? rest.subarray(0, end - at) : rest;
    if (fit.length === 0) continue;
    at += fit.length;
    yield fit;
    if (at === end && answer.status === 200 && skip > 0) return;
  }
}
