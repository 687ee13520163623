import { describe, expect, it, vi } from 'vitest';
import type { ProblemReport } from '@/server/problem';
import type { UploadView } from '@/server/workbench/guest/schemas';
import { digestOfFile } from './file-digest';
import { fingerprintOf } from './upload-item';
import { UploadQueue, type QueuePorts } from './upload-queue';

const digest = 'ab'.repeat(32);

function view(part: Partial<UploadView>): UploadView {
  return {
    id: 'up_1',
    vmId: 'vm_1',
    path: '/root/a.txt',
    size: 4,
    received: 4,
    state: 'verifying',
    awaitsDigest: false,
    fingerprint: null,
    senderSha256: digest,
    passedSha256: digest,
    guestSha256: null,
    error: null,
    createdAt: 0,
    ...part,
  };
}

/** Ports of a server that takes everything; a test says what is different. */
function fakePorts() {
  let made = 0;
  return {
    uploads: vi.fn<QueuePorts['uploads']>().mockResolvedValue([]),
    confirm: vi.fn<QueuePorts['confirm']>(async (_vm, id) => view({ id })),
    remove: vi.fn<QueuePorts['remove']>().mockResolvedValue(),
    send: vi.fn<QueuePorts['send']>((request) => {
      made += 1;
      const id = request.uploadId ?? `up_${made}`;
      request.onUploadId(id);
      return { over: Promise.resolve(id), stop: vi.fn<() => void>() };
    }),
    digest: vi.fn<QueuePorts['digest']>().mockResolvedValue(digest),
  };
}

const refuse = (problem: ProblemReport) => ({ over: Promise.reject(problem), stop: () => undefined });
const exists: ProblemReport = {
  code: 'conflict',
  key: 'files.errors.exists',
  params: { path: '/root/a.txt', size: 9, modifiedAt: 5 },
};
const file = (name: string) => new File(['text'], name, { lastModified: 7 });
const add = (queue: UploadQueue, ...names: string[]) =>
  queue.add({ vmId: 'vm_1', vmName: 'one', directory: '', files: names.map(file) });
const states = (queue: UploadQueue) => queue.snapshot().items.map(({ state }) => state);

describe('the upload queue', () => {
  it('is done only when the server has found equal digests', async () => {
    const ports = fakePorts();
    const queue = new UploadQueue(ports);
    await add(queue, 'a.txt');
    await vi.waitFor(() => expect(states(queue)).toEqual(['verifying']));
    expect(ports.confirm).toHaveBeenCalledWith('vm_1', 'up_1', digest);
    queue.learn([view({ state: 'done', guestSha256: digest })]);
    expect(queue.snapshot().items[0]).toMatchObject({ state: 'done', digest });
  });

  it('shows what the server refused, and tries again', async () => {
    const ports = fakePorts();
    ports.send.mockReturnValueOnce(refuse({ code: 'no_space', key: 'files.errors.tooLarge', params: {} }));
    const queue = new UploadQueue(ports);
    await add(queue, 'a.txt');
    await vi.waitFor(() => expect(states(queue)).toEqual(['failed']));
    const [item] = queue.snapshot().items;
    expect(item?.problem?.key).toBe('files.errors.tooLarge');
    queue.retry(item?.id ?? '');
    await vi.waitFor(() => expect(states(queue)).toEqual(['verifying']));
  });

  it('asks about files of the same name once for all', async () => {
    const ports: QueuePorts = {
      ...fakePorts(),
      send: (request) =>
        request.metadata['onConflict'] === 'replace'
          ? { over: Promise.resolve('up_9'), stop: () => undefined }
          : refuse(exists),
    };
    const queue = new UploadQueue(ports);
    await add(queue, 'a', 'b', 'c', 'd', 'e');
    await vi.waitFor(() => expect(states(queue)).toEqual(Array.from({ length: 5 }, () => 'conflict')));
    expect(queue.snapshot().items[0]?.existing).toEqual({ size: 9, modifiedAt: 5 });
    queue.answer(queue.snapshot().items[0]?.id ?? '', 'skip', false);
    queue.answer(queue.snapshot().items[1]?.id ?? '', 'replace', true);
    await vi.waitFor(() =>
      expect(states(queue)).toEqual(['skipped', 'verifying', 'verifying', 'verifying', 'verifying']),
    );
  });

  it('goes on with the part the server holds of a file', async () => {
    const ports = fakePorts();
    ports.uploads.mockResolvedValue([
      view({ id: 'up_7', state: 'receiving', received: 2, fingerprint: fingerprintOf(file('a.txt'), '') }),
    ]);
    const queue = new UploadQueue(ports);
    await add(queue, 'a.txt');
    expect(ports.send.mock.calls[0]?.[0].uploadId).toBe('up_7');
  });

  it('takes a cancelled upload back from the guest', async () => {
    const stop = vi.fn<() => void>();
    const { remove, ...rest } = fakePorts();
    const ports: QueuePorts = {
      ...rest,
      remove,
      send: (request) => {
        request.onUploadId('up_3');
        return { over: new Promise<string>(() => undefined), stop };
      },
    };
    const queue = new UploadQueue(ports);
    await add(queue, 'a.txt');
    await queue.cancel(queue.snapshot().items[0]?.id ?? '');
    expect(stop).toHaveBeenCalled();
    expect(remove).toHaveBeenCalledWith('vm_1', 'up_3');
    expect(states(queue)).toEqual(['cancelled']);
    queue.clear();
    expect(queue.snapshot().items).toEqual([]);
  });

  it('sends a file anew whose cancelled part is still being removed', async () => {
    const ports = fakePorts();
    const part = view({ id: 'up_9', state: 'receiving', fingerprint: fingerprintOf(file('a.txt'), '') });
    let listed = [part];
    let removed = (): void => undefined;
    ports.uploads.mockImplementation(async () => listed);
    ports.remove.mockImplementationOnce(
      () =>
        new Promise((resolve) => {
          removed = () => {
            listed = [];
            resolve();
          };
        }),
    );
    ports.send.mockImplementationOnce((request) => {
      request.onUploadId('up_9');
      return { over: new Promise<string>(() => undefined), stop: () => undefined };
    });
    const queue = new UploadQueue(ports);
    await add(queue, 'a.txt');
    const cancelled = queue.cancel(queue.snapshot().items[0]?.id ?? '');
    const added = add(queue, 'a.txt');
    removed();
    await Promise.all([cancelled, added]);
    expect(ports.send.mock.lastCall?.[0].uploadId).toBeUndefined();
  });

  it('sends three at a time', async () => {
    const ports = {
      ...fakePorts(),
      send: () => ({ over: new Promise<string>(() => undefined), stop: () => undefined }),
    };
    const queue = new UploadQueue(ports);
    await add(queue, 'a', 'b', 'c', 'd');
    expect(states(queue)).toEqual(['uploading', 'uploading', 'uploading', 'waiting']);
  });

  it('says so when a file can no longer be read', async () => {
    const queue = new UploadQueue({ ...fakePorts(), digest: () => Promise.reject(new Error('gone')) });
    await add(queue, 'a.txt');
    await vi.waitFor(() => expect(queue.snapshot().items[0]?.problem?.key).toBe('files.unreadable'));
  });
});

it('hashes a file in pieces', async () => {
  // FIPS 180-4, the one-block example.
  expect(await digestOfFile(new Blob(['abc']))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});
