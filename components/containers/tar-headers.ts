/** The header of one entry of a tar (POSIX ustar and pax, GNU), as far as looking into an archive needs it. */
export interface TarHeader {
  name: string;
  size: number;
  /** Whether it is a plain file, with content behind its header. */
  file: boolean;
  /** Of a header that tells of the next entry: reads its content. */
  extended: ((content: Uint8Array) => Partial<TarHeader>) | undefined;
}

const decoder = new TextDecoder();

/**
 * Reads a header.
 *
 * @returns undefined at the archive's end
 * @throws Error when the block is no header
 */
export function readHeader(block: Uint8Array): TarHeader | undefined {
  if (block.length < 512 || block.every((byte) => byte === 0)) return undefined;
  let sum = 8 * 32;
  for (let i = 0; i < 512; i += 1) sum += i >= 148 && i < 156 ? 0 : (block[i] ?? 0);
  if (sum !== Number.parseInt(text(block, 148, 8).trim(), 8)) throw new Error('not a tar');
  const prefix = text(block, 257, 6) === 'ustar' ? text(block, 345, 155) : '';
  const flag = String.fromCharCode(block[156] ?? 0);
  return {
    name: prefix === '' ? text(block, 0, 100) : `${prefix}/${text(block, 0, 100)}`,
    size: sizeOf(block.subarray(124, 136)),
    file: flag === '0' || flag === '\0' || flag === '7',
    extended:
      flag === 'x'
        ? readPax
        : flag === 'L'
          ? (content) => ({ name: text(content, 0, content.length) })
          : flag === 'g' || flag === 'K'
            ? () => ({})
            : undefined,
  };
}

/** Names as the manifests write them. */
export function documentName(name: string): string {
  return name
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

/** Whether an entry may be one of the documents that tell of images. */
export function isWanted(name: string): boolean {
  return (
    name === 'manifest.json' || name === 'index.json' || name.endsWith('.json') || name.startsWith('blobs/')
  );
}

function text(block: Uint8Array, from: number, length: number): string {
  const field = block.subarray(from, from + length);
  const end = field.indexOf(0);
  return decoder.decode(field.subarray(0, end === -1 ? field.length : end));
}

/** Octal, or GNU's binary form for files of 8 GiB and more. */
function sizeOf(field: Uint8Array): number {
  if (((field[0] ?? 0) & 0x80) === 0) return Number.parseInt(text(field, 0, 12).trim() || '0', 8);
  return field.subarray(4).reduce((value, byte) => value * 256 + byte, 0);
}

function readPax(content: Uint8Array): Partial<TarHeader> {
  const found: Partial<TarHeader> = {};
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const length = Number(decoder.decode(content.subarray(at, space)));
    if (!Number.isSafeInteger(length) || length <= 0) break;
    const record = decoder.decode(content.subarray(space + 1, at + length - 1));
    const value = record.slice(record.indexOf('=') + 1);
    if (record.startsWith('path=')) found.name = value;
    if (record.startsWith('size=')) found.size = Number(value);
    at += length;
  }
  return found;
}
