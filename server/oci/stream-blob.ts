import { addAbortSignal, type Readable } from 'node:stream';
import { runningDigest, wrongDigest } from './digest';
import { mayPass, wireFault } from './faults';
import type { Call } from './oci';
import type { Uploads } from './uploads';

interface Streaming extends Call {
  repository: string;
  source: Readable;
  expected?: { digest: string; size?: number | undefined } | undefined;
}

/** Bytes that are kept to be sent again after a break; one piece more is being read meanwhile. */
const pieceBytes = 8 * 2 ** 20;
const takeUps = 4;

/**
 * Sends a stream that can be read once, in pieces; what fits into one piece goes in one PUT.
 *
 * @returns digest and size of what was read
 * @throws RegistryError `wrongDigest` when it is not what was expected: nothing is stored then; else what the registry
 *   says; the source's own errors as they are
 */
export async function streamBlob(
  uploads: Uploads,
  streaming: Streaming,
): Promise<{ digest: string; size: number }> {
  const { repository, source, expected, signal } = streaming;
  const running = runningDigest(expected?.digest);
  if (signal) addAbortSignal(signal, source);
  let location = await uploads.begin(repository, signal);
  let size = 0;
  try {
    let last: Buffer = Buffer.alloc(0);
    for await (const piece of ahead(piecesOf(source))) {
      if (last.length > 0) {
        location = await appendPiece(
          uploads,
          { repository, location, offset: size - last.length },
          last,
          signal,
        );
      }
      running.update(piece);
      size += piece.length;
      last = piece;
      if (expected?.size !== undefined && size > expected.size) break;
    }
    const digest = running.end();
    prove(digest, size, expected);
    const one = size === last.length;
    if (!one && last.length > 0) {
      location = await appendPiece(
        uploads,
        { repository, location, offset: size - last.length },
        last,
        signal,
      );
    }
    const bytes = one ? last : Buffer.alloc(0);
    await uploads.complete({ repository, location, digest }, { bytes, size: bytes.length }, signal);
    return { digest, size };
  } catch (error) {
    await uploads.cancel(repository, location);
    throw signal?.aborted ? wireFault(error, location, signal) : error;
  } finally {
    source.destroy();
  }
}

function prove(digest: string, size: number, expected: Streaming['expected']): void {
  if (expected === undefined) return;
  if (expected.size !== undefined && size !== expected.size)
    throw wrongDigest(
      'the stream',
      `${expected.digest} (${expected.size} bytes)`,
      `of ${size} bytes or more`,
    );
  if (digest !== expected.digest) throw wrongDigest('the stream', expected.digest, digest);
}

/** Sends one piece; after a break only what the registry has not got of it. @returns the upload's next address */
async function appendPiece(
  uploads: Uploads,
  at: { repository: string; location: string; offset: number },
  piece: Buffer,
  signal: AbortSignal | undefined,
): Promise<string> {
  let { location } = at;
  let done = 0;
  for (let failures = 1; ; failures += 1) {
    const here = { repository: at.repository, location, offset: at.offset + done };
    try {
      const bytes = piece.subarray(done);
      return await uploads.append(here, { bytes, size: bytes.length }, signal);
    } catch (caught) {
      const error = wireFault(caught, location, signal);
      if (!mayPass(error) || failures > takeUps) throw error;
      const stands = await uploads.standing(at.repository, location, signal);
      const got = stands ? stands.offset - at.offset : -1;
      if (!stands || got < 0 || got > piece.length) throw error;
      done = got;
      location = stands.location;
      if (done === piece.length) return location;
    }
  }
}

async function* piecesOf(source: Readable): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    parts.push(chunk);
    size += chunk.length;
    if (size < pieceBytes) continue;
    yield Buffer.concat(parts);
    parts = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(parts);
}

/** Reads the next piece while the one before is worked on. */
async function* ahead(pieces: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  let next = pieces.next();
  try {
    for (;;) {
      const { value, done } = await next;
      if (done) return;
      next = pieces.next();
      // Its failure is told when it is its turn.
      next.catch(() => {});
      yield value;
    }
  } finally {
    // Not waited for: a source that hangs would hold up the error that led here.
    void pieces.return(undefined).catch(() => {});
  }
}
