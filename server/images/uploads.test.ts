import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ada, bob, openTestImages, tusMetadata, type TestImages } from './testing';

let room: TestImages;
let scratch = '';
beforeEach(async () => {
  room = await openTestImages();
  scratch = mkdtempSync(join(tmpdir(), 'edgeyard-uploads-'));
});
afterEach(async () => {
  await room.close();
  rmSync(scratch, { recursive: true, force: true });
});

const tus = { 'tus-resumable': '1.0.0' };

function begin(size: number, metadata: Record<string, string>): Promise<Response> {
  const headers = { ...tus, 'upload-length': String(size), 'upload-metadata': tusMetadata(metadata) };
  return fetch(`${room.url}/api/v1/images/uploads`, { method: 'POST', headers });
}

function send(location: string, offset: number, bytes: Buffer): Promise<Response> {
  const headers = {
    ...tus,
    'upload-offset': String(offset),
    'content-type': 'application/offset+octet-stream',
  };
  return fetch(new URL(location, room.url), { method: 'PATCH', headers, body: new Uint8Array(bytes) });
}

/** Uploads a whole file and waits until its import is over. */
async function upload(bytes: Buffer, metadata: Record<string, string>): Promise<string> {
  const created = await begin(bytes.length, metadata);
  expect(created.status).toBe(201);
  const location = created.headers.get('location') ?? '';
  expect((await send(location, 0, bytes)).status).toBe(204);
  const id = location.split('/').at(-1) ?? '';
  const { jobId } = room.images.get(ada, id);
  await room.jobs.settled(jobId ?? '');
  return id;
}

/** A disk with something in it, in any format. */
function disk(format: string, options: string[] = []): Buffer {
  const raw = join(scratch, 'disk.raw');
  const content = Buffer.alloc(8 * 2 ** 20);
  content.write('the same disk in every format', 3 * 2 ** 20);
  writeFileSync(raw, content);
  const file = join(scratch, `disk.${format}`);
  if (format !== 'raw')
    execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', format, ...options, raw, file]);
  return readFileSync(file);
}

const described = (format: string) => ({ filename: `disk.${format}`, format, name: 'A disk' });
const left = (folder: string) => readdirSync(join(room.dir, folder));

describe('what comes in', () => {
  it.each([
    ['raw', []],
    ['vmdk', []],
    ['vmdk', ['-o', 'subformat=streamOptimized']],
    ['vdi', []],
    ['vhdx', []],
    ['qcow2', []],
  ])('a %s %s becomes the same disk in qcow2', async (format, options) => {
    const sent = disk(format, options);
    const id = await upload(sent, described(format));
    const image = room.images.get(ada, id);
    expect(image).toMatchObject({ state: 'ready', format: 'qcow2', virtualSize: 8 * 2 ** 20, error: null });
    const { path } = await room.images.library.path(id);
    const bytes = readFileSync(path);
    expect(image.digest).toBe(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
    expect(image.source).toMatchObject({ sha256: createHash('sha256').update(sent).digest('hex') });
    expect(image.md5).toBe(createHash('md5').update(bytes).digest('hex'));
    expect(image.size).toBe(bytes.length);
    disk('raw');
    execFileSync('qemu-img', ['compare', '-f', 'raw', '-F', 'qcow2', join(scratch, 'disk.raw'), path]);
    expect([left('incoming'), left('work')]).toEqual([[], []]);
  });

  it('keeps a clean qcow2 byte for byte', async () => {
    const bytes = disk('qcow2');
    const id = await upload(bytes, described('qcow2'));
    expect(readFileSync((await room.images.library.path(id)).path).equals(bytes)).toBe(true);
  });

  it('rewrites a qcow2 with snapshots', async () => {
    disk('qcow2');
    const file = join(scratch, 'disk.qcow2');
    execFileSync('qemu-img', ['snapshot', '-c', 'one', file]);
    const id = await upload(readFileSync(file), described('qcow2'));
    const { path } = await room.images.library.path(id);
    expect(execFileSync('qemu-img', ['snapshot', '-l', path]).toString()).toBe('');
  });

  it('checks the promised digest before anything opens the file', async () => {
    const id = await upload(disk('qcow2'), { ...described('qcow2'), checksum: 'a'.repeat(64) });
    expect(room.images.get(ada, id)).toMatchObject({
      state: 'failed',
      error: { key: 'images.errors.checksum', params: { expected: 'a'.repeat(64) } },
    });
    expect(left('incoming')).toEqual([]);
  });

  it('refuses a hostile header, says why, and keeps nothing', async () => {
    const file = join(scratch, 'overlay.qcow2');
    writeFileSync(join(scratch, 'base.qcow2'), disk('qcow2'));
    execFileSync('qemu-img', [
      'create',
      '-q',
      '-f',
      'qcow2',
      '-F',
      'qcow2',
      '-b',
      join(scratch, 'base.qcow2'),
      file,
    ]);
    const id = await upload(readFileSync(file), described('qcow2'));
    expect(room.images.get(ada, id).error?.key).toBe('images.hostile.backingFile');
    expect([left('incoming'), left('work')]).toEqual([[], []]);
    expect(await room.images.library.list()).toEqual([]);
    await expect(room.images.library.path(id)).rejects.toMatchObject({ key: 'images.errors.notReady' });
  });

  it('refuses a damaged qcow2', async () => {
    const bytes = disk('qcow2');
    // The refcount block: its table lies in the second cluster and points to the third.
    bytes.fill(0, 2 * 65_536, 3 * 65_536);
    const id = await upload(bytes, described('qcow2'));
    expect(room.images.get(ada, id).error?.key).toBe('images.errors.damaged');
  });
});

describe('the way in', () => {
  it('goes on where a cut left it', async () => {
    const bytes = disk('qcow2');
    const half = Math.floor(bytes.length / 2);
    const location = (await begin(bytes.length, described('qcow2'))).headers.get('location') ?? '';
    await send(location, 0, bytes.subarray(0, half));
    await room.restart();
    const head = await fetch(new URL(location, room.url), { method: 'HEAD', headers: tus });
    expect(head.headers.get('upload-offset')).toBe(String(half));
    expect((await send(location, half, bytes.subarray(half))).status).toBe(204);
    const id = location.split('/').at(-1) ?? '';
    await room.jobs.settled(room.images.get(ada, id).jobId ?? '');
    expect(room.images.get(ada, id).state).toBe('ready');
    // The sender that lost the last answer asks once more.
    const again = await fetch(new URL(location, room.url), { method: 'HEAD', headers: tus });
    expect(again.headers.get('upload-offset')).toBe(String(bytes.length));
  });

  it('is bound to its owner', async () => {
    const location = (await begin(100, described('raw'))).headers.get('location') ?? '';
    room.actor = bob;
    for (const method of ['HEAD', 'DELETE']) {
      const answer = await fetch(new URL(location, room.url), { method, headers: tus });
      expect(answer.status).toBe(404);
    }
    expect((await send(location, 0, Buffer.alloc(10))).status).toBe(404);
  });

  it('refuses more than the disk holds before the first byte', async () => {
    const answer = await begin(2 ** 50, described('raw'));
    expect(answer.status).toBe(507);
    expect(await answer.json()).toMatchObject({ key: 'images.errors.noRoom', params: { needed: 2 ** 50 } });
    expect(room.images.list(ada, {})).toEqual([]);
  });

  it('refuses what it cannot know: no name, another format, a project of others', async () => {
    const keys = async (metadata: Record<string, string>) =>
      ((await (await begin(512, metadata)).json()) as { key: string }).key;
    expect(await keys({ filename: 'x', format: 'raw' })).toBe('images.errors.badMetadata');
    expect(await keys({ filename: 'x', format: 'exe', name: 'x' })).toBe('images.errors.badMetadata');
    const shared = { ...described('raw'), visibility: 'project' };
    expect(await keys(shared)).toBe('images.errors.needsProject');
    expect(await keys({ ...shared, projectId: 'project-bob' })).toBe('images.errors.noProject');
  });

  it('is stopped by its owner, and leaves nothing', async () => {
    const location = (await begin(1024, described('raw'))).headers.get('location') ?? '';
    await send(location, 0, Buffer.alloc(512));
    const answer = await fetch(new URL(location, room.url), { method: 'DELETE', headers: tus });
    expect(answer.status).toBe(204);
    expect(room.images.list(ada, {})).toEqual([]);
    expect(left('incoming')).toEqual([]);
  });

  it('takes up an upload that was complete when the process died', async () => {
    const bytes = disk('qcow2');
    const location = (await begin(bytes.length, described('qcow2'))).headers.get('location') ?? '';
    const id = location.split('/').at(-1) ?? '';
    await send(location, 0, bytes.subarray(0, 10));
    writeFileSync(join(room.dir, 'incoming', id), bytes);
    await room.restart();
    await room.jobs.settled(room.images.get(ada, id).jobId ?? '');
    expect(room.images.get(ada, id).state).toBe('ready');
    expect(existsSync(join(room.dir, 'incoming', id))).toBe(false);
  });
});
