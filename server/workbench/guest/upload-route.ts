/**
 * Uploads into a guest by the tus protocol (tus.io, version 1.0.0): `/api/v1/vms/{id}/files/uploads[/{upload}]`.
 */
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { DataStore, MemoryLocker, Server, Upload } from '@tus/server';
import type { Actor } from '../../access/actor';
import type { RawRoute } from '../../content/raw-route';
import { isProblem, Problem } from '../../problem';
import { requireDeveloper } from '../../access/developer';
import type { GuestUploads } from './uploads';

const pattern = /^\/api\/v1\/vms\/([^/]+)\/files\/uploads(?:\/[^/]+)?\/?$/;
const methods = new Set(['OPTIONS', 'POST', 'HEAD', 'PATCH', 'DELETE']);
/** A sender that sends nothing for so long is gone. */
const idleMs = 120_000;
/** How much of a refused body is read away, so that the sender gets to see the refusal. */
const drainLimit = 128 * 1024 * 1024;

/** The route over which bytes reach `uploads`. */
export function uploadRoute(uploads: GuestUploads): RawRoute {
  // One for all requests: it keeps two of them from writing the same part.
  const locker = new MemoryLocker();
  return {
    matches: (method, path) => methods.has(method) && pattern.test(path),
    async handle(request, response, actor) {
      requireDeveloper(actor, 'write');
      const vmId = vmIdOf(request);
      const gone = new AbortController();
      const onClose = () => gone.abort();
      const onIdle = () => request.destroy(new Error('The sender fell silent.'));
      response.once('close', onClose);
      request.socket.setTimeout(idleMs).on('timeout', onIdle);
      try {
        const store = new GuestDataStore(uploads, actor, vmId, gone.signal);
        const server = new Server({
          path: `/api/v1/vms/${vmId}/files/uploads`,
          relativeLocation: true,
          datastore: store,
          locker,
          lockDrainTimeout: 500,
          // Pages of other origins have no business here; the guard of the server has refused them already.
          allowedOrigins: [],
          onResponseError: async (_request, error) => {
            // The outer server makes the problem document of it.
            const cause = (await store.failure()) ?? error;
            if (isProblem(cause)) throw cause;
            return undefined;
          },
        });
        await server.handle(request, response);
      } catch (error) {
        if (!response.headersSent) response.setHeader('Tus-Resumable', '1.0.0');
        drain(request);
        throw error;
      } finally {
        response.off('close', onClose);
        request.socket.off('timeout', onIdle);
      }
    },
  };
}

function vmIdOf(request: IncomingMessage): string {
  const path = new URL(request.url ?? '/', 'http://edgeyard').pathname;
  return decodeURIComponent(pattern.exec(path)?.[1] ?? '');
}

// Browsers look for an answer only after they have sent their body.
function drain(request: IncomingMessage): void {
  let left = drainLimit;
  request.on('data', (data: Buffer) => {
    left -= data.length;
    if (left < 0) request.destroy();
  });
  request.resume();
}

/** The tus server's view of one VM, for one request. */
class GuestDataStore extends DataStore {
  readonly #uploads: GuestUploads;
  readonly #actor: Actor;
  readonly #vmId: string;
  readonly #signal: AbortSignal;
  #writing: Promise<unknown> | undefined;

  constructor(uploads: GuestUploads, actor: Actor, vmId: string, signal: AbortSignal) {
    super();
    this.extensions = ['creation', 'termination'];
    this.#uploads = uploads;
    this.#actor = actor;
    this.#vmId = vmId;
    this.#signal = signal;
  }

  override async create(upload: Upload): Promise<Upload> {
    if (upload.size === undefined) throw new Problem('invalid', 'files.errors.sizeUnknown');
    const row = await this.#uploads.create(
      this.#actor,
      this.#vmId,
      upload.size,
      upload.metadata ?? {},
      this.#signal,
    );
    // The address of the upload is made from this id.
    upload.id = row.id;
    return upload;
  }

  override async getUpload(id: string): Promise<Upload> {
    const { row, offset } = await this.#uploads.offset(this.#actor, this.#vmId, id, this.#signal);
    return new Upload({ id, size: row.size, offset, metadata: row.metadata });
  }

  override write(stream: Readable, id: string, offset: number): Promise<number> {
    const writing = this.#uploads.receive(this.#actor, this.#vmId, id, offset, stream, this.#signal);
    this.#writing = writing;
    return writing;
  }

  /** Why writing failed, once that is known: the tus server sees its own aborted stream instead, and sooner. */
  failure(): Promise<unknown> {
    const writing = this.#writing ?? Promise.resolve();
    return writing.then(
      () => undefined,
      (error: unknown) => error,
    );
  }

  override remove(id: string): Promise<void> {
    return this.#uploads.remove(this.#actor, this.#vmId, id);
  }
}
