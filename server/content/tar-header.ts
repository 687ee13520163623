/**
 * The header of a file in a tar archive (POSIX.1-1988 ustar).
 *
 * @param path without a leading slash, at most 255 bytes
 * @param size bytes of the file; it follows, filled up to whole blocks of 512 bytes
 * @param mode permission bits
 * @returns 512 bytes
 */
export function tarHeader(path: string, size: number, mode: number): Buffer {
  const header = Buffer.alloc(512);
  const { name, prefix } = split(path);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(name, 0, 100);
  header.write(octal(mode & 0o7777, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  if (size < 8 ** 11) header.write(octal(size, 11), 124);
  else {
    // From 8 GiB on the digits do not suffice: GNU's binary form, which every tar of today reads.
    header.writeUInt8(0x80, 124);
    header.writeBigUInt64BE(BigInt(size), 128);
  }
  header.write(octal(0, 11), 136);
  // The sum is made over a header in which its own place holds blanks.
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\u000000', 257);
  header.write(prefix, 345, 155);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/** Bytes that fill a file up to whole blocks. */
export function tarPadding(size: number): number {
  return (512 - (size % 512)) % 512;
}

/** A path over 100 bytes goes into two fields, cut at a slash. */
function split(path: string): { name: string; prefix: string } {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: '' };
  const cut = path.indexOf('/', path.length - 101);
  return { name: path.slice(cut + 1), prefix: path.slice(0, cut) };
}
