import { createWriteStream, mkdirSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';
import { z } from 'zod';
import { requireRoom } from '../disk-space';
import type { Actor, UserActor } from '../access/actor';
import { requireDeveloper } from '../access/developer';
import type { RawRoute } from '../content/raw-route';
import { tusMetadata } from '../content/tus-metadata';
import type { Db } from '../db/database';
import { newId } from '../db/id';
import type { Job, JobKind } from '../jobs/job';
import { Problem } from '../problem';
import { limits } from './csar/limits';
import type { PackageProjects } from './order';
import { pathsOf } from './package-jobs';
import type { PackageRow, PackageRows } from './package-rows';

const path = '/api/v1/packages/uploads';
const methods = ['POST', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS'];
/** An upload that was not finished by then is forgotten; milliseconds. */
export const keepMs = 7 * 24 * 3600_000;

const metadataSchema = z.object({
  filename: z.string().min(1).max(255),
  projectId: z.string().max(64).optional(),
});

/** What a sender says of the file it sends. */
export interface IncomingFile {
  name: string;
  /** Bytes, when the sender says so. */
  size: number | undefined;
  projectId: string | undefined;
}

interface Parts {
  db: Db;
  dir: string;
  rows: PackageRows;
  projects: Pick<PackageProjects, 'canSee'>;
  importJob: JobKind<{ packageId: string }>;
  /** Called when somebody begins to send a file. */
  begun(actor: UserActor, id: string, fileName: string): void;
}

/** Packages that come from outside, resumable (tus 1.0) or in one stream. */
export interface PackageUploads {
  route: RawRoute;
  receive(actor: UserActor, file: IncomingFile, content: Readable): Promise<Job>;
  /** Forgets stale uploads, and takes up those that were complete when an earlier process died. */
  sweep(): Promise<void>;
}

/** Opens the uploads. */
export function openPackageUploads(parts: Parts): PackageUploads {
  const { dir, rows } = parts;
  const incoming = join(dir, 'incoming');
  mkdirSync(incoming, { recursive: true, mode: 0o700 });
  const plans = new WeakMap<IncomingMessage, { actor: UserActor; file: IncomingFile }>();

  const insert = (id: string, actor: UserActor, file: IncomingFile) => {
    rows.insert({
      id,
      projectId: file.projectId ?? null,
      ownerId: actor.userId,
      ownerName: actor.name,
      // Until it has been looked into, a package is called as its file.
      name: file.name.replace(/\.(csar|zip)$/i, ''),
      provider: '',
      version: '',
      kind: 'vm',
      origin: 'uploaded',
      state: 'uploading',
      fileName: file.name,
      size: file.size ?? null,
      uploadId: id,
    });
    parts.begun(actor, id, file.name);
  };

  const startImport = (row: PackageRow): Job =>
    parts.db.transaction(() => {
      const job = parts.importJob.start({
        input: { packageId: row.id },
        subject: { type: 'package', id: row.id },
        projectId: row.projectId ?? undefined,
        actorId: row.ownerId,
        idempotencyKey: `import:${row.id}`,
      });
      rows.update(row.id, { state: 'checking', jobId: job.id });
      return job;
    });

  const admit = async (actor: Actor, file: IncomingFile) => {
    if (file.projectId !== undefined && !parts.projects.canSee(actor, file.projectId)) {
      throw new Problem('not_found', 'packages.errors.noProject');
    }
    checkSize(file.size ?? 0);
    await requireRoom(dir, file.size ?? 0, 'packages.errors.noRoom');
  };

  // Made at the first upload: the file store makes its folder by itself, at a moment of its own.
  let tus: Server | undefined;
  const openTus = () =>
    new Server({
      path,
      datastore: new FileStore({ directory: incoming, expirationPeriodInMilliseconds: keepMs }),
      relativeLocation: true,
      // Uploads come from our own pages and from programs, never from another site's pages.
      allowedOrigins: [],
      namingFunction: () => newId('pkg'),
      // eslint-disable-next-line typescript/require-await -- the protocol's library wants a promise
      onUploadCreate: async (request, upload) => {
        const node = request.runtime?.node?.req as IncomingMessage | undefined;
        const plan = node && plans.get(node);
        if (!plan) throw new Error('An upload without a plan');
        insert(upload.id, plan.actor, plan.file);
        return {};
      },
      // eslint-disable-next-line typescript/require-await -- as above
      onUploadFinish: async (_request, upload) => {
        const row = rows.find(upload.id);
        if (row?.state === 'uploading') startImport(row);
        return {};
      },
    });

  const handle: RawRoute['handle'] = async (request, response, given) => {
    const actor = requireDeveloper(given, 'write');
    if (request.method === 'POST') {
      const file = announced(request);
      await admit(actor, file);
      plans.set(request, { actor, file });
    } else if (request.method !== 'OPTIONS') {
      const id = new URL(request.url ?? '/', 'http://localhost').pathname.slice(path.length + 1);
      const row = rows.find(id);
      // Owner-bound: not even a member of the project may write into another's upload.
      if (row?.uploadId !== id || row.ownerId !== actor.userId) {
        throw new Problem('not_found', 'packages.errors.noUpload');
      }
    }
    tus ??= openTus();
    await tus.handle(request, response);
    if (request.method === 'DELETE' && response.statusCode < 300) {
      rows.remove(new URL(request.url ?? '/', 'http://localhost').pathname.slice(path.length + 1));
    }
  };

  return {
    route: {
      matches: (method, asked) =>
        methods.includes(method) && (asked === path || asked.startsWith(`${path}/`)),
      handle,
    },
    async receive(actor, file, content) {
      await admit(actor, file);
      const id = newId('pkg');
      const target = pathsOf(dir, id).incoming;
      insert(id, actor, file);
      try {
        const size = await writeBounded(content, target);
        rows.update(id, { size });
      } catch (error) {
        await rm(target, { force: true });
        rows.remove(id);
        throw error;
      }
      const row = rows.find(id);
      if (row === undefined) throw new Problem('gone', 'packages.errors.packageGone');
      return startImport(row);
    },
    async sweep() {
      for (const row of rows.unfinishedUploads()) {
        const file = pathsOf(dir, row.id).incoming;
        const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
        // Only a resumable upload keeps a note beside its bytes; any other ended with the process.
        const resumable = statSync(`${file}.json`, { throwIfNoEntry: false }) !== undefined;
        if (resumable && size > 0 && size === row.size) startImport(row);
        else if (!resumable || Date.now() - row.createdAt > keepMs) {
          await rm(file, { force: true });
          await rm(`${file}.json`, { force: true });
          rows.remove(row.id);
        }
      }
    },
  };
}

function checkSize(size: number): void {
  if (size <= limits.totalBytes) return;
  throw new Problem('too_large', 'packages.errors.contentTooLarge', { size, limit: limits.totalBytes });
}

async function writeBounded(content: Readable, target: string): Promise<number> {
  let size = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      try {
        checkSize(size);
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
  });
  await pipeline(content, count, createWriteStream(target, { mode: 0o600 }));
  if (size === 0) throw new Problem('invalid', 'packages.errors.emptyFile');
  return size;
}

/** What the headers of a tus creation say: `Upload-Length`, and `Upload-Metadata` with base64 values. */
function announced(request: IncomingMessage): IncomingFile {
  const size = Number(request.headers['upload-length'] ?? Number.NaN);
  if (!Number.isSafeInteger(size) || size <= 0) throw new Problem('invalid', 'packages.errors.emptyFile');
  const parsed = metadataSchema.safeParse(tusMetadata(request));
  if (!parsed.success) throw new Problem('invalid', 'packages.errors.badMetadata');
  return { name: parsed.data.filename, size, projectId: parsed.data.projectId };
}
