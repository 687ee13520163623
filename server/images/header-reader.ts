import type { FileHandle } from 'node:fs/promises';
import { Problem } from '../problem';

/** A file of unknown origin, read in small bounded pieces. */
export interface HeaderReader {
  /** Bytes of the file. */
  readonly size: number;
  /**
   * Reads exactly `length` bytes.
   *
   * @throws Problem `invalid` when the file ends before
   */
  read(offset: number, length: number): Promise<Buffer>;
}

/** No header we read is longer; more is a mistake of ours, not of the file. */
const longestRead = 1 << 20;

/** Reads headers through an open file. */
export function headerReader(handle: Pick<FileHandle, 'read'>, size: number): HeaderReader {
  return {
    size,
    async read(offset, length) {
      if (length > longestRead) throw new RangeError(`header piece of ${length} bytes`);
      if (!Number.isSafeInteger(offset) || offset < 0 || offset + length > size) {
        throw new Problem('invalid', 'images.hostile.truncated', { needed: offset + length, size });
      }
      const buffer = Buffer.alloc(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await handle.read(buffer, done, length - done, offset + done);
        if (bytesRead === 0)
          throw new Problem('invalid', 'images.hostile.truncated', { needed: offset + length, size });
        done += bytesRead;
      }
      return buffer;
    },
  };
}

/** What a header says, once it has passed. */
export interface HeaderFacts {
  /** Bytes of disk that a guest sees. */
  virtualSize: number;
  /** Whether the file may be kept as it is; otherwise it is rewritten. */
  clean: boolean;
}

/** The largest disk we take, in bytes: 64 TiB. Beyond it the tables of the formats themselves become a weapon. */
export const largestDisk = 64 * 2 ** 40;

/**
 * Checks the size of the disk that a header promises.
 *
 * @param bytes as the header says it
 * @returns the same as a number
 * @throws Problem `invalid` for nothing, too much, or a number that is not whole sectors of 512 bytes
 */
export function diskSize(bytes: bigint | number): number {
  if (bytes <= 0 || bytes > largestDisk) {
    throw new Problem('invalid', 'images.hostile.diskSize', { size: Number(bytes), limit: largestDisk });
  }
  return Number(bytes);
}

/** Text of a header field up to its first NUL, made safe to show: no control characters, at most 200 characters. */
export function shownText(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  const text = bytes.toString('utf8', 0, end === -1 ? bytes.length : end);
  return text.replaceAll(/\p{C}/gu, '·').slice(0, 200);
}
