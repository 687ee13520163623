/** Downloads out of a guest: `GET /api/v1/vms/{id}/files/content?path=…`, with Range (RFC 9110, 14). */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { posix } from 'node:path';
import type { RawRoute } from '../../content/raw-route';
import { Problem } from '../../problem';
import type { GuestFiles, OpenGuestFile } from './files';
import { requireDeveloper } from '../../access/developer';

const pattern = /^\/api\/v1\/vms\/([^/]+)\/files\/content\/?$/;

/** The route over which files of a guest are read; nothing of them is kept on the server. */
export function downloadRoute(files: GuestFiles): RawRoute {
  return {
    matches: (method, path) => (method === 'GET' || method === 'HEAD') && pattern.test(path),
    async handle(request, response, actor) {
      requireDeveloper(actor, 'read');
      const url = new URL(request.url ?? '/', 'http://edgeyard');
      const vmId = decodeURIComponent(pattern.exec(url.pathname)?.[1] ?? '');
      const path = url.searchParams.get('path');
      if (!path) throw new Problem('invalid', 'files.errors.pathMissing');
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      await files.read(actor, vmId, path, gone.signal, async (file) => {
        const range = rangeOf(request.headers.range, [request.headers['if-range']].flat()[0], file);
        sendHead(response, file, range);
        if (request.method === 'HEAD' || range === 'unsatisfiable') response.end();
        else await sendBlocks(response, file, range ?? { from: 0, to: file.size }, gone.signal);
      });
    },
  };
}

interface Range {
  from: number;
  /** Behind the last byte. */
  to: number;
}

/**
 * Reads a Range header of one range; anything else means the whole file, as RFC 9110, 14.2 allows.
 *
 * @returns undefined for the whole file
 */
export function rangeOf(
  header: string | undefined,
  condition: string | undefined,
  file: Pick<OpenGuestFile, 'size' | 'modifiedAt'>,
): Range | 'unsatisfiable' | undefined {
  if (header === undefined) return undefined;
  if (condition !== undefined && condition !== tagOf(file)) return undefined;
  const match = /^bytes=(\d*)-(\d*)$/.exec(header);
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '') {
    const length = Math.min(Number(last), file.size);
    return length === 0 ? 'unsatisfiable' : { from: file.size - length, to: file.size };
  }
  const from = Number(first);
  const to = last === '' ? file.size : Math.min(Number(last) + 1, file.size);
  if (last !== '' && Number(last) < from) return undefined;
  return from >= file.size ? 'unsatisfiable' : { from, to };
}

function tagOf(file: Pick<OpenGuestFile, 'size' | 'modifiedAt'>): string {
  return `"${file.size.toString(16)}-${file.modifiedAt.toString(16)}"`;
}

function sendHead(
  response: ServerResponse,
  file: OpenGuestFile,
  range: Range | 'unsatisfiable' | undefined,
): void {
  const name = posix.basename(file.path);
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('ETag', tagOf(file));
  response.setHeader('Last-Modified', new Date(file.modifiedAt).toUTCString());
  // Never shown in place: a guest's file is not ours to run in the app's origin.
  response.setHeader('Content-Type', 'application/octet-stream');
  response.setHeader('Content-Disposition', disposition(name));
  response.setHeader('Cache-Control', 'private, no-store');
  if (range === 'unsatisfiable') {
    response.writeHead(416, { 'Content-Range': `bytes */${file.size}`, 'Content-Length': 0 });
  } else if (range) {
    response.writeHead(206, {
      'Content-Range': `bytes ${range.from}-${range.to - 1}/${file.size}`,
      'Content-Length': range.to - range.from,
    });
  } else {
    response.writeHead(200, { 'Content-Length': file.size });
  }
}

// RFC 6266 with RFC 8187: a plain name for old readers, the true one for all others.
function disposition(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\]/g, '_');
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

async function sendBlocks(
  response: ServerResponse,
  file: OpenGuestFile,
  { from, to }: Range,
  signal: AbortSignal,
): Promise<void> {
  let left = to - from;
  for await (const block of file.blocks(from, to)) {
    left -= block.length;
    if (!response.write(block)) await once(response, 'drain', { signal });
  }
  // A file that shrank meanwhile: the length is promised already, so only cutting tells the reader.
  if (left > 0) response.destroy();
  else response.end();
}
