import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { RawRoute } from '../content/raw-route';
import { sendFile, type SentFile } from '../content/send-file';
import { Problem } from '../problem';

type Exchange = [request: IncomingMessage, response: ServerResponse];

interface Ports {
  /** @throws Problem `not_found`, `gone` */
  file(releaseId: string): SentFile;
  icon(appId: string): { type: string; data: Buffer };
  picturePath(proofId: string): string;
  /** Sends a disk image of a release. @throws Problem `not_found`, `gone`, `registries.errors.*` */
  sendDisk(releaseId: string, index: number, ...args: Exchange): Promise<void>;
  /** Called when a download begins. */
  downloaded(releaseId: string): void;
}

const contentPath = /^\/api\/v1\/store\/releases\/([\w-]+)\/content$/;
const diskPath = /^\/api\/v1\/store\/releases\/([\w-]+)\/images\/(\d{1,4})\/content$/;
const iconPath = /^\/api\/v1\/store\/apps\/([\w-]+)\/icon$/;
const picturePath = /^\/api\/v1\/store\/proofs\/([\w-]+)\/screenshot$/;

/** Downloads with Range, icons and pictures of the store. Anybody may have them. */
export function storeRoutes(ports: Ports): RawRoute[] {
  return [
    routeOf(contentPath, async (id, request, response) => {
      const file = ports.file(id);
      // The rest of a download that was cut is the same download.
      const range = request.headers.range;
      if (request.method === 'GET' && (range === undefined || range.startsWith('bytes=0-')))
        ports.downloaded(id);
      await sendFile(request, response, file);
    }),
    routeOf(diskPath, (id, request, response) => {
      const [, , index] = diskPath.exec(pathOf(request)) ?? [];
      return ports.sendDisk(id, Number(index), request, response);
    }),
    routeOf(iconPath, (id, request, response) => {
      const { type, data } = ports.icon(id);
      response.writeHead(200, {
        'content-type': type,
        'content-length': data.length,
        'cache-control': 'public, max-age=3600',
        // An SVG from outside may hold scripts; opened by itself it must not run them.
        'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      });
      response.end(request.method === 'HEAD' ? undefined : data);
      return Promise.resolve();
    }),
    routeOf(picturePath, async (id, request, response) => {
      const path = ports.picturePath(id);
      const facts = await stat(path).catch(() => undefined);
      if (facts === undefined) throw new Problem('not_found', 'store.errors.noPicture');
      response.writeHead(200, {
        'content-type': 'image/png',
        'content-length': facts.size,
        'cache-control': 'public, max-age=31536000, immutable',
      });
      if (request.method === 'HEAD') response.end();
      else await pipeline(createReadStream(path), response);
    }),
  ];
}

function routeOf(
  pattern: RegExp,
  answer: (id: string, ...args: Parameters<RawRoute['handle']>) => Promise<void>,
): RawRoute {
  return {
    matches: (method, path) => (method === 'GET' || method === 'HEAD') && pattern.test(path),
    async handle(request, response, actor) {
      await answer(pattern.exec(pathOf(request))?.[1] ?? '', request, response, actor);
    },
  };
}

function pathOf(request: IncomingMessage): string {
  return new URL(request.url ?? '/', 'http://localhost').pathname;
}
