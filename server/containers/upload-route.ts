import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { UserActor } from '../access/actor';
import { requireDeveloper } from '../access/developer';
import type { RawRoute } from '../content/raw-route';
import { tusMetadata } from '../content/tus-metadata';
import { Problem } from '../problem';
import { uploadMetadata, type UploadMetadata } from './schemas';
import type { UploadRow } from './upload-rows';

const path = '/api/v1/containers/uploads';
const methods = ['POST', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS'];
const version = { 'tus-resumable': '1.0.0', 'cache-control': 'no-store' };

/** What protocols of sending need: uploads by id, all rules inside. */
export interface UploadDoor {
  /**
   * @param id of the upload; a new one where it is absent
   * @returns id of the upload
   * @throws Problem `not_found`, `conflict`, `invalid`
   */
  create(actor: UserActor, size: number, metadata: UploadMetadata, id?: string): string;
  /** @throws Problem `not_found` for another's upload as well */
  require(actor: UserActor, id: string): UploadRow;
  /** Bytes that need not be sent again; ends a request that still sends. */
  offset(row: UploadRow): Promise<number>;
  /**
   * Takes bytes from an offset on.
   *
   * @param request what the bytes come in; ended when they are sent anew
   * @param bytes what of it is taken; all where it is absent
   * @returns the new offset
   * @throws Problem; `conflict` for another offset
   */
  receive(row: UploadRow, offset: number, request: Readable, bytes?: AsyncIterable<Buffer>): Promise<number>;
  discard(row: UploadRow): void;
}

/**
 * Resumable uploads of image archives by the tus protocol 1.0 (core, creation, termination). Written out here since
 * the bytes are read while they come and lie in no file, so the offset may go back after a restart, which the
 * protocol allows.
 */
export function uploadRoute(door: UploadDoor): RawRoute {
  return {
    matches: (method, asked) => methods.includes(method) && (asked === path || asked.startsWith(`${path}/`)),
    async handle(request, response, given) {
      if (request.method === 'OPTIONS') {
        end(response, 204, { 'tus-version': '1.0.0', 'tus-extension': 'creation,termination' });
        return;
      }
      const actor = requireDeveloper(given, 'write');
      if (request.headers['tus-resumable'] !== '1.0.0') {
        end(response, 412, { 'tus-version': '1.0.0' });
        return;
      }
      if (request.method === 'POST') {
        const id = door.create(actor, announcedSize(request), announcedMetadata(request));
        end(response, 201, { location: `${path}/${id}` });
        return;
      }
      const id = new URL(request.url ?? '/', 'http://localhost').pathname.slice(path.length + 1);
      await handleOne(door, door.require(actor, id), request, response);
    },
  };
}

async function handleOne(
  door: UploadDoor,
  row: UploadRow,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === 'DELETE') {
    door.discard(row);
    end(response, 204);
  } else if (request.method === 'HEAD') {
    const offset = await door.offset(row);
    end(response, 200, { 'upload-offset': String(offset), 'upload-length': String(row.size) });
  } else if (request.headers['content-type'] !== 'application/offset+octet-stream') {
    end(response, 415);
  } else {
    const offset = Number(request.headers['upload-offset'] ?? Number.NaN);
    const after = await door.receive(row, offset, request);
    end(response, 204, { 'upload-offset': String(after) });
  }
}

function end(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, { ...version, ...headers }).end();
}

function announcedSize(request: IncomingMessage): number {
  const size = Number(request.headers['upload-length'] ?? Number.NaN);
  if (!Number.isSafeInteger(size) || size <= 0)
    throw new Problem('invalid', 'containers.errors.uploadLength');
  return size;
}

function announcedMetadata(request: IncomingMessage): UploadMetadata {
  const parsed = uploadMetadata.safeParse(tusMetadata(request));
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new Problem('invalid', 'containers.errors.badMetadata', { field });
}
