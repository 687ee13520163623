import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { guest } from '../access/actor';
import { fakeImage } from '../sites/fake/fake-site';
import type { BuiltInImage, NewImageFacts } from './images';
import { ada, bob, openTestImages, root, type TestImages } from './testing';

const never = new AbortController().signal;
let room: TestImages;
let scratch = '';
beforeEach(async () => {
  room = await openTestImages();
  scratch = mkdtempSync(join(tmpdir(), 'edgeyard-images-test-'));
});
afterEach(async () => {
  await room.close();
  rmSync(scratch, { recursive: true, force: true });
});

function qcow2(name: string): string {
  const file = join(scratch, name);
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-o', 'preallocation=metadata', file, '16M']);
  return file;
}

const tiny = (path: string): BuiltInImage => ({
  name: 'Tiny Linux',
  path,
  os: 'tiny',
  login: 'root',
  cloudInit: true,
  minMemoryMiB: 192,
  minDiskGiB: 1,
});

/** An image of Ada's, as a capture makes it. */
async function captured(part: Partial<NewImageFacts> = {}): Promise<string> {
  const file = join(room.images.workFolder, 'job.qcow2');
  copyFileSync(qcow2('captured.qcow2'), file);
  const stored = await room.images.verify(file, { signal: never });
  const facts: NewImageFacts = {
    id: 'img_captured',
    name: 'Captured: one/two',
    description: '',
    os: 'tiny',
    login: 'root',
    cloudInit: true,
    architecture: 'x86_64',
    minMemoryMiB: 192,
    visibility: 'owner',
    ownerId: ada.userId,
    ownerName: ada.name,
    projectId: undefined,
    source: { kind: 'built-in', guest: 'x' },
    sizeBefore: 5,
    jobId: 'job',
    ...part,
  };
  return (await room.images.ingest(file, facts, stored)).id;
}

describe('built-in guests', () => {
  it('come in once, and again only with other bytes', async () => {
    const file = qcow2('tiny.qcow2');
    await room.images.importBuiltIn([tiny(file)], never);
    const [first] = room.images.list(ada, {});
    expect(first).toMatchObject({
      name: 'Tiny Linux',
      state: 'ready',
      visibility: 'everyone',
      format: 'qcow2',
    });
    await room.images.importBuiltIn([{ ...tiny(file), name: 'Tiny' }], never);
    expect(room.images.list(ada, {}).map(({ id, name }) => [id, name])).toEqual([[first?.id, 'Tiny']]);
    execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'write -P 7 0 64k', file]);
    await room.images.importBuiltIn([tiny(file)], never);
    const after = room.images.list(ada, {});
    expect(after).toHaveLength(1);
    expect(after[0]?.id).not.toBe(first?.id);
    expect(readdirSync(room.dir).filter((name) => name.endsWith('.qcow2'))).toEqual([
      `${after[0]?.id}.qcow2`,
    ]);
  });

  it('keep an old build that a VM uses', async () => {
    const file = qcow2('tiny.qcow2');
    await room.images.importBuiltIn([tiny(file)], never);
    room.uses.push({ kind: 'vm', id: 'vm_1', name: 'web', projectId: 'project-ada' });
    execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'write -P 7 0 64k', file]);
    await room.images.importBuiltIn([tiny(file)], never);
    expect(room.images.list(ada, {})).toHaveLength(2);
  });
});

describe('who may what', () => {
  it('shows an image to those it is for', async () => {
    const id = await captured();
    expect(room.images.get(ada, id).name).toBe('Captured: one/two');
    expect(() => room.images.get(bob, id)).toThrow(expect.objectContaining({ code: 'not_found' }));
    expect(() => room.images.get(guest, id)).toThrow(expect.objectContaining({ code: 'not_found' }));
    expect(room.images.list(bob, {})).toEqual([]);
    expect(room.images.mayUse(bob, id)).toBe(false);
    expect(room.images.get(root, id).id).toBe(id);
    room.images.update(ada, id, { visibility: 'everyone' });
    expect(room.images.mayUse(bob, id)).toBe(true);
    expect(room.images.get(bob, id).refusals).toMatchObject({
      change: 'images.gates.notYours',
      download: null,
    });
    expect(() => room.images.update(bob, id, { name: 'mine' })).toThrow(
      expect.objectContaining({ code: 'forbidden' }),
    );
    await expect(room.images.remove(bob, id)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('lets the members of its project use and change it', async () => {
    const id = await captured({ visibility: 'project', projectId: 'project-shared' });
    expect(room.images.update(bob, id, { name: 'Ours', os: null })).toMatchObject({ name: 'Ours', os: null });
  });

  it('removes an image that nothing uses, and says what does', async () => {
    const id = await captured();
    room.uses.push({ kind: 'vm', id: 'vm_1', name: 'web', projectId: 'project-ada' });
    await expect(room.images.remove(ada, id)).rejects.toMatchObject({
      key: 'images.gates.inUse',
      params: { names: 'web' },
    });
    room.uses.length = 0;
    await room.images.remove(ada, id);
    expect(readdirSync(room.dir).filter((name) => name.endsWith('.qcow2'))).toEqual([]);
    expect(room.audited).toContain('ada images.remove');
  });
});

describe("a project's images", () => {
  it('go with it, but not those that others use', async () => {
    const id = await captured({ visibility: 'project', projectId: 'project-ada' });
    expect(room.images.belongings.list('project-ada')).toMatchObject([{ type: 'image', id }]);
    expect(room.images.belongings.list('project-bob')).toEqual([]);
    room.uses.push({ kind: 'vm', id: 'vm_1', name: 'web', projectId: 'project-bob' });
    expect(room.images.belongings.list('project-ada')).toEqual([]);
    await room.images.belongings.remove({ id }, never);
    expect(room.images.list(root, {})).toEqual([]);
    expect(readdirSync(room.dir).filter((name) => name.endsWith('.qcow2'))).toEqual([]);
  });
});

describe('a copy of our own making', () => {
  it('is registered once, however often the step runs', async () => {
    const id = await captured();
    const file = join(room.images.workFolder, 'job.qcow2');
    const { digest, md5, size, virtualSize } = room.images.get(ada, id);
    const stored = { format: 'qcow2' as const, digest: digest ?? '', md5: md5 ?? '', size, virtualSize };
    await room.images.ingest(file, { ...room.images.get(ada, id), id } as never, stored);
    expect(room.images.list(ada, {})).toHaveLength(1);
  });

  it('is not taken when it was cut', async () => {
    const file = qcow2('cut.qcow2');
    truncateSync(file, readFileSync(file).length - 65_536);
    await expect(room.images.verify(file, { signal: never })).rejects.toMatchObject({ code: 'invalid' });
  });

  it('leaves no file of a job that is over', async () => {
    writeFileSync(join(room.images.workFolder, 'job_gone.qcow2'), 'half');
    await room.restart();
    expect(readdirSync(room.images.workFolder)).toEqual([]);
  });
});

describe('downloads', () => {
  const content = (id: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${room.url}/api/v1/images/${id}/content`, { headers, method });

  it('sends the bytes with their digest, whole and in parts', async () => {
    const id = await captured();
    const bytes = readFileSync((await room.images.library.path(id)).path);
    const sha256 = createHash('sha256').update(bytes).digest('base64');
    const all = await content(id);
    expect(all.status).toBe(200);
    expect(all.headers.get('content-length')).toBe(String(bytes.length));
    expect(all.headers.get('repr-digest')).toBe(`sha-256=:${sha256}:`);
    expect(all.headers.get('content-disposition')).toContain('filename="Captured-_one-two.qcow2"');
    expect(Buffer.from(await all.arrayBuffer()).equals(bytes)).toBe(true);
    const part = await content(id, { range: 'bytes=100-199' });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 100-199/${bytes.length}`]);
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(100, 200))).toBe(true);
    const etag = all.headers.get('etag') ?? '';
    // Without a word of its own, fetch asks for a fresh copy.
    const conditional = { 'if-none-match': etag, 'cache-control': 'max-age=0' };
    expect((await content(id, conditional)).status).toBe(304);
    expect((await content(id, { range: 'bytes=5-9', 'if-range': '"other"' })).status).toBe(200);
    expect((await content(id, { range: `bytes=${bytes.length}-` })).status).toBe(416);
    expect((await content(id, {}, 'HEAD')).headers.get('content-length')).toBe(String(bytes.length));
  });

  it('is only for those who may see the image', async () => {
    const id = await captured();
    room.actor = bob;
    expect((await content(id)).status).toBe(404);
    room.actor = guest;
    expect((await content(id)).status).toBe(401);
    room.actor = { ...ada, scopes: [] };
    expect((await content(id)).status).toBe(403);
  });
});

describe('boot test', () => {
  it('keeps a picture of an image that boots, and no VM', async () => {
    const id = await captured();
    room.site.controls.addImage(fakeImage({ id }));
    const job = room.images.bootTest(ada, id, {});
    expect(await room.jobs.settled(job.id)).toMatchObject({
      state: 'done',
      result: { phase: 'login', passed: true },
    });
    const [proof] = room.images.get(ada, id).proofs;
    expect(proof).toMatchObject({
      passed: true,
      phase: 'login',
      siteName: room.site.name,
      hasScreenshot: true,
    });
    const picture = await fetch(`${room.url}/api/v1/images/${id}/proofs/${proof?.id}/screenshot`);
    expect(Buffer.from(await picture.arrayBuffer()).toString('latin1', 1, 4)).toBe('PNG');
    expect(await room.site.vms.list()).toEqual([]);
    room.actor = bob;
    expect((await fetch(`${room.url}/api/v1/images/${id}/proofs/${proof?.id}/screenshot`)).status).toBe(404);
  });

  it('says where a boot stopped, with a picture of it', async () => {
    const id = await captured();
    room.site.controls.addImage(fakeImage({ id }));
    room.site.controls.bootUntil('kernel');
    const job = room.images.bootTest(ada, id, {});
    await expect.poll(async () => (await room.site.vms.list())[0]?.boot.at(-1)?.phase).toBe('kernel');
    const [vm] = await room.site.vms.list();
    room.site.controls.reach(vm?.ref ?? '', 'panic');
    const over = await room.jobs.settled(job.id);
    expect(over).toMatchObject({ state: 'failed', error: { key: 'images.errors.bootStopped.panic' } });
    expect(room.images.get(ada, id).proofs[0]).toMatchObject({ passed: false, phase: 'panic' });
    expect(await room.site.vms.list()).toEqual([]);
  });

  it('removes its VM when it is cancelled', async () => {
    const id = await captured();
    room.site.controls.addImage(fakeImage({ id }));
    room.site.controls.bootUntil('firmware');
    const job = room.images.bootTest(ada, id, {});
    await expect.poll(async () => (await room.site.vms.list()).length).toBe(1);
    room.jobs.cancel(job.id);
    expect((await room.jobs.settled(job.id)).state).toBe('cancelled');
    expect(await room.site.vms.list()).toEqual([]);
    expect(room.images.get(ada, id).proofs).toEqual([]);
  });
});
