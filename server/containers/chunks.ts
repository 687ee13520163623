/**
 * Archives that come in numbered chunks, one request for each, several of them at once: how vue-simple-uploader sends,
 * and with it EdgeGallery's Developer. The bytes are read while they come and in their order, as of every upload here,
 * so a chunk that is early waits for its turn and nothing is put aside to be merged later.
 */
import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { Readable } from 'node:stream';
import type { UserActor } from '../access/actor';
import { exactBytes } from '../content/exact-bytes';
import { Problem } from '../problem';
import type { ContainerPorts } from './ports';
import { archiveChunk, type ArchiveChunk, type ContainerUpload } from './schemas';
import type { UploadRow } from './upload-rows';
import { failureOf, type Uploads } from './uploads';

/** How long a chunk waits for one before it that is not on its way. */
const defaultPatienceMs = 20_000;
/** Chunks of one upload that may wait at once; simple-uploader sends 3, and who sends 16 is not waiting for answers. */
const maxWaiting = 16;
/** Chunks whose bytes are known well enough to tell a repetition from a lie. */
const remembered = 16;

/** How an upload is named: what its sender calls it, whoever else uses the same name. */
interface ChunkedUpload {
  key: string;
  fileName: string;
}

export interface ArchiveChunks {
  /**
   * Takes a chunk. The first begins the upload; one that came before is not taken again; the last starts the storing.
   *
   * @param chunk what its sender says of it
   * @param projectOf where the images go; asked once, for an upload that begins
   * @param content the chunk's bytes
   * @param signal ends the waiting and the reading
   * @throws Problem `invalid` for sizes and numbers that do not fit together, a file name with a path, bytes that are
   *   no archive of images; `conflict` for a chunk out of order, of another file, or repeated with other bytes
   */
  receive(
    actor: UserActor,
    chunk: ArchiveChunk,
    projectOf: () => string,
    content: Readable,
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * Waits until the images of an upload are stored.
   *
   * @returns the upload with its images; at once when they are there already
   * @throws Problem `not_found`, `conflict` while chunks are missing, and why it failed
   */
  merge(actor: UserActor, upload: ChunkedUpload, signal: AbortSignal): Promise<ContainerUpload>;
  /** Forgets an upload. @throws Problem `not_found`, `conflict` while its images are being stored */
  discard(actor: UserActor, key: string): void;
  /** The first image that came of an upload; undefined without such an upload or image. */
  imageOf(actor: UserActor, key: string): string | undefined;
}

/** Opens the chunks. */
export function openChunks(
  { jobs, patienceMs = defaultPatienceMs }: Pick<ContainerPorts, 'jobs' | 'patienceMs'>,
  uploads: Uploads,
): ArchiveChunks {
  const moved = new EventEmitter().setMaxListeners(0);
  const waiting = new Map<string, number>();
  /** The chunk that is being read, by upload. */
  const running = new Map<string, number>();
  const digests = new Map<string, Map<number, string>>();
  const acceptedOf = (id: string) => {
    const row = uploads.find(id);
    return row ? uploads.accepted(row) : -1;
  };

  /** Of an upload that is over, a later chunk repeats one, or overtook the first of the same file sent anew. */
  const mayBeginAnew = (id: string, chunk: ArchiveChunk) =>
    chunk.chunkNumber > 1 && uploads.find(id)?.state === 'done';
  const mustWait = (id: string, chunk: ArchiveChunk) =>
    acceptedOf(id) < startOf(chunk) ||
    (running.get(id) ?? chunk.chunkNumber) !== chunk.chunkNumber ||
    mayBeginAnew(id, chunk);

  /** Waits until all bytes before the chunk were taken, and what they came in is over. */
  const turn = async (id: string, chunk: ArchiveChunk, signal: AbortSignal) => {
    const refuse = (): never => {
      const accepted = Math.max(0, acceptedOf(id));
      const expected = Math.floor(accepted / chunk.chunkSize) + 1;
      throw new Problem('conflict', 'containers.errors.chunkOrder', { chunk: chunk.chunkNumber, expected });
    };
    const ahead = waiting.get(id) ?? 0;
    if (mustWait(id, chunk) && ahead >= maxWaiting) refuse();
    waiting.set(id, ahead + 1);
    try {
      while (mustWait(id, chunk)) {
        const soon = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
        const woken = await once(moved, id, { signal: soon }).then(
          () => true,
          () => false,
        );
        if (signal.aborted) throw new Problem('cancelled', 'problems.cancelled');
        if (woken || running.has(id)) continue;
        if (mayBeginAnew(id, chunk)) return;
        refuse();
      }
    } finally {
      const left = (waiting.get(id) ?? 1) - 1;
      if (left > 0) waiting.set(id, left);
      else waiting.delete(id);
    }
  };

  const begin = (actor: UserActor, id: string, chunk: ArchiveChunk, projectOf: () => string) => {
    const row = uploads.find(id);
    if (row && (row.state === 'receiving' || row.state === 'storing') && sameFile(row, chunk)) return;
    if (row) uploads.door.discard(row);
    digests.delete(id);
    uploads.door.create(actor, chunk.totalSize, { filename: chunk.filename, projectId: projectOf() }, id);
    moved.emit(id);
  };

  /** A chunk whose bytes were taken before: told as taken, unless it is something else now. */
  const repeated = async (id: string, chunk: ArchiveChunk, content: Readable) => {
    const known = digests.get(id)?.get(chunk.chunkNumber);
    const found = await readWhole(chunk, content);
    if (known !== undefined && known !== found) {
      throw new Problem('conflict', 'containers.errors.chunkRepeated', { chunk: chunk.chunkNumber });
    }
  };

  const remember = (id: string, { chunkNumber }: ArchiveChunk, digest: string) => {
    const known = digests.get(id) ?? new Map<number, string>();
    digests.set(id, known.set(chunkNumber, digest));
    const [oldest] = known.keys();
    if (known.size > remembered && oldest !== undefined) known.delete(oldest);
  };

  const take = async (row: UploadRow, chunk: ArchiveChunk, content: Readable) => {
    running.set(row.id, chunk.chunkNumber);
    try {
      // Ends a request that still sends the same chunk over a connection that died.
      const offset = await uploads.door.offset(row);
      if (uploads.find(row.id)?.state !== 'receiving') return await repeated(row.id, chunk, content);
      const hash = createHash('sha256');
      const bytes = exactly(chunk, content, offset - startOf(chunk), hash);
      await uploads.door.receive(row, offset, content, bytes);
      remember(row.id, chunk, hash.digest('hex'));
    } finally {
      running.delete(row.id);
      moved.emit(row.id);
    }
  };

  return {
    async receive(actor, given, projectOf, content, signal) {
      const chunk = checked(given);
      const id = idOf(actor, chunk.key);
      const stop = () => content.destroy(new Problem('cancelled', 'problems.cancelled'));
      // While it waits for its turn nobody listens.
      content.on('error', () => undefined);
      signal.addEventListener('abort', stop, { once: true });
      try {
        if (chunk.chunkNumber === 1) begin(actor, id, chunk, projectOf);
        requireSameFile(uploads.find(id), chunk);
        await turn(id, chunk, signal);
        const row = uploads.door.require(actor, id);
        if (row.state === 'failed') throw failureOf(row);
        requireSameFile(row, chunk);
        const taken = uploads.accepted(row);
        const over = row.state !== 'receiving' || taken >= startOf(chunk) + chunk.currentChunkSize;
        // The last may be complete and its end not yet read: then it is what ends the upload.
        if (over && !(row.state === 'receiving' && taken === row.size)) await repeated(id, chunk, content);
        else await take(row, chunk, content);
      } finally {
        signal.removeEventListener('abort', stop);
        content.resume();
      }
    },
    async merge(actor, { key, fileName }, signal) {
      const row = uploads.door.require(actor, idOf(actor, key));
      if (row.fileName !== fileName) throw new Problem('not_found', 'containers.errors.noUpload');
      if (row.state === 'receiving') {
        const params = { received: uploads.accepted(row), size: row.size };
        throw new Problem('conflict', 'containers.errors.chunksMissing', params);
      }
      if (row.state === 'storing' && row.jobId !== null) await jobs.settled(row.jobId, signal);
      const after = uploads.door.require(actor, row.id);
      if (after.state !== 'done') throw failureOf(after);
      digests.delete(row.id);
      return uploads.view(after);
    },
    discard(actor, key) {
      const row = uploads.door.require(actor, idOf(actor, key));
      uploads.door.discard(row);
      digests.delete(row.id);
      moved.emit(row.id);
    },
    imageOf: (actor, key) => uploads.find(idOf(actor, key))?.imageIds[0],
  };
}

/** Its sender names an upload, and may take another's name for his own. */
function idOf(actor: UserActor, key: string): string {
  return `cup_${createHash('sha256').update(`${actor.userId}\0${key}`).digest('hex').slice(0, 40)}`;
}

const startOf = (chunk: ArchiveChunk) => (chunk.chunkNumber - 1) * chunk.chunkSize;

function sameFile(row: UploadRow, { filename, totalSize }: ArchiveChunk): boolean {
  return row.fileName === filename && row.size === totalSize;
}

function requireSameFile(row: UploadRow | undefined, chunk: ArchiveChunk): void {
  if (row === undefined || sameFile(row, chunk)) return;
  throw new Problem('conflict', 'containers.errors.chunkOther', { name: row.fileName, size: row.size });
}

/** Holds what a chunk says of itself against itself. */
function checked(given: ArchiveChunk): ArchiveChunk {
  const parsed = archiveChunk.safeParse(given);
  if (!parsed.success) {
    const field = String(parsed.error.issues[0]?.path[0] ?? '');
    throw new Problem('invalid', 'containers.errors.chunkField', { field });
  }
  const { chunkNumber, chunkSize, currentChunkSize, totalSize, totalChunks } = parsed.data;
  // Without forceChunkSize, simple-uploader lets the last chunk grow by what would be a small one.
  const counts = [Math.ceil(totalSize / chunkSize), Math.max(1, Math.floor(totalSize / chunkSize))];
  const last = chunkNumber === totalChunks;
  const fits = last ? totalSize - startOf(parsed.data) : chunkSize;
  if (!counts.includes(totalChunks) || chunkNumber > totalChunks || currentChunkSize !== fits) {
    throw new Problem('invalid', 'containers.errors.chunkSizes', { chunk: chunkNumber });
  }
  return parsed.data;
}

/** The bytes of a chunk after the first few; exactly as many as it says. */
async function* exactly(
  { chunkNumber, currentChunkSize: size }: ArchiveChunk,
  content: Readable,
  skip: number,
  hash: { update(piece: Buffer): unknown },
): AsyncGenerator<Buffer> {
  let before = 0;
  const lie = (came: number): never => {
    throw new Problem('invalid', 'containers.errors.chunkLength', { chunk: chunkNumber, size, came });
  };
  for await (const piece of exactBytes(content, size, lie)) {
    const from = Math.max(0, skip - before);
    before += piece.length;
    hash.update(piece);
    if (from < piece.length) yield piece.subarray(from);
  }
}

/** @returns SHA-256 of a chunk's bytes */
async function readWhole(chunk: ArchiveChunk, content: Readable): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of exactly(chunk, content, 0, hash)) void piece;
  return hash.digest('hex');
}
