import type { Readable } from 'node:stream';

/**
 * Reads a part of a request that must have as many bytes as it says.
 *
 * @param size bytes announced
 * @param lie throws; told how many bytes came, at the least
 */
export async function* exactBytes(
  content: Readable,
  size: number,
  lie: (came: number) => never,
): AsyncGenerator<Buffer> {
  let came = 0;
  // Not destroyed when it is refused in its middle: the sender is to read why.
  for await (const piece of content.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    came += piece.length;
    if (came > size) lie(came);
    yield piece;
  }
  if (came < size) lie(came);
}
