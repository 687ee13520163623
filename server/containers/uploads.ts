import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { UserActor } from '../access/actor';
import type { RawRoute } from '../content/raw-route';
import { newId } from '../db/id';
import type { JobContext, JobKind } from '../jobs/job';
import { asProblem, Problem, problemFrom } from '../problem';
import { assemble } from './archive/assemble';
import type { FoundImage } from './archive/archive-files';
import { limits } from './archive/limits';
import type { ContainerImageRows } from './image-rows';
import { readWhileSent, type LiveUpload } from './live-uploads';
import { familiarName, parseReference, type Reference } from '../sites/image-reference';
import { nameOfFile } from './names';
import type { ContainerPorts } from './ports';
import { putImage, type Retire } from './put-image';
import type { ContainerUpload, UploadMetadata } from './schemas';
import { openUploadRows, uploadView, type UploadRow } from './upload-rows';
import { uploadRoute, type UploadDoor } from './upload-route';

/** An upload that was not finished by then is forgotten, and one that is over is no longer shown. */
const keepMs = 7 * 24 * 3600_000;

interface Parts {
  ports: ContainerPorts;
  images: ContainerImageRows;
  retire: Retire;
  /** @throws Problem `not_found`, `conflict` for a project of VMs */
  requireProject: (actor: UserActor, projectId: string) => void;
}

/** Archives with images that people send. */
export interface Uploads {
  route: RawRoute;
  /** The same for senders of another protocol. */
  door: UploadDoor;
  find(id: string): UploadRow | undefined;
  /** Bytes of an upload that were read or lie with the reader. */
  accepted(row: UploadRow): number;
  view(row: UploadRow): ContainerUpload;
  list(projectId: string): ContainerUpload[];
  /** Removes an upload with what came of it. */
  discard(id: string): void;
  /** Takes up what an earlier process left, and forgets what is stale. */
  sweep(): void;
  close(): void;
}

/** Opens the uploads. */
export function openUploads(parts: Parts): Uploads {
  const { ports, requireProject } = parts;
  const now = ports.now ?? Date.now;
  const rows = openUploadRows(ports);
  const live = new Map<string, LiveUpload>();
  const sending = new Map<string, { request: Readable; over: Promise<void> }>();
  const importJob = defineImport(parts, rows);

  const startImport = (row: UploadRow) => {
    ports.db.transaction(() => {
      const job = importJob.start({
        input: { uploadId: row.id },
        subject: { type: 'project', id: row.projectId },
        projectId: row.projectId,
        actorId: row.ownerId,
        // The time is part of it: who sends in numbered pieces names the upload, and may do so again.
        idempotencyKey: `containers.import:${row.id}:${row.createdAt}`,
      });
      rows.update(row.id, { jobId: job.id });
    });
  };

  const readingOf = (row: UploadRow): LiveUpload => {
    const running = live.get(row.id);
    if (running) return running;
    const started = readWhileSent(ports, rows, row, (problem) => {
      if (live.get(row.id) === started) live.delete(row.id);
      // What is wrong with the archive stays wrong; a registry that is away comes back.
      const final = problem.code === 'invalid' || problem.code === 'too_large';
      if (final) rows.update(row.id, { state: 'failed', error: problem.report(), taken: null });
    });
    live.set(row.id, started);
    return started;
  };

  /** A connection that died may look alive here for long: who asks again ends it. */
  const endSending = async (id: string) => {
    const current = sending.get(id);
    if (!current) return;
    current.request.destroy();
    await current.over;
  };

  const receive = async (
    row: UploadRow,
    offset: number,
    request: Readable,
    bytes: AsyncIterable<Buffer>,
  ): Promise<number> => {
    if (row.state === 'failed') throw failureOf(row);
    if (row.state !== 'receiving') throw new Problem('conflict', 'containers.errors.uploadComplete');
    const reading = readingOf(row);
    if (offset !== reading.accepted) {
      throw new Problem('conflict', 'containers.errors.uploadOffset', { offset: reading.accepted });
    }
    try {
      for await (const chunk of bytes) {
        if (reading.accepted + chunk.length > row.size) {
          throw new Problem('invalid', 'containers.errors.uploadLonger', { size: row.size });
        }
        await reading.push(chunk);
      }
    } catch (error) {
      // What still comes of the request is read and dropped, else its answer would be lost with the connection.
      request.resume();
      if (request.errored === error)
        throw new Problem('cancelled', 'problems.cancelled', {}, { cause: error });
      throw error;
    }
    if (reading.accepted < row.size) return reading.accepted;
    const taken = await reading.finish();
    live.delete(row.id);
    rows.update(row.id, { state: 'storing', taken, safe: row.size });
    startImport(row);
    return row.size;
  };

  const discard = (id: string) => {
    live.get(id)?.stop();
    live.delete(id);
    rows.remove(id);
  };

  const accepted = (row: UploadRow) =>
    row.state === 'receiving' ? (live.get(row.id)?.accepted ?? row.safe) : row.size;

  const door: UploadDoor = {
    create(actor, size, metadata, id = newId('cup')) {
      requireProject(actor, metadata.projectId);
      if (size > limits.expandedBytes) {
        throw new Problem('too_large', 'containers.archive.tooLarge', { limit: limits.expandedBytes });
      }
      return insertRow(ports, rows, actor, { id, size, metadata });
    },
    require(actor, id) {
      const row = rows.find(id);
      // Owner-bound: not even a member of the project may write into another's upload.
      if (row?.ownerId !== actor.userId) throw new Problem('not_found', 'containers.errors.noUpload');
      // Who left the project since must not write into it either.
      requireProject(actor, row.projectId);
      return row;
    },
    async offset(row) {
      await endSending(row.id);
      const current = rows.find(row.id) ?? row;
      if (current.state === 'failed') throw failureOf(current);
      return accepted(current);
    },
    // Not destroyed when it is refused in its middle: the sender is to read why.
    async receive(row, offset, request, bytes = request.iterator({ destroyOnReturn: false })) {
      await endSending(row.id);
      const work = receive(rows.find(row.id) ?? row, offset, request, bytes);
      const entry = {
        request,
        over: work.then(
          () => undefined,
          () => undefined,
        ),
      };
      sending.set(row.id, entry);
      try {
        return await work;
      } finally {
        if (sending.get(row.id) === entry) sending.delete(row.id);
      }
    },
    discard(row) {
      if (row.state === 'storing') throw new Problem('conflict', 'containers.errors.uploadStoring');
      discard(row.id);
    },
  };

  const view = (row: UploadRow) => uploadView(row, live.get(row.id)?.accepted);
  return {
    route: uploadRoute(door),
    door,
    find: (id) => rows.find(id),
    accepted,
    view,
    list: (projectId) => rows.ofProject(projectId).map(view),
    discard,
    sweep() {
      for (const row of rows.all()) {
        if (row.state === 'storing' && row.jobId === null) startImport(row);
        else if (row.state !== 'storing' && now() - row.updatedAt > keepMs) discard(row.id);
      }
    },
    close() {
      for (const reading of live.values()) reading.stop();
      live.clear();
    },
  };
}

function insertRow(
  ports: ContainerPorts,
  rows: ReturnType<typeof openUploadRows>,
  actor: UserActor,
  { id, size, metadata }: { id: string; size: number; metadata: UploadMetadata },
): string {
  const { filename, projectId, name } = metadata;
  if (name !== undefined) parseReference(name);
  rows.insert({ id, projectId, ownerId: actor.userId, fileName: filename, fallbackName: name ?? null, size });
  const detail = { name: filename, size };
  ports.audit({ actor, action: 'containers.upload', subject: { type: 'project', id: projectId }, detail });
  return id;
}

/** Why an upload failed. */
export function failureOf(row: UploadRow): Problem {
  const { error } = row;
  return error === null ? new Problem('failed', 'problems.unexpected') : problemFrom(error);
}

const importInput = z.object({ uploadId: z.string() });

/** Defines `containers.import`: the images of an archive that was read get their names and manifests. */
function defineImport(
  { ports, images, retire }: Parts,
  rows: ReturnType<typeof openUploadRows>,
): JobKind<z.infer<typeof importInput>> {
  const required = (job: JobContext<z.infer<typeof importInput>>) => rows.find(job.input.uploadId) ?? gone();
  return ports.jobs.define({
    kind: 'containers.import',
    steps: ['check', 'store'],
    input: importInput,
    concurrency: 2,
    cancellable: true,
    retry: 'step',
    run: async (job) => {
      const row = required(job);
      // Tried again after a failure: what was read is still known.
      if (row.state === 'failed') rows.update(row.id, { state: 'storing', error: null });
      try {
        const names = await job.step('check', () => {
          const found = assemble(row.taken ?? gone());
          return found.map((image) => namesOf(image, row));
        });
        const imageIds = await job.step('store', (step) =>
          storeAll({ ports, images, retire }, row, names, step, step.signal),
        );
        rows.update(row.id, { state: 'done', imageIds, taken: null });
        return { imageIds };
      } catch (error) {
        if (!job.signal.aborted) rows.update(row.id, { error: asProblem(error).report() });
        throw error;
      }
    },
    undo: (job) => {
      const row = rows.find(job.input.uploadId);
      if (row?.state === 'storing') {
        const error = row.error ?? new Problem('cancelled', 'problems.cancelled').report();
        rows.update(row.id, { state: 'failed', error });
      }
      return Promise.resolve();
    },
  });
}

function gone(): never {
  throw new Problem('gone', 'containers.errors.noUpload');
}

interface Step {
  progress(progress: { done: number; total: number; unit: 'bytes' }): void;
  log(line: { key: string; params: Record<string, string | number> }): void;
}

async function storeAll(
  { ports, images, retire }: Pick<Parts, 'ports' | 'images' | 'retire'>,
  row: UploadRow,
  names: string[][],
  step: Step,
  signal: AbortSignal,
): Promise<string[]> {
  const found = assemble(row.taken ?? gone());
  const total = found.reduce((sum, image, i) => sum + image.size * (names[i]?.length ?? 1), 0);
  const ids: string[] = [];
  let before = 0;
  for (const [i, image] of found.entries()) {
    for (const name of names[i] ?? []) {
      const reference = parseReference(name);
      const put = { projectId: row.projectId, name: familiarName(reference), tag: reference.tag };
      const start = before;
      const { row: kept, replaced } = await putImage({ ports, images }, image, {
        ...put,
        source: { kind: 'upload', fileName: row.fileName },
        createdBy: row.ownerId,
        signal,
        progress: (done) => {
          step.progress({ done: Math.min(total, start + done), total, unit: 'bytes' });
        },
      });
      before += image.size;
      step.log({ key: 'containers.log.stored', params: { name, digest: image.digest } });
      ids.push(kept.id);
      if (replaced) await retire(replaced);
    }
  }
  return ids;
}

/** What an image of an archive is called; one without a name after what its sender said, or after the file. */
function namesOf(image: FoundImage, row: Pick<UploadRow, 'fallbackName' | 'fileName'>): string[] {
  if (image.names.length > 0) {
    for (const name of image.names) parseReference(name);
    return image.names;
  }
  const fallback = row.fallbackName ?? nameOfFile(row.fileName);
  const reference: Reference = parseReference(fallback);
  return [image.tag === undefined ? fallback : `${familiarName(reference)}:${image.tag}`];
}
