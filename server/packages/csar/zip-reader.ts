import type { KeyBelow } from '@/messages/messages';
import type { Readable } from 'node:stream';
import yauzl from 'yauzl';
import { Problem } from '../../problem';
import { limits as standardLimits, type Limits } from './limits';

/** A file of an archive; folders are left out. */
export interface ZipEntry {
  path: string;
  /** Bytes, unpacked. */
  size: number;
}

export interface OpenZip {
  entries: readonly ZipEntry[];
  /** @throws Error when there is no such entry */
  stream(path: string): Promise<Readable>;
  /**
   * The first bytes of a file.
   *
   * @param atMost bytes to read at most
   */
  head(path: string, atMost: number): Promise<Buffer>;
  close(): void;
}

/**
 * Opens an archive nobody vouches for. Its whole table of contents is checked before a byte of content is read: names
 * that would leave the folder they are unpacked into, links and devices, names twice, encryption, and every bound of
 * `limits`.
 *
 * @param source path of the file, or its bytes
 * @throws Problem `invalid` that names the rule and the entry, or `too_large` that names the limit
 */
export async function openZip(source: string | Buffer, bounds: Partial<Limits> = {}): Promise<OpenZip> {
  const limits = { ...standardLimits, ...bounds };
  const zip = await openUnread(source);
  try {
    if (zip.entryCount > limits.entries) {
      throw tooLarge('tooManyEntries', { count: zip.entryCount, limit: limits.entries });
    }
    const found = await readTable(zip, limits);
    const entryOf = (path: string) => {
      const entry = found.get(path);
      if (entry === undefined) throw new Error(`no such entry: ${path}`);
      return entry;
    };
    const stream = async (path: string) => await zip.openReadStreamPromise(entryOf(path));
    return {
      entries: [...found].map(([path, entry]) => ({ path, size: entry.uncompressedSize })),
      stream,
      head: async (path, atMost) => await firstBytes(await stream(path), atMost),
      close: () => {
        zip.close();
      },
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

async function openUnread(source: string | Buffer): Promise<yauzl.ZipFile> {
  // Names are decoded here and not there, so that a refusal can say which rule the name broke.
  const options = { lazyEntries: true, autoClose: false, decodeStrings: false, validateEntrySizes: true };
  try {
    return typeof source === 'string'
      ? await yauzl.openPromise(source, options)
      : await yauzl.fromBufferPromise(source, options);
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw error; // the disk's own error
    throw notAnArchive(error);
  }
}

async function readTable(zip: yauzl.ZipFile, limits: Limits): Promise<Map<string, yauzl.Entry>> {
  const files = new Map<string, yauzl.Entry>();
  const seen = new Set<string>();
  let unpacked = 0;
  let packed = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      const path = decodedName(entry);
      checkName(path, limits);
      checkKind(entry, path);
      // Unpacked on a file system that does not tell cases apart, one would overwrite the other.
      const key = path.replace(/\/$/, '').normalize('NFC').toLowerCase();
      if (seen.has(key)) throw invalid('duplicateName', { path });
      seen.add(key);
      unpacked += entry.uncompressedSize;
      packed += entry.compressedSize;
      if (entry.uncompressedSize > limits.fileBytes) {
        throw tooLarge('fileTooLarge', { path, size: entry.uncompressedSize, limit: limits.fileBytes });
      }
      if (unpacked > limits.totalBytes) {
        throw tooLarge('contentTooLarge', { size: unpacked, limit: limits.totalBytes });
      }
      if (!path.endsWith('/')) files.set(path, entry);
    }
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw notAnArchive(error);
  }
  // Entries that share the same packed bytes multiply them without ever exceeding a ratio of their own.
  if (packed > zip.fileSize) throw invalid('overlappingEntries', { packed, size: zip.fileSize });
  if (unpacked > limits.ratioFrom && unpacked > packed * limits.ratio) {
    throw tooLarge('ratioTooHigh', {
      ratio: Math.round(unpacked / Math.max(packed, 1)),
      limit: limits.ratio,
    });
  }
  return files;
}

function decodedName(entry: yauzl.Entry): string {
  const fields = entry.extraFields;
  return yauzl.getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, fields, true);
}

function checkName(path: string, limits: Limits): void {
  const shown = path.slice(0, 200);
  if (path === '' || path.includes('\0'))
    throw invalid('unsafeName', { path: shown.replaceAll('\0', '\\0') });
  if (Buffer.byteLength(path) > limits.nameBytes) {
    throw tooLarge('nameTooLong', { path: shown, limit: limits.nameBytes });
  }
  const parts = path.replace(/\/$/, '').split('/');
  const unsafe =
    path.startsWith('/') ||
    path.includes('\\') ||
    /^[A-Za-z]:/.test(path) ||
    /\p{Cc}/u.test(path) ||
    parts.some((part) => part === '..' || part === '.' || part === '');
  if (unsafe) throw invalid('unsafeName', { path: shown });
  if (parts.length > limits.depth) throw tooLarge('tooDeep', { path: shown, limit: limits.depth });
}

/** Only plain files and folders, plainly stored. */
function checkKind(entry: yauzl.Entry, path: string): void {
  if (entry.isEncrypted()) throw invalid('encrypted', { path });
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) {
    throw invalid('unknownCompression', { path, method: entry.compressionMethod });
  }
  // Unix mode in the upper half, for archives made on Unix (3) or macOS (19).
  const madeOn = entry.versionMadeBy >>> 8;
  if (madeOn !== 3 && madeOn !== 19) return;
  const type = (entry.externalFileAttributes >>> 16) & 0o170000;
  if (type === 0o120000) throw invalid('symbolicLink', { path });
  if (type !== 0 && type !== 0o100000 && type !== 0o040000) throw invalid('specialFile', { path });
}

async function firstBytes(stream: Readable, atMost: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size >= atMost) break;
    }
  } catch (error) {
    throw asDamage(error);
  }
  return Buffer.concat(chunks).subarray(0, atMost);
}

/**
 * What reading damaged or lying content throws, as a Problem. Aborts, Problems and the disk's own errors pass.
 *
 * @param error what a stream of an archive threw
 */
export function asDamage(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof Problem || error.name === 'AbortError') return error;
  const code = 'code' in error ? String(error.code) : '';
  return code === '' || code.startsWith('Z_') ? notAnArchive(error) : error;
}

function notAnArchive(cause: unknown): Problem {
  const detail = cause instanceof Error ? cause.message : undefined;
  return new Problem('invalid', 'packages.errors.notAnArchive', {}, { detail, cause });
}

const invalid = (rule: KeyBelow<'packages.errors'>, params: Record<string, string | number>) =>
  new Problem('invalid', `packages.errors.${rule}`, params);
const tooLarge = (rule: KeyBelow<'packages.errors'>, params: Record<string, string | number>) =>
  new Problem('too_large', `packages.errors.${rule}`, params);
