/** Small files as a tar archive, as Docker's API takes them. */
import { tarHeader, tarPadding } from '../../content/tar-header';

/** @param files paths without a leading slash, at most 255 bytes; modes as numbers */
export function tarOf(files: readonly { path: string; content: Buffer; mode: number }[]): Buffer {
  const blocks: Buffer[] = [];
  for (const { path, content, mode } of files) {
    blocks.push(tarHeader(path, content.length, mode), content, Buffer.alloc(tarPadding(content.length)));
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
