import { createHash, type Hash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { and, desc, eq, inArray, lt } from 'drizzle-orm';
import type { Actor } from '../../access/actor';
import { newId } from '../../db/id';
import { asProblem, Problem } from '../../problem';
import { requireGate } from '../vm-gates';
import type { GuestPorts } from './ports';
import { uploadMetadata, type UploadMetadata } from './schemas';
import { fileProblem, openFlags, statusOf, type Sftp } from './sftp';
import { writeWindowed } from './sftp-stream';
import type { SshPool } from './ssh-pool';
import { guestUploads } from './tables';
import { placeUpload, roomProblem } from './upload-place';
import { finishUpload } from './upload-finish';

export type UploadRow = typeof guestUploads.$inferSelect;

/** Files on their way into guests. Nothing of them is kept on the server: the part lies in the guest. */
export interface GuestUploads {
  /**
   * Begins an upload: checks name, conflict and free space, and makes the empty part file.
   *
   * @param size bytes of the whole file
   * @param metadata as the sender gave it
   * @throws Problem `invalid`, `conflict` (a file of that name exists; the VM does not run), `no_space` with the numbers,
   *   `forbidden`, `unavailable`
   */
  create(
    actor: Actor,
    vmId: string,
    size: number,
    metadata: Record<string, string | null>,
    signal: AbortSignal,
  ): Promise<UploadRow>;
  /** The upload and how many bytes of it are in the guest for certain. @throws Problem `not_found`, `gone`, `unavailable` */
  offset(
    actor: Actor,
    vmId: string,
    id: string,
    signal: AbortSignal,
  ): Promise<{ row: UploadRow; offset: number }>;
  /**
   * Writes bytes behind `offset`; when the last is written, the digest is compared and the file gets its name.
   *
   * @returns the new offset
   * @throws Problem `no_space`, `unavailable`; what the source throws
   */
  receive(
    actor: Actor,
    vmId: string,
    id: string,
    offset: number,
    source: Readable,
    signal: AbortSignal,
  ): Promise<number>;
  /** Takes the sender's digest of a complete upload that waits for it. @throws Problem `not_found`, `conflict` */
  confirm(actor: Actor, vmId: string, id: string, sha256: string): UploadRow;
  /** Stops an upload and removes its part; one that is over is taken off the list only. */
  remove(actor: Actor, vmId: string, id: string): Promise<void>;
  /** The VM's uploads, newest first; finished ones for a day. */
  list(actor: Actor, vmId: string): UploadRow[];
  /** Goes on with what an earlier process left, and forgets what is over or whose VM is gone. */
  resumeAll(): void;
  /** Forgets the uploads of a VM that is gone. */
  forget(vmId: string): void;
  /** Resolves when no verification is under way. */
  idle(): Promise<void>;
}

/** What this process knows of the bytes of an upload: the running digest up to a position. */
interface Running {
  hash: Hash;
  end: number;
}

const keepFinishedMs = 24 * 3600_000;
const keepUnfinishedMs = 7 * 24 * 3600_000;

/** Opens the uploads; `closing` aborts verifications when the server stops. */
export function openGuestUploads(ports: GuestPorts, pool: SshPool, closing: AbortSignal): GuestUploads {
  const { db } = ports;
  const now = ports.now ?? Date.now;
  const running = new Map<string, Running>();
  const finishing = new Map<string, Promise<unknown>>();
  const receiving = new Map<string, { cancel: AbortController; over: Promise<unknown> }>();

  const find = (id: string) => db.select().from(guestUploads).where(eq(guestUploads.id, id)).get();
  const update = (id: string, values: Partial<UploadRow>): UploadRow | undefined =>
    db
      .update(guestUploads)
      .set({ ...values, updatedAt: now() })
      .where(eq(guestUploads.id, id))
      .returning()
      .get();
  const notify = (vmId: string) => {
    const vm = ports.vmById(vmId);
    if (vm) ports.events.publish({ topic: 'files', id: vmId, audience: { projectId: vm.projectId } });
  };
  const uploadFor = (actor: Actor, vmId: string, id: string): UploadRow => {
    const vm = ports.vmFor(actor, vmId);
    const row = find(id);
    if (!row || row.vmId !== vm.id) throw new Problem('not_found', 'files.errors.noUpload');
    return row;
  };
  const withSftp = <T>(vmId: string, signal: AbortSignal, work: (sftp: Sftp) => Promise<T>): Promise<T> =>
    pool.sftp(vmId, signal, work);

  function finish(row: UploadRow): void {
    if (finishing.has(row.id)) return;
    update(row.id, { state: 'verifying' });
    notify(row.vmId);
    const done = finishUpload(row, pool, closing)
      .then(
        (guestSha256) => update(row.id, { state: 'done', guestSha256, error: null }),
        (error: unknown) => notFinished(row, asProblem(error)),
      )
      .finally(() => {
        finishing.delete(row.id);
        running.delete(row.id);
        notify(row.vmId);
      });
    finishing.set(row.id, done);
  }

  function notFinished(row: UploadRow, problem: Problem): void {
    // The next start goes on with it.
    if (closing.aborted) return;
    if (problem.code === 'failed') ports.log.warn({ err: problem, upload: row.id }, 'upload not finished');
    // A guest that went away or was stopped keeps the part: the sender asks again when it is back.
    const away = problem.code === 'unavailable' || problem.code === 'conflict';
    const state = away && problem.key !== 'files.errors.nameTaken' ? 'receiving' : 'failed';
    update(row.id, { state, error: problem.report() });
  }

  /** Moves a complete upload on, unless it still waits for its sender's digest. */
  function advance(row: UploadRow): void {
    if (row.received < row.size || (row.confirmLater && row.senderSha256 === null)) return;
    finish(row);
  }

  return {
    async create(actor, vmId, size, given, signal) {
      const vm = ports.vmFor(actor, vmId);
      requireGate('files', vm);
      const metadata = readMetadata(given);
      const id = newId('up');
      const place = await withSftp(vmId, signal, (sftp) =>
        placeUpload(sftp, { id, size, metadata, reserved: reservedIn(vmId) }),
      );
      const row = db
        .insert(guestUploads)
        .values({
          id,
          vmId,
          actorId: actor.userId ?? null,
          path: place.path,
          partPath: place.partPath,
          size,
          replace: metadata.onConflict === 'replace',
          confirmLater: metadata.confirm === 'later',
          senderSha256: metadata.checksum ?? null,
          fingerprint: metadata.fingerprint ?? null,
          metadata: given,
          state: 'receiving',
          createdAt: now(),
          updatedAt: now(),
        })
        .returning()
        .get();
      running.set(id, { hash: createHash('sha256'), end: 0 });
      ports.audit({
        actor,
        action: 'files.upload',
        subject: { type: 'vm', id: vmId },
        detail: { path: place.path, size },
      });
      if (size === 0) {
        update(id, { passedSha256: createHash('sha256').digest('hex') });
        advance(find(id) ?? row);
      }
      notify(vmId);
      return row;
    },

    async offset(actor, vmId, id, signal) {
      uploadFor(actor, vmId, id);
      // A cut request may still be writing what it had received.
      await receiving.get(id)?.over;
      const row = uploadFor(actor, vmId, id);
      if (row.state === 'failed') throw new Problem('gone', 'files.errors.uploadFailed', { path: row.path });
      if (row.state !== 'receiving') return { row, offset: row.size };
      requireGate('files', ports.vmFor(actor, vmId));
      const facts = await withSftp(vmId, signal, (sftp) => sftp.lstat(row.partPath)).catch(
        (error: unknown) => {
          throw fileProblem(error, row.partPath);
        },
      );
      const meanwhile = uploadFor(actor, vmId, id);
      if (meanwhile.state !== 'receiving') return { row: meanwhile, offset: row.size };
      // What this process saw answered is certain, and its digest is known up to there: no need to trust more.
      const known = running.get(id);
      const size = Math.min(facts?.size ?? 0, row.size);
      const offset = known && known.end <= size ? known.end : size;
      if (known && known.end > size) running.delete(id);
      if (offset === 0) running.set(id, { hash: createHash('sha256'), end: 0 });
      const measured = update(id, { received: offset }) ?? row;
      advance(measured);
      return { row: measured, offset };
    },

    async receive(actor, vmId, id, offset, source, signal) {
      const row = uploadFor(actor, vmId, id);
      if (row.state !== 'receiving' || receiving.has(id)) {
        throw new Problem('conflict', 'files.errors.uploadOver');
      }
      requireGate('files', ports.vmFor(actor, vmId));
      const cancel = new AbortController();
      const any = AbortSignal.any([signal, cancel.signal, closing]);
      const stop = () => source.destroy(new Problem('cancelled', 'problems.cancelled'));
      any.addEventListener('abort', stop, { once: true });
      const work = writePart(row, offset, source, any);
      receiving.set(id, { cancel, over: Promise.allSettled([work]) });
      try {
        return await work;
      } finally {
        any.removeEventListener('abort', stop);
        receiving.delete(id);
      }
    },

    confirm(actor, vmId, id, digest) {
      const row = uploadFor(actor, vmId, id);
      if (row.state === 'done' || row.state === 'verifying') return row;
      if (row.state !== 'receiving' || row.received < row.size) {
        throw new Problem('conflict', 'files.errors.notComplete');
      }
      const confirmed = update(id, { senderSha256: digest }) ?? row;
      finish(confirmed);
      return find(id) ?? confirmed;
    },

    async remove(actor, vmId, id) {
      const row = uploadFor(actor, vmId, id);
      if (row.state === 'verifying') throw new Problem('conflict', 'files.errors.verifying');
      const writing = receiving.get(id);
      writing?.cancel.abort();
      await writing?.over;
      if (row.state === 'receiving' && ports.vmFor(actor, vmId).state === 'running') {
        await withSftp(vmId, closing, (sftp) => removePart(sftp, row.partPath));
      }
      db.delete(guestUploads).where(eq(guestUploads.id, id)).run();
      running.delete(id);
      notify(vmId);
    },

    list(actor, vmId) {
      const vm = ports.vmFor(actor, vmId);
      return db
        .select()
        .from(guestUploads)
        .where(eq(guestUploads.vmId, vm.id))
        .orderBy(desc(guestUploads.createdAt))
        .limit(500)
        .all();
    },

    resumeAll() {
      const over = and(
        inArray(guestUploads.state, ['done', 'failed']),
        lt(guestUploads.updatedAt, now() - keepFinishedMs),
      );
      db.delete(guestUploads).where(over).run();
      db.delete(guestUploads)
        .where(lt(guestUploads.updatedAt, now() - keepUnfinishedMs))
        .run();
      for (const row of db.select().from(guestUploads).all()) {
        if (!ports.vmById(row.vmId)) db.delete(guestUploads).where(eq(guestUploads.id, row.id)).run();
        else if (row.state === 'verifying') finish(row);
      }
    },

    forget(vmId) {
      for (const { id } of db.select().from(guestUploads).where(eq(guestUploads.vmId, vmId)).all()) {
        running.delete(id);
      }
      db.delete(guestUploads).where(eq(guestUploads.vmId, vmId)).run();
    },

    async idle() {
      await Promise.all(finishing.values());
    },
  };

  async function writePart(
    row: UploadRow,
    offset: number,
    source: Readable,
    signal: AbortSignal,
  ): Promise<number> {
    const known = running.get(row.id);
    const track = known?.end === offset ? known : undefined;
    let received = offset;
    try {
      await withSftp(row.vmId, signal, async (sftp) => {
        const handle = await sftp.open(row.partPath, openFlags.write | openFlags.create);
        try {
          await writeWindowed(sftp, handle, source, offset, (block, end) => {
            received = end;
            if (!track) return;
            track.hash.update(block);
            track.end = end;
          });
          if (received === row.size) await sftp.fsync(handle);
        } finally {
          await sftp.close(handle).catch(() => undefined); // the session may be gone, and the handle with it
        }
      });
    } catch (error) {
      const ofGuest = statusOf(error) !== undefined || isConnectionLoss(error);
      if (!ofGuest) throw error;
      throw (await fullDisk(row, closing)) ?? fileProblem(error, row.path);
    } finally {
      const passedSha256 = received >= row.size && track ? track.hash.copy().digest('hex') : null;
      const left = update(row.id, { received, passedSha256 });
      if (left) advance(left);
      notify(row.vmId);
    }
    return received;
  }

  /** Bytes that other uploads into the VM still have to write. */
  function reservedIn(vmId: string): number {
    const open = db
      .select()
      .from(guestUploads)
      .where(and(eq(guestUploads.vmId, vmId), eq(guestUploads.state, 'receiving')))
      .all();
    return open
      .filter(({ id }) => running.has(id))
      .reduce((sum, row) => sum + row.size - (running.get(row.id)?.end ?? row.received), 0);
  }

  // SFTP version 3 has no status for a full disk: it says "failure", and only the numbers tell which.
  async function fullDisk(row: UploadRow, signal: AbortSignal): Promise<Problem | undefined> {
    try {
      return await withSftp(row.vmId, signal, async (sftp) => {
        const written = (await sftp.lstat(row.partPath))?.size ?? 0;
        return roomProblem(sftp, row.partPath, row.size - written);
      });
    } catch {
      return undefined; // the first failure says more than this one
    }
  }
}

// ssh2 gives the requests in flight this error when the session breaks.
function isConnectionLoss(error: unknown): boolean {
  return error instanceof Error && error.message === 'No response from server';
}

async function removePart(sftp: Sftp, path: string): Promise<void> {
  try {
    if (await sftp.lstat(path)) await sftp.unlink(path);
  } catch (error) {
    throw fileProblem(error, path);
  }
}

function readMetadata(given: Record<string, string | null>): UploadMetadata {
  const values = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
  const parsed = uploadMetadata.safeParse({ ...values, filename: values['filename'] ?? values['name'] });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Problem('invalid', 'files.errors.badMetadata', { field: issue?.path.join('.') ?? '' });
}
