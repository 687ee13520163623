import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Digests of a file, in hex. */
export interface FileDigests {
  size: number;
  sha256: string;
  md5: string;
}

/**
 * Reads a file once and takes SHA-256 (identity) and MD5 (what EdgeGallery's tools compare).
 *
 * @param file path
 * @param step `signal` stops it; `progress` gets bytes done and in all
 * @throws Error of the file system, AbortError
 */
export async function digestFile(
  file: string,
  step: { signal: AbortSignal; progress?: (done: number, total: number) => void },
): Promise<FileDigests> {
  const { size } = await stat(file);
  const sha256 = createHash('sha256');
  const md5 = createHash('md5');
  let done = 0;
  const blocks = createReadStream(file, { highWaterMark: 1 << 20, signal: step.signal });
  for await (const block of blocks as AsyncIterable<Buffer>) {
    sha256.update(block);
    md5.update(block);
    done += block.length;
    step.progress?.(done, size);
  }
  return { size: done, sha256: sha256.digest('hex'), md5: md5.digest('hex') };
}
