import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename, dirname } from 'node:path';
import send from 'send';
import { Problem } from '../problem';

/** A file that never changes, and what its headers say. */
export interface SentFile {
  path: string;
  size: number;
  /** Of its bytes, in hex. */
  sha256: string;
  md5?: string;
  /** The name to save it under. */
  fileName: string;
  type: string;
  /** Whether caches that serve several people may keep it. */
  open: boolean;
}

/**
 * Sends a file with Range (RFC 9110 14), a strong ETag that is its SHA-256, and its digest as RFC 9530 and its
 * forerunner RFC 3230 write it.
 *
 * @returns once the answer is out or the client is gone
 * @throws Problem `gone` when the file is not there
 */
export function sendFile(request: IncomingMessage, response: ServerResponse, file: SentFile): Promise<void> {
  for (const [name, value] of Object.entries(fileHeaders(file))) response.setHeader(name, value);
  return new Promise((resolve, reject) => {
    response.once('close', resolve);
    send(request, `/${encodeURIComponent(basename(file.path))}`, {
      root: dirname(file.path),
      etag: false,
      lastModified: false,
      cacheControl: false,
      index: false,
      dotfiles: 'deny',
    })
      .on('error', (error: Error & { status?: number }) => {
        if (error.status === 416 || error.status === 412) {
          response.writeHead(error.status, { 'content-range': `bytes */${file.size}` });
          response.end();
          return;
        }
        reject(new Problem('gone', 'problems.fileGone', {}, { cause: error }));
      })
      .pipe(response);
  });
}

/** What the headers of a file say of it, its length apart. */
export function fileHeaders(file: SentFile): Record<string, string> {
  const sha256 = Buffer.from(file.sha256, 'hex').toString('base64');
  const md5 = file.md5 === undefined ? '' : `,md5=${Buffer.from(file.md5, 'hex').toString('base64')}`;
  return {
    etag: `"${file.sha256}"`,
    'repr-digest': `sha-256=:${sha256}:`,
    digest: `sha-256=${sha256}${md5}`,
    'content-type': file.type,
    'content-disposition': disposition(file.fileName),
    'cache-control': `${file.open ? 'public' : 'private'}, no-cache`,
  };
}

/** RFC 6266: a plain name for old readers, and the real one in UTF-8. */
export function disposition(name: string): string {
  const plain = name.replaceAll(/[^\w.-]/g, '_');
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
