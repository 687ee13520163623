import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import yazl from 'yazl';

/** A file to be put into an archive. */
export interface ArchivePart {
  /** Path inside, with forward slashes. */
  path: string;
  /** The bytes, or how to get them when they are many. */
  content: Buffer | StreamedContent | LateContent;
}

/** Bytes that are too many for memory; stored as they are, because disk images are compressed already. */
export interface StreamedContent {
  size: number;
  open(): Readable;
}

/** Small content that is only known once every part before it is written. */
export interface LateContent {
  late(): Buffer;
}

export interface WrittenArchive {
  size: number;
  /** SHA-256 in hex of the whole archive. */
  sha256: string;
}

/**
 * Writes a zip archive, zip64 where it must be, with constant memory. The same parts in the same order with the same
 * time give the same bytes, on every machine and in every time zone.
 *
 * @param target path of the file; it is overwritten
 * @param modified time of every entry, milliseconds since 1970
 * @param options `signal` stops it; `onBytes` hears how many bytes are written so far
 * @throws whatever reading a part or writing the file throws; the half file is left to the caller
 */
export async function writeArchive(
  target: string,
  parts: readonly ArchivePart[],
  modified: number,
  options: { signal?: AbortSignal | undefined; onBytes?: ((bytes: number) => void) | undefined } = {},
): Promise<WrittenArchive> {
  const hash = createHash('sha256');
  let size = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      size += chunk.length;
      options.onBytes?.(size);
      done(null, chunk);
    },
  });
  const archive = openArchive(parts, modified);
  try {
    await pipeline(archive.stream, counter, createWriteStream(target, { mode: 0o600 }), {
      signal: options.signal,
    });
  } finally {
    archive.close();
  }
  return { size, sha256: hash.digest('hex') };
}

/**
 * An archive with one stored file inside, as a stream: an image travels in an archive of its own, as EdgeGallery
 * packs it, without ever lying on the disk in that form.
 *
 * @param path path of the file inside
 * @param modified time of the entry, milliseconds since 1970
 */
export function archiveOfOne(path: string, content: StreamedContent, modified: number): StreamedContent {
  const parts = [{ path, content }];
  return { size: storedSize(path, content.size), open: () => openArchive(parts, modified).stream };
}

/** Packs small parts in memory. */
export async function archiveInMemory(parts: readonly ArchivePart[], modified: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of openArchive(parts, modified).stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function openArchive(
  parts: readonly ArchivePart[],
  modified: number,
): { stream: Readable; close: () => void } {
  const zip = new yazl.ZipFile();
  const stream = zip.outputStream as Readable;
  const opened: Readable[] = [];
  // yazl pipes sources without listening for their errors: the archive would wait for ever.
  const open = (content: StreamedContent) => {
    const source = content.open();
    opened.push(source);
    source.on('error', (error) => stream.destroy(error));
    return source;
  };
  const close = () => {
    for (const source of opened) source.destroy();
  };
  zip.on('error', (error: Error) => stream.destroy(error));
  stream.on('close', close);
  const mtime = wallClockInUtc(modified);
  // The extended timestamp is left out: it would hold the machine's time zone next to the DOS one.
  const common = { mtime, mode: 0o100644, forceDosTimestamp: true };
  for (const { path, content } of parts) {
    if (Buffer.isBuffer(content)) zip.addBuffer(content, path, common);
    else if ('late' in content) {
      zip.addReadStreamLazy(path, common, (give) => give(null, Readable.from([content.late()])));
    } else {
      const options = { ...common, compress: false, size: content.size };
      zip.addReadStreamLazy(path, options, (give) => give(null, open(content)));
    }
  }
  zip.end();
  return { stream, close };
}

/** Bytes of an archive that stores one file: what yazl will write is known beforehand. */
function storedSize(path: string, size: number): number {
  const zip = new yazl.ZipFile();
  let total = -1;
  const options = { compress: false, size, forceDosTimestamp: true, mtime: new Date(0) };
  zip.addReadStreamLazy(path, options, () => undefined);
  const tell = (bytes: number) => {
    total = bytes;
  };
  // The types of yazl do not know that the callback is told the size.
  zip.end(undefined, tell as () => void);
  return total;
}

/** yazl writes DOS times from local clock fields; this date's local fields are the moment's UTC fields. */
function wallClockInUtc(at: number): Date {
  const date = new Date(at);
  return new Date(
    Math.max(1980, date.getUTCFullYear()),
    date.getUTCMonth(),
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  );
}
