import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { disposition } from './send-file';

/** Bytes that are the same every time and lie in no file. */
export interface SentContent {
  size: number;
  /** A name for exactly these bytes. */
  etag: string;
  /** SHA-256 of them in hex, where it is known. */
  sha256: string | undefined;
  /** The name to save it under. */
  fileName: string;
  type: string;
  /** The bytes from one on, to another that is not included. */
  read(from: number, to: number): Readable;
}

/**
 * Sends content that is made as it is read, with one Range (RFC 9110 14), a strong ETag, and its digest as RFC 9530
 * writes it, where that is known. A client that leaves ends the reading.
 *
 * @returns whether all of it was sent to a GET, from the first byte to the last
 */
export async function sendRange(
  request: IncomingMessage,
  response: ServerResponse,
  content: SentContent,
): Promise<boolean> {
  const { size, sha256 } = content;
  const etag = `"${content.etag}"`;
  response.setHeader('etag', etag);
  response.setHeader('accept-ranges', 'bytes');
  response.setHeader('cache-control', 'public, no-cache');
  if (sha256 !== undefined) {
    response.setHeader('repr-digest', `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`);
  }
  const asked = request.headers['if-none-match']?.split(',').map((each) => each.trim().replace(/^W\//, ''));
  if (asked?.some((each) => each === etag || each === '*') === true) {
    response.writeHead(304).end();
    return false;
  }
  response.setHeader('content-type', content.type);
  response.setHeader('content-disposition', disposition(content.fileName));
  const condition = request.headers['if-range'];
  const range =
    condition === undefined || condition === etag ? rangeOf(request.headers.range, size) : undefined;
  if (range === 'none') {
    response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
    return false;
  }
  const { from, to } = range ?? { from: 0, to: size };
  const headers = { 'content-length': to - from };
  if (range) response.writeHead(206, { ...headers, 'content-range': `bytes ${from}-${to - 1}/${size}` });
  else response.writeHead(200, headers);
  if (request.method === 'HEAD') {
    response.end();
    return false;
  }
  try {
    await pipeline(content.read(from, to), response);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE')
      return false;
    throw error;
  }
  return from === 0 && to === size;
}

/**
 * The one range that is asked for; undefined for none, and for several, which may be answered with everything.
 *
 * @returns `none` for one that lies behind the end
 */
function rangeOf(
  header: string | undefined,
  size: number,
): { from: number; to: number } | 'none' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const length = Math.min(size, Number(last));
    return length === 0 ? 'none' : { from: size - length, to: size };
  }
  const from = Number(first);
  const to = last === '' ? size : Math.min(size, Number(last) + 1);
  if (from >= size) return 'none';
  return to > from ? { from, to } : undefined;
}
