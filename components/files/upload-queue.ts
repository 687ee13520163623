import type { ProblemReport } from '@/server/problem';
import type { UploadView } from '@/server/workbench/guest/schemas';
import { problemOf } from '../api/problem-of';
import { fingerprintOf, isActive, nameOf, type UploadItem } from './upload-item';
import { speedMeter } from './speed-meter';
import type { Sending, SendRequest } from './tus-send';

/** What the queue asks of the server and the browser. */
export interface QueuePorts {
  uploads(vmId: string): Promise<UploadView[]>;
  confirm(vmId: string, uploadId: string, sha256: string): Promise<UploadView>;
  remove(vmId: string, uploadId: string): Promise<void>;
  send(request: SendRequest): Sending;
  digest(file: File, signal: AbortSignal): Promise<string>;
}

export interface QueueSnapshot {
  items: readonly UploadItem[];
  /** Bytes per second of all that is being sent. */
  speed: number;
}

export interface AddRequest {
  vmId: string;
  vmName: string;
  /** Folder in the guest; empty for the home of the login. */
  directory: string;
  files: readonly File[];
}

export type ConflictAnswer = 'skip' | 'replace';

interface Entry {
  item: UploadItem;
  file: File;
  /** Files that were dropped together; an answer "for all" counts for them. */
  batch: { policy: ConflictAnswer | undefined };
  replace: boolean;
  sending: Sending | undefined;
  stop: AbortController;
}

const atOnce = 3;
const tellEveryMs = 200;

/** The files on their way into VMs. Lives above the pages, so that it goes on while people walk about. */
export class UploadQueue {
  readonly #ports: QueuePorts;
  readonly #listeners = new Set<() => void>();
  readonly #entries = new Map<string, Entry>();
  /** Parts that are being removed from guests; the server lists them until they are gone. */
  readonly #removals = new Set<Promise<void>>();
  readonly #speed = speedMeter();
  #snapshot: QueueSnapshot = { items: [], speed: 0 };
  #telling: ReturnType<typeof setTimeout> | undefined;
  #next = 0;

  constructor(ports: QueuePorts) {
    this.#ports = ports;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): QueueSnapshot => this.#snapshot;

  /** Puts files into the queue; those the server holds a part of go on from there. */
  async add(request: AddRequest): Promise<void> {
    await Promise.all(this.#removals);
    const known = await this.#ports.uploads(request.vmId).catch(() => []);
    const batch = { policy: undefined };
    for (const file of request.files) {
      const mark = fingerprintOf(file, request.directory);
      const part = known.find(({ state, fingerprint }) => state === 'receiving' && fingerprint === mark);
      this.#put(request, file, batch, part);
    }
    this.#pump();
  }

  /** Goes on with an unfinished upload, for which somebody chose the file again. */
  resume(request: Omit<AddRequest, 'files' | 'directory'>, file: File, part: UploadView): void {
    this.#put({ ...request, directory: '', files: [file] }, file, { policy: undefined }, part);
    this.#pump();
  }

  /** Answers for a file in conflict; `forAll` also for the others dropped with it, now and later. */
  answer(id: string, answer: ConflictAnswer, forAll: boolean): void {
    const asked = this.#entries.get(id);
    if (!asked) return;
    if (forAll) asked.batch.policy = answer;
    for (const entry of this.#entries.values()) {
      const same = entry === asked || (forAll && entry.batch === asked.batch);
      if (same && entry.item.state === 'conflict') this.#settleConflict(entry, answer);
    }
    this.#pump();
  }

  retry(id: string): void {
    const entry = this.#entries.get(id);
    if (entry?.item.state !== 'failed' && entry?.item.state !== 'cancelled') return;
    entry.stop = new AbortController();
    this.#change(entry, { state: 'waiting', problem: undefined });
    this.#pump();
  }

  /** Stops an upload and has its part removed from the guest. */
  async cancel(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (!entry || entry.item.state === 'done' || entry.item.state === 'verifying') return;
    const { vmId, uploadId } = entry.item;
    entry.stop.abort();
    entry.sending?.stop();
    this.#change(entry, { state: 'cancelled', uploadId: undefined, sent: 0 });
    this.#pump();
    if (uploadId === undefined) return;
    // A guest that is out of reach keeps the part; the list of unfinished uploads shows it.
    const removal = this.#ports.remove(vmId, uploadId).catch(() => undefined);
    this.#removals.add(removal);
    await removal;
    this.#removals.delete(removal);
  }

  /** Takes items that are over off the list; without an id all of them. */
  clear(id?: string): void {
    for (const [key, { item }] of this.#entries) {
      if ((id === undefined || id === key) && !isActive(item)) this.#entries.delete(key);
    }
    this.#tell();
  }

  /** Takes what the server says of a VM's uploads: how verifications ended. */
  learn(uploads: readonly UploadView[]): void {
    const byId = new Map(uploads.map((upload) => [upload.id, upload]));
    for (const entry of this.#entries.values()) {
      const upload = byId.get(entry.item.uploadId ?? '');
      if (entry.item.state === 'verifying' && upload) this.#takeVerdict(entry, upload);
    }
  }

  #put(request: AddRequest, file: File, batch: Entry['batch'], part: UploadView | undefined): void {
    this.#next += 1;
    const item: UploadItem = {
      id: `upload-${this.#next}`,
      vmId: request.vmId,
      vmName: request.vmName,
      name: nameOf(file),
      directory: request.directory,
      size: file.size,
      sent: part?.received ?? 0,
      state: 'waiting',
      problem: undefined,
      existing: undefined,
      modifiedAt: file.lastModified,
      uploadId: part?.id,
      digest: undefined,
    };
    const entry: Entry = {
      item,
      file,
      batch,
      replace: false,
      sending: undefined,
      stop: new AbortController(),
    };
    this.#entries.set(item.id, entry);
    this.#tell();
  }

  #pump(): void {
    const entries = [...this.#entries.values()];
    const busy = entries.filter(({ item }) => ['uploading', 'reconnecting', 'hashing'].includes(item.state));
    const waiting = entries.filter(({ item }) => item.state === 'waiting');
    for (const entry of waiting.slice(0, Math.max(0, atOnce - busy.length))) {
      this.#run(entry).catch((error: unknown) => this.#fail(entry, problemOf(error)));
    }
  }

  async #run(entry: Entry): Promise<void> {
    const { signal } = entry.stop;
    this.#change(entry, { state: 'uploading' });
    // Taken while the bytes travel, from the same file.
    const digest = this.#ports.digest(entry.file, signal);
    digest.catch(() => undefined);
    try {
      const uploadId = await this.#send(entry);
      if (signal.aborted) return;
      this.#change(entry, { state: 'hashing', uploadId, sent: entry.item.size });
      const sha256 = await digest.catch(() => {
        const name = entry.item.name;
        throw { code: 'failed', key: 'files.unreadable', params: { name } } satisfies ProblemReport;
      });
      const upload = await this.#ports.confirm(entry.item.vmId, uploadId, sha256);
      this.#change(entry, { state: 'verifying' });
      this.#takeVerdict(entry, upload);
      // The notice of its end may have come before we asked.
      this.learn(await this.#ports.uploads(entry.item.vmId));
    } catch (error) {
      if (!signal.aborted) this.#refused(entry, problemOf(error));
    } finally {
      this.#pump();
    }
  }

  #send(entry: Entry): Promise<string> {
    const { item, file } = entry;
    entry.sending = this.#ports.send({
      file,
      vmId: item.vmId,
      uploadId: item.uploadId,
      metadata: {
        filename: item.name,
        directory: item.directory,
        confirm: 'later',
        onConflict: entry.replace ? 'replace' : 'refuse',
        fingerprint: fingerprintOf(file, item.directory),
      },
      onUploadId: (uploadId) => this.#change(entry, { uploadId }),
      onProgress: (sent) => {
        if (!isActive(entry.item)) return;
        this.#speed.add(Math.max(0, sent - entry.item.sent));
        this.#change(entry, { sent, state: 'uploading' });
      },
      onReconnecting: () => this.#change(entry, { state: 'reconnecting' }),
    });
    return entry.sending.over;
  }

  #refused(entry: Entry, problem: ProblemReport): void {
    if (problem.key !== 'files.errors.exists') {
      this.#fail(entry, problem);
      return;
    }
    const { size, modifiedAt } = problem.params;
    this.#change(entry, {
      state: 'conflict',
      existing: { size: Number(size ?? 0), modifiedAt: Number(modifiedAt ?? 0) },
    });
    if (entry.batch.policy) this.#settleConflict(entry, entry.batch.policy);
  }

  #settleConflict(entry: Entry, answer: ConflictAnswer): void {
    entry.replace = answer === 'replace';
    this.#change(entry, { state: answer === 'replace' ? 'waiting' : 'skipped' });
  }

  #takeVerdict(entry: Entry, upload: UploadView): void {
    if (upload.state === 'done') {
      const { senderSha256, guestSha256 } = upload;
      const digest = senderSha256 === guestSha256 ? (guestSha256 ?? undefined) : undefined;
      this.#change(entry, { state: 'done', digest });
    } else if (upload.state === 'failed') {
      // The part is gone; another try begins anew.
      this.#change(entry, { uploadId: undefined, sent: 0 });
      this.#fail(entry, problemOf(upload.error));
    } else if (upload.state === 'receiving' && upload.error) {
      this.#fail(entry, problemOf(upload.error));
    }
  }

  #fail(entry: Entry, problem: ProblemReport): void {
    // What the server no longer has cannot be gone on with.
    const lost = ['files.errors.noUpload', 'files.errors.uploadFailed'].includes(problem.key);
    this.#change(entry, { state: 'failed', problem, ...(lost && { uploadId: undefined, sent: 0 }) });
  }

  #change(entry: Entry, values: Partial<UploadItem>): void {
    const stateChanged = values.state !== undefined && values.state !== entry.item.state;
    entry.item = { ...entry.item, ...values };
    if (stateChanged) this.#tell();
    else this.#telling ??= setTimeout(() => this.#tell(), tellEveryMs);
  }

  #tell(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    this.#snapshot = {
      items: [...this.#entries.values()].map(({ item }) => item),
      speed: this.#speed.perSecond(),
    };
    for (const listener of this.#listeners) listener();
  }
}
