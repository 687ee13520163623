import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { limits, refuse } from './limits';
import { readTar, type TarEntry } from './tar-reader';

/** A file of the archive. */
export interface TakenFile {
  digest: string;
  size: number;
  /** The text of a small JSON document, which is kept instead of sent. */
  document?: string | undefined;
  /** Of a gzip-packed layer: the digest of what is inside. */
  diffId?: string | undefined;
}

/** What was read of an archive so far; survives JSON, so that reading goes on after a restart. */
export interface Taken {
  /** Where the next entry begins in the unpacked archive. */
  offset: number;
  files: Record<string, TakenFile>;
  links: Record<string, string>;
}

/** Where the large files of an archive go while it is read. */
export interface BlobSink {
  /** Size of a blob that is there already, undefined when it is not. */
  has(digest: string): Promise<number | undefined>;
  /** Takes a stream to its end; nothing of it is kept elsewhere. */
  send(content: Readable, expected: string | undefined): Promise<{ digest: string; size: number }>;
}

interface Options {
  /** What an earlier run read; the source begins at its offset. */
  from?: Taken | undefined;
  /** Called after every file: what to remember for a later run. */
  taken(state: Taken): void;
  signal: AbortSignal;
}

const nothingTaken = (): Taken => ({ offset: 0, files: {}, links: {} });

/**
 * Reads an archive once, from front to back: layers go straight on, documents are kept.
 *
 * @param source the unpacked archive, from where `options.from` ended
 * @throws Problem `invalid` of `containers.archive.*`, and what the sink throws
 */
export async function takeArchive(
  source: AsyncIterable<Buffer>,
  sink: BlobSink,
  options: Options,
): Promise<Taken> {
  const state = options.from ?? nothingTaken();
  const seen = [...Object.keys(state.files), ...Object.keys(state.links)];
  let documents = Object.values(state.files).reduce((sum, file) => sum + (file.document?.length ?? 0), 0);
  for await (const entry of readTar(source, state.offset, seen)) {
    options.signal.throwIfAborted();
    if (entry.type === 'link') state.links[entry.name] = entry.target;
    if (entry.type === 'file') {
      const file = await takeFile(entry, sink);
      documents += file.document?.length ?? 0;
      if (documents > limits.documentsBytes) refuse('documents', { limit: limits.documentsBytes });
      state.files[entry.name] = file;
    }
    state.offset = entry.offsetAfter;
    options.taken(state);
  }
  return state;
}

async function takeFile(entry: TarEntry, sink: BlobSink): Promise<TakenFile> {
  const expected = digestInName(entry.name);
  const content = entry.content[Symbol.asyncIterator]();
  const first = await content.next();
  const head: Buffer = first.done ? Buffer.alloc(0) : first.value;
  const whole = again(head, content);
  if (entry.size <= limits.documentBytes && (isDocument(head) || isNote(entry.name))) {
    return await takeDocument(entry.name, whole, expected);
  }
  const there = expected === undefined ? undefined : await sink.has(expected);
  if (expected !== undefined && there === entry.size) {
    return checked(entry.name, await digestOf(whole), expected);
  }
  // A layer's name promises nothing in an archive of `docker save`; its config names what is inside a packed one.
  if (expected === undefined && head[0] === 0x1f && head[1] === 0x8b) return await sendPacked(whole, sink);
  const sent = await sink.send(Readable.from(whole, { objectMode: false }), expected);
  return checked(entry.name, sent, expected);
}

function digestInName(name: string): string | undefined {
  const hex = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(name)?.[1];
  return hex === undefined ? undefined : `sha256:${hex}`;
}

function isDocument(head: Buffer): boolean {
  const first = /\S/.exec(head.subarray(0, 64).toString('latin1'))?.[0];
  return first === '{' || first === '[';
}

/** Small files beside the layers that Docker's older format has. */
function isNote(name: string): boolean {
  return /(^|\/)VERSION$/.test(name);
}

function checked(name: string, file: TakenFile, expected: string | undefined): TakenFile {
  if (expected !== undefined && file.digest !== expected) {
    refuse('wrongDigest', { name, expected, found: file.digest });
  }
  return file;
}

async function takeDocument(
  name: string,
  content: AsyncIterable<Buffer>,
  expected: string | undefined,
): Promise<TakenFile> {
  const pieces: Buffer[] = [];
  for await (const piece of content) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const document = bytes.toString('utf8');
  // Sent on from the text, the bytes must be the same again.
  if (!Buffer.from(document).equals(bytes)) refuse('notJson', { name });
  return checked(name, { digest, size: bytes.length, document }, expected);
}

async function sendPacked(content: AsyncIterable<Buffer>, sink: BlobSink): Promise<TakenFile> {
  const inner = createHash('sha256');
  const gunzip = createGunzip();
  let packed = 0;
  let grown = 0;
  const hashed = (async () => {
    for await (const piece of gunzip) {
      grown += (piece as Buffer).length;
      const most = Math.max(limits.expansionFloor, packed * limits.expansion);
      if (grown > most) refuse('bomb', { sent: packed, limit: most });
      inner.update(piece as Buffer);
    }
  })();
  // Awaited below; a failure before that must not count as unhandled.
  hashed.catch(() => undefined);
  const tee = (async function* () {
    for await (const piece of content) {
      packed += piece.length;
      if (!gunzip.write(piece)) await Promise.race([drained(gunzip), hashed]);
      yield piece;
    }
    gunzip.end();
  })();
  try {
    const sent = await sink.send(Readable.from(tee, { objectMode: false }), undefined);
    await hashed;
    return { ...sent, diffId: `sha256:${inner.digest('hex')}` };
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
      refuse('damaged', { packing: 'gzip' }, error);
    }
    throw error;
  } finally {
    gunzip.destroy();
  }
}

function drained(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => stream.once('drain', resolve));
}

async function digestOf(content: AsyncIterable<Buffer>): Promise<TakenFile> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of content) {
    hash.update(piece);
    size += piece.length;
  }
  return { digest: `sha256:${hash.digest('hex')}`, size };
}

async function* again(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}
