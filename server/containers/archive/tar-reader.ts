import { limits, refuse } from './limits';

/** One entry of a tar, in the order of the archive. */
export interface TarEntry {
  /** Clean relative path with `/`. */
  name: string;
  type: 'file' | 'link' | 'directory';
  /** Of a link: the path inside the archive it leads to. */
  target: string;
  /** Bytes of content. */
  size: number;
  /** The content; must be read to its end before the next entry is asked for. */
  content: AsyncIterable<Buffer>;
}

/**
 * Reads a tar as it comes (POSIX ustar and pax, GNU long names and sizes), and refuses what an image archive never
 * holds: absolute names, `..`, links that lead out, devices, names that come twice.
 *
 * @param source the bytes, from `start` on
 * @param start offset in the archive at which the source begins; a header is there
 * @param seen names of the entries before `start`
 * @throws Problem `invalid` of `containers.archive.*`
 */
export async function* readTar(
  source: AsyncIterable<Buffer>,
  start = 0,
  seen: Iterable<string> = [],
): AsyncGenerator<TarEntry & { offsetAfter: number }> {
  const bytes = new Bytes(source);
  const names = new Set(seen);
  let extended: Extended = {};
  let headers = 0;
  for (;;) {
    const block = await bytes.take(512);
    if (block === undefined) {
      // Some writers leave the two empty blocks at the end out.
      if (headers === 0 && names.size === 0) refuse('notATar');
      return;
    }
    if (isEmpty(block)) return;
    const header = parseHeader(block);
    headers += 1;
    if (headers > limits.entries * 3) refuse('tooManyEntries', { limit: limits.entries });
    if ('xgLK'.includes(header.flag)) {
      extended = { ...extended, ...readExtended(header, await readSmall(bytes, header.size)) };
      continue;
    }
    const size = extended.size ?? header.size;
    const type = typeOf(header.flag, extended.name ?? header.name);
    const name = cleanName(extended.name ?? header.name);
    const target = type === 'link' ? linkTarget(header.flag, name, extended.link ?? header.link) : '';
    extended = {};
    if (name !== '') {
      if (type !== 'directory' && names.has(name)) refuse('twice', { name });
      names.add(name);
      if (names.size > limits.entries) refuse('tooManyEntries', { limit: limits.entries });
    }
    // Links and directories have no content whatever their header says.
    const length = type === 'file' ? size : 0;
    const padded = length + ((512 - (length % 512)) % 512);
    const body = new Body(bytes, length);
    const offsetAfter = start + bytes.taken + padded;
    if (name !== '') yield { name, type, target, size: length, content: body.read(), offsetAfter };
    await body.skipRest();
    if ((await bytes.take(padded - length)) === undefined && padded > length) refuse('cutOff');
  }
}

interface Extended {
  name?: string;
  link?: string;
  size?: number;
}

interface Header {
  name: string;
  link: string;
  size: number;
  flag: string;
}

function isEmpty(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

function parseHeader(block: Buffer): Header {
  // The checksum is taken with its own field as eight spaces (POSIX.1-2017, pax, "ustar Interchange Format").
  let sum = 8 * 32;
  for (let i = 0; i < 512; i += 1) sum += i >= 148 && i < 156 ? 0 : (block[i] ?? 0);
  if (sum !== octal(block.subarray(148, 156))) refuse('notATar');
  const text = (from: number, length: number) => cString(block.subarray(from, from + length));
  const prefix = text(257, 6) === 'ustar' ? text(345, 155) : '';
  const name = prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`;
  const flag = block[156] === 0 ? '0' : String.fromCharCode(block[156] ?? 0);
  return { name, link: text(157, 100), size: number(block.subarray(124, 136)), flag };
}

function cString(field: Buffer): string {
  const end = field.indexOf(0);
  return field.subarray(0, end === -1 ? field.length : end).toString('utf8');
}

function octal(field: Buffer): number {
  const text = cString(field).trim();
  if (!/^[0-7]*$/.test(text)) refuse('notATar');
  return text === '' ? 0 : Number.parseInt(text, 8);
}

/** Octal text, or GNU's binary form for files of 8 GiB and more: the first bit set, the rest big-endian. */
function number(field: Buffer): number {
  if (((field[0] ?? 0) & 0x80) === 0) return octal(field);
  const value = field.subarray(4).readBigUInt64BE();
  if (field.subarray(1, 4).some((byte) => byte !== 0) || value > BigInt(limits.expandedBytes)) {
    refuse('tooLarge', { limit: limits.expandedBytes });
  }
  return Number(value);
}

function typeOf(flag: string, name: string): TarEntry['type'] {
  // `7` is a file that should lie in one piece, which is a plain file to anybody else.
  if (flag === '0' || flag === '7') return name.endsWith('/') ? 'directory' : 'file';
  if (flag === '1' || flag === '2') return 'link';
  if (flag === '5') return 'directory';
  return refuse('entryType', { name, type: flag });
}

function cleanName(name: string): string {
  if (name.includes('\0') || name.length > 4096) refuse('badName', { name: name.slice(0, 80) });
  if (name.startsWith('/')) refuse('absolute', { name });
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) refuse('parent', { name });
  return parts.join('/');
}

/** A symbolic link is relative to its own folder, a hard link to the archive's root. */
function linkTarget(flag: string, name: string, link: string): string {
  if (link.startsWith('/')) refuse('linkOut', { name, target: link });
  const path = flag === '2' ? [...name.split('/').slice(0, -1), ...link.split('/')] : link.split('/');
  const found: string[] = [];
  for (const part of path) {
    if (part === '' || part === '.') continue;
    if (part !== '..') found.push(part);
    else if (found.pop() === undefined) refuse('linkOut', { name, target: link });
  }
  return found.join('/');
}

function readExtended(header: Header, content: Buffer): Extended {
  if (header.flag === 'L') return { name: cString(content) };
  if (header.flag === 'K') return { link: cString(content) };
  // Values for the whole archive say nothing of names and sizes.
  if (header.flag === 'g') return {};
  const found: Extended = {};
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const length = space === -1 ? Number.NaN : Number(content.subarray(at, space).toString('latin1'));
    if (!Number.isSafeInteger(length) || length <= space - at || at + length > content.length) {
      refuse('badHeader');
    }
    const record = content.subarray(space + 1, at + length - 1).toString('utf8');
    const [key, value] = [record.slice(0, record.indexOf('=')), record.slice(record.indexOf('=') + 1)];
    if (key === 'path') found.name = value;
    if (key === 'linkpath') found.link = value;
    if (key === 'size') found.size = paxSize(value);
    if (key.startsWith('GNU.sparse')) refuse('sparse');
    at += length;
  }
  return found;
}

function paxSize(value: string): number {
  const size = /^\d+$/.test(value) ? Number(value) : refuse('badHeader');
  return size > limits.expandedBytes ? refuse('tooLarge', { limit: limits.expandedBytes }) : size;
}

async function readSmall(bytes: Bytes, size: number): Promise<Buffer> {
  if (size > limits.headerBytes) refuse('badHeader');
  const padded = size + ((512 - (size % 512)) % 512);
  const content = await bytes.take(padded);
  return content?.subarray(0, size) ?? refuse('cutOff');
}

/** Takes bytes off a stream in the amounts asked for. */
class Bytes {
  taken = 0;
  private readonly source: AsyncIterator<Buffer>;
  private rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.source = source[Symbol.asyncIterator]();
  }

  /** Between one byte and `limit`; undefined at the end. */
  async some(limit: number): Promise<Buffer | undefined> {
    while (this.rest.length === 0) {
      const next = await this.source.next();
      if (next.done) return undefined;
      this.rest = next.value;
    }
    const piece = this.rest.subarray(0, limit);
    this.rest = this.rest.subarray(piece.length);
    this.taken += piece.length;
    return piece;
  }

  /** Exactly this many bytes; undefined when the stream is at its end. */
  async take(count: number): Promise<Buffer | undefined> {
    const pieces: Buffer[] = [];
    for (let have = 0; have < count;) {
      const piece = await this.some(count - have);
      if (piece === undefined) return have === 0 ? undefined : refuse('cutOff');
      pieces.push(piece);
      have += piece.length;
    }
    return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
  }
}

/** The content of one entry. */
class Body {
  private left: number;

  constructor(
    private readonly bytes: Bytes,
    size: number,
  ) {
    this.left = size;
  }

  async *read(): AsyncGenerator<Buffer> {
    while (this.left > 0) {
      const piece = await this.bytes.some(this.left);
      if (piece === undefined) refuse('cutOff');
      this.left -= piece.length;
      yield piece;
    }
  }

  async skipRest(): Promise<void> {
    while (this.left > 0) {
      const piece = await this.bytes.some(this.left);
      if (piece === undefined) refuse('cutOff');
      this.left -= piece.length;
    }
  }
}
