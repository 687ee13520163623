import { rmSync, statSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';
import type { Actor, UserActor } from '../access/actor';
import { requireDeveloper } from '../access/developer';
import { tusMetadata } from '../content/tus-metadata';
import type { RawRoute } from '../content/raw-route';
import { newId } from '../db/id';
import type { JobKind } from '../jobs/job';
import { requireRoom, spaceOf } from '../disk-space';
import { Problem } from '../problem';
import type { ImageRow } from './image-rows';
import type { ImportInput } from './import-job';
import { uploadMetadata, type UploadMetadata } from './schemas';
import type { ImageRoom } from './take-in';

const path = '/api/v1/images/uploads';
const methods = ['POST', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS'];
/** An upload that was not finished by then is forgotten. */
const keepMs = 7 * 24 * 3600_000;

/** Resumable uploads of images by the tus protocol 1.0. The id of an upload is that of its image. */
export interface ImageUploads {
  readonly route: RawRoute;
  /** Forgets stale uploads, and takes up those that were complete when an earlier process died. */
  sweep(): void;
  /** Removes what has come of an upload. */
  discard: (imageId: string) => void;
}

interface Plan {
  actor: UserActor;
  size: number;
  metadata: UploadMetadata;
}

/** Opens the uploads. */
export function imageUploads(room: ImageRoom, importJob: JobKind<ImportInput>): ImageUploads {
  const { ports, rows, folders } = room;
  const now = ports.now ?? Date.now;
  const plans = new WeakMap<IncomingMessage, Plan>();
  const fileOf = (id: string) => join(folders.incoming, id);

  let made: Server | undefined;
  // Made when the first upload comes: its store makes the folder by a call whose failure nobody could catch.
  const tus = () => (made ??= makeServer());
  const makeServer = () =>
    new Server({
      path,
      datastore: new FileStore({ directory: folders.incoming, expirationPeriodInMilliseconds: keepMs }),
      relativeLocation: true,
      // Uploads come from our own pages and from programs, never from another site's pages.
      allowedOrigins: [],
      namingFunction: () => newId('img'),
      // eslint-disable-next-line typescript/require-await -- the protocol's library wants a promise
      onUploadCreate: async (request, upload) => {
        const incoming = request.runtime?.node?.req as IncomingMessage | undefined;
        const plan = incoming && plans.get(incoming);
        if (!plan) throw new Error('An upload without a plan');
        insertRow(upload.id, plan);
        return {};
      },
      // eslint-disable-next-line typescript/require-await -- as above
      onUploadFinish: async (_request, upload) => {
        startImport(upload.id);
        return {};
      },
      // The library says "something went wrong" of every failed write; the one that people can mend has its own status.
      onResponseError: async () => {
        const { free } = await spaceOf(folders.incoming);
        return free < 2 ** 20 ? { status_code: 507, body: 'The disk is full' } : undefined;
      },
    });

  function insertRow(id: string, { actor, size, metadata }: Plan): void {
    const { filename, format, checksum, ...facts } = metadata;
    rows.insert({
      ...facts,
      id,
      minMemoryMiB: defaultMemoryMiB,
      minDiskGiB: 1,
      state: 'uploading',
      source: { kind: 'upload', fileName: filename, format },
      ownerId: actor.userId,
      ownerName: actor.name,
      sizeBefore: size,
      expectedSha256: checksum ?? null,
    });
    ports.audit({
      actor,
      action: 'images.upload',
      subject: { type: 'image', id },
      detail: { name: facts.name, size },
    });
  }

  function startImport(id: string): void {
    const row = rows.find(id);
    if (row?.state !== 'uploading') return;
    ports.db.transaction(() => {
      const job = importJob.start({
        input: { imageId: id },
        subject: { type: 'image', id },
        projectId: row.projectId ?? undefined,
        actorId: row.ownerId ?? undefined,
        idempotencyKey: `import:${id}`,
      });
      rows.update(id, { state: 'checking', jobId: job.id });
    });
  }

  /** Checks all that can be known before the first byte. */
  async function planUpload(actor: UserActor, request: IncomingMessage): Promise<Plan> {
    const size = Number(request.headers['upload-length'] ?? Number.NaN);
    if (!Number.isSafeInteger(size) || size <= 0) throw new Problem('invalid', 'images.errors.uploadLength');
    const metadata = readMetadata(request);
    requireProject(ports.canSee, actor, metadata);
    await requireRoom(folders.incoming, size + outstanding(), 'images.errors.noRoom');
    return { actor, size, metadata };
  }

  /** Bytes that other uploads still have to write. */
  function outstanding(): number {
    return rows
      .all({ state: 'uploading' })
      .reduce((sum, row) => sum + Math.max(0, (row.sizeBefore ?? 0) - sizeOf(fileOf(row.id))), 0);
  }

  function rowFor(actor: UserActor, id: string): ImageRow {
    const row = rows.find(id);
    // Owner-bound: not even a member of the project may write into another's upload.
    if (row?.source.kind !== 'upload' || row.ownerId !== actor.userId) {
      throw new Problem('not_found', 'images.errors.noUpload');
    }
    return row;
  }

  const discard = (id: string) => {
    rmSync(fileOf(id), { force: true });
    rmSync(`${fileOf(id)}.json`, { force: true });
  };

  return {
    route: {
      matches: (method, requested) =>
        methods.includes(method) && (requested === path || requested.startsWith(`${path}/`)),
      async handle(request, response, given) {
        const actor = requireDeveloper(given, 'write');
        const id = new URL(request.url ?? '/', 'http://localhost').pathname.slice(path.length + 1);
        if (request.method === 'POST') plans.set(request, await planUpload(actor, request));
        else if (request.method !== 'OPTIONS') {
          const row = rowFor(actor, id);
          if (row.state !== 'uploading') {
            // The last answer was lost: the sender asks how far it is, and learns that all came.
            const size = String(row.sizeBefore ?? row.size);
            response.writeHead(request.method === 'HEAD' ? 200 : 409, {
              'tus-resumable': '1.0.0',
              'cache-control': 'no-store',
              'upload-offset': size,
              'upload-length': size,
            });
            response.end();
            return;
          }
        }
        await tus().handle(request, response);
        if (request.method === 'DELETE' && response.statusCode < 300) rows.remove(id);
      },
    },
    sweep() {
      for (const row of rows.all({ state: 'uploading' })) {
        const size = sizeOf(fileOf(row.id));
        if (size > 0 && size === row.sizeBefore) startImport(row.id);
        else if (now() - row.createdAt > keepMs) {
          discard(row.id);
          rows.remove(row.id);
        }
      }
    },
    discard,
  };
}

/** Memory for a guest of which nobody said what it needs. */
export const defaultMemoryMiB = 512;

/**
 * Checks that an image is put only into a project that its sender sees.
 *
 * @throws Problem `invalid` for project visibility without a project, `not_found`
 */
export function requireProject(
  canSee: (actor: Actor, projectId: string) => boolean,
  actor: Actor,
  facts: { visibility: string; projectId?: string | undefined },
): void {
  if (facts.visibility === 'project' && facts.projectId === undefined) {
    throw new Problem('invalid', 'images.errors.needsProject');
  }
  if (facts.projectId !== undefined && !canSee(actor, facts.projectId)) {
    throw new Problem('not_found', 'images.errors.noProject');
  }
}

function readMetadata(request: IncomingMessage): UploadMetadata {
  const parsed = uploadMetadata.safeParse(tusMetadata(request));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Problem('invalid', 'images.errors.badMetadata', { field: issue?.path.join('.') ?? '' });
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
