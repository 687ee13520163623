import { isUtf8 } from 'node:buffer';
import { Problem } from '../problem';
import { limits } from './csar/limits';
import { openNested } from './csar/nested-descriptor';
import { openCsar, type OpenCsar } from './csar/open-csar';
import type { FilePreview, PackageFile } from './schemas';

/** Bytes of a text that are shown, of a picture at most, and of anything else as hex. */
const textBytes = 256 * 1024;
const pictureBytes = 1024 * 1024;
const hexBytes = 256;

const pictureTypes: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
};

/**
 * The beginning of a file of a package, for reading on a page.
 *
 * @param content path of the archive
 * @param file one of the package's files; those of the zipped descriptor have `!/` in their path
 * @throws Problem `not_found`
 */
export async function previewFile(content: string, file: PackageFile): Promise<FilePreview> {
  const csar = await openCsar(content);
  try {
    const { path, size } = file;
    const type = pictureTypes[path.slice(path.lastIndexOf('.') + 1).toLowerCase()];
    if (type !== undefined && size <= pictureBytes) {
      const bytes = await headOf(csar, path, pictureBytes);
      return { kind: 'image', path, dataUrl: `data:${type};base64,${bytes.toString('base64')}` };
    }
    const bytes = await headOf(csar, path, textBytes);
    const text = readableText(bytes, size > bytes.length);
    if (text !== undefined) return { kind: 'text', path, text, truncated: size > bytes.length };
    return { kind: 'binary', path, size, hex: bytes.subarray(0, hexBytes).toString('hex') };
  } finally {
    csar.close();
  }
}

async function headOf(csar: OpenCsar, path: string, atMost: number): Promise<Buffer> {
  const [outer = '', inner] = path.split('!/');
  if (!csar.has(outer)) throw new Problem('not_found', 'packages.errors.noFile', { path });
  if (inner === undefined) return await csar.head(outer, atMost);
  const nested = await openNested(csar, outer, limits);
  try {
    return await nested.head(inner, atMost);
  } finally {
    nested.close();
  }
}

/** The bytes as text, unless they are no UTF-8 or hold a NUL. A cut in the middle of a letter is forgiven. */
function readableText(bytes: Buffer, cut: boolean): string | undefined {
  if (bytes.includes(0)) return undefined;
  const whole = cut ? bytes.subarray(0, endOfLastLetter(bytes)) : bytes;
  return isUtf8(whole) ? whole.toString('utf8') : undefined;
}

function endOfLastLetter(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 0 && ((bytes[end - 1] ?? 0) & 0xc0) === 0x80) end -= 1;
  return Math.max(0, end - 1);
}
