import { basename, dirname } from 'node:path';
import send from 'send';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { requireUser, type Actor } from '../access/actor';
import type { RawRoute } from '../api/raw-route';
import { Problem } from '../problem';
import type { ContentFile } from './images';

interface ContentPorts {
  contentFile(actor: Actor, id: string): ContentFile;
  screenshot(actor: Actor, imageId: string, proofId: string): Promise<Buffer>;
}

const contentPath = /^\/api\/v1\/images\/([\w-]+)\/content$/;
const picturePath = /^\/api\/v1\/images\/([\w-]+)\/proofs\/([\w-]+)\/screenshot$/;

/** Downloads of images with Range and digests, and pictures of boot tests. */
export function contentRoutes(ports: ContentPorts): RawRoute[] {
  const reads = (method: string) => method === 'GET' || method === 'HEAD';
  return [
    {
      matches: (method, path) => reads(method) && contentPath.test(path),
      async handle(request, response, actor) {
        requireReader(actor);
        const [, id = ''] = contentPath.exec(pathOf(request)) ?? [];
        await sendContent(request, response, ports.contentFile(actor, id));
      },
    },
    {
      matches: (method, path) => reads(method) && picturePath.test(path),
      async handle(request, response, actor) {
        requireReader(actor);
        const [, id = '', proofId = ''] = picturePath.exec(pathOf(request)) ?? [];
        const picture = await ports.screenshot(actor, id, proofId);
        response.writeHead(200, {
          'content-type': 'image/png',
          'content-length': picture.length,
          // A boot test's picture never changes; it is for those who may see the image only.
          'cache-control': 'private, max-age=31536000, immutable',
        });
        response.end(request.method === 'HEAD' ? undefined : picture);
      },
    },
  ];
}

function requireReader(given: Actor): void {
  const actor = requireUser(given);
  if (!actor.scopes.includes('read'))
    throw new Problem('forbidden', 'access.errors.needsScope', { scope: 'read' });
}

function pathOf(request: IncomingMessage): string {
  return new URL(request.url ?? '/', 'http://localhost').pathname;
}

/**
 * Sends a file with Range (RFC 9110 14), a strong ETag that is its SHA-256, and its digest as RFC 9530 and its
 * forerunner RFC 3230 write it.
 */
function sendContent(request: IncomingMessage, response: ServerResponse, file: ContentFile): Promise<void> {
  const sha256 = Buffer.from(file.sha256, 'hex').toString('base64');
  const md5 = Buffer.from(file.md5, 'hex').toString('base64');
  response.setHeader('etag', `"${file.sha256}"`);
  response.setHeader('repr-digest', `sha-256=:${sha256}:`);
  response.setHeader('digest', `sha-256=${sha256},md5=${md5}`);
  response.setHeader('content-type', 'application/octet-stream');
  response.setHeader('content-disposition', disposition(file.fileName));
  response.setHeader('cache-control', 'private, no-cache');
  return new Promise((resolve, reject) => {
    response.once('close', resolve);
    send(request, `/${basename(file.path)}`, {
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
        reject(new Problem('gone', 'images.errors.fileGone', {}, { cause: error }));
      })
      .pipe(response);
  });
}

/** RFC 6266: a plain name for old readers, and the real one in UTF-8. */
function disposition(name: string): string {
  const plain = name.replaceAll(/[^\w.-]/g, '_');
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
