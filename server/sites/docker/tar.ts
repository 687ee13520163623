/** Small files as a tar archive (POSIX.1-1988 ustar), as Docker's API takes them. */

/** @param files paths without a leading slash, at most 255 bytes; modes as numbers */
export function tarOf(files: readonly { path: string; content: Buffer; mode: number }[]): Buffer {
  const blocks: Buffer[] = [];
  for (const { path, content, mode } of files) {
    blocks.push(headerOf(path, content.length, mode), content);
    blocks.push(Buffer.alloc((512 - (content.length % 512)) % 512));
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

function headerOf(path: string, size: number, mode: number): Buffer {
  const header = Buffer.alloc(512);
  const { name, prefix } = split(path);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(name, 0, 100);
  header.write(octal(mode & 0o7777, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(size, 11), 124);
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

/** A path over 100 bytes goes into two fields, cut at a slash. */
function split(path: string): { name: string; prefix: string } {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: '' };
  const cut = path.indexOf('/', path.length - 101);
  return { name: path.slice(cut + 1), prefix: path.slice(0, cut) };
}
