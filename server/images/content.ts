import type { IncomingMessage } from 'node:http';
import { requireUser, type Actor } from '../access/actor';
import type { RawRoute } from '../content/raw-route';
import { sendFile } from '../content/send-file';
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
        const file = ports.contentFile(actor, id);
        await sendFile(request, response, { ...file, type: 'application/octet-stream', open: false });
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
