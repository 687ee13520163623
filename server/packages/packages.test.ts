import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkCsar } from '../../e2e/stacks/csar';
import { guest } from '../access/actor';
import { edgeGalleryTree, writeTree } from './csar/foreign-fixture';
import { developer, testPackages } from './testing';

const owner = developer('owner');
const stranger = developer('stranger');

let room: ReturnType<typeof testPackages>;
beforeEach(() => {
  room = testPackages();
});
afterEach(async () => {
  await room.close();
});

async function built(version = '1.2.0') {
  const job = await room.packages.build(owner, room.project.id, { version });
  expect(await room.done(job)).toMatchObject({ state: 'done', error: undefined });
  return room.packages.get(owner, job.subject.id);
}

const contentOf = (id: string) => join(room.ports.dir, `${id}.csar`);

describe('building', () => {
  it('makes a verified package that an independent look finds right', async () => {
    const made = await built();
    expect(made).toMatchObject({ state: 'ready', verification: 'verified', version: '1.2.0', remarks: [] });
    expect(checkCsar(contentOf(made.id))).toMatchObject({ wrong: [], dangling: [] });
    expect(made.refusals).toEqual({ download: null, publish: null, remove: null });
    expect(room.audit.map((entry) => entry.action)).toEqual(['packages.build']);
  });

  it('gives the same bytes for the same project, and others for another version', async () => {
    const digests = [(await built()).digest, (await built()).digest, (await built('1.3.0')).digest];
    expect(new Set(digests).size).toBe(2);
    expect(digests[0]).toBe(digests[1]);
  });

  it('makes one package of two requests with one key', async () => {
    const first = await room.packages.build(owner, room.project.id, { version: '1.0' }, 'key');
    const second = await room.packages.build(owner, room.project.id, { version: '1.0' }, 'key');
    expect(second.id).toBe(first.id);
    expect(room.packages.list(owner, {})).toHaveLength(1);
  });

  it('leaves no file behind when it is cancelled, and says so', async () => {
    const job = await room.packages.build(owner, room.project.id, { version: '1.0' });
    room.jobs.cancel(job.id);
    await room.done(job);
    expect(readdirSync(room.ports.dir).filter((name) => name !== 'incoming')).toEqual([]);
  });

  it('fails with the reason when the image has changed under it, and leaves no file', async () => {
    const bytes = readFileSync(room.image.path);
    bytes[9] = (bytes[9] ?? 0) ^ 1;
    writeFileSync(room.image.path, bytes);
    const job = await room.packages.build(owner, room.project.id, { version: '1.0' });
    expect(await room.done(job)).toMatchObject({ state: 'failed' });
    expect(room.packages.get(owner, job.subject.id)).toMatchObject({
      state: 'failed',
      error: { key: 'packages.errors.imageChanged' },
    });
    expect(readdirSync(room.ports.dir).filter((name) => name !== 'incoming')).toEqual([]);
  });

  it('refuses an image for a VM that is not there, and a version that is no version', async () => {
    const input = { version: '1.0', imageOfVm: { nobody: room.image.id } };
    await expect(room.packages.build(owner, room.project.id, input)).rejects.toMatchObject({
      key: 'packages.errors.noSuchVm',
    });
    await expect(room.packages.build(owner, room.project.id, { version: '../1' })).rejects.toThrow();
  });
});

describe('after the server died', () => {
  it('goes on with a build, and with the check of an upload', async () => {
    const job = await room.packages.build(owner, room.project.id, { version: '1.0' });
    const target = join(room.dir, 'eg.csar');
    await writeTree(target, await edgeGalleryTree('true'));
    const file = { name: 'eg.csar', size: undefined, projectId: undefined };
    const upload = await room.packages.receive(stranger, file, Readable.from([readFileSync(target)]));
    room.jobs.run();
    // Stopping leaves the jobs where they are, as a death does; half a build lies on the disk.
    await room.jobs.stop();
    writeFileSync(join(room.ports.dir, `${job.subject.id}.part`), 'half');

    const next = testPackages(room.ports.db, room.dir);
    await next.packages.open();
    expect(await next.done(job)).toMatchObject({ state: 'done' });
    expect(await next.done(upload)).toMatchObject({ state: 'done' });
    expect(next.packages.get(owner, job.subject.id)).toMatchObject({ verification: 'verified' });
    expect(next.packages.get(stranger, upload.subject.id)).toMatchObject({ verification: 'verified' });
    expect(readdirSync(room.ports.dir).filter((name) => !name.endsWith('.csar'))).toEqual(['incoming']);
    await next.jobs.stop();
  });

  it('forgets a stream that ended with the process', async () => {
    const endless = new Readable({ read: () => undefined });
    endless.push('begin');
    const file = { name: 'a.csar', size: undefined, projectId: undefined };
    const taking = room.packages.receive(stranger, file, endless);
    await vi.waitFor(() => {
      expect(readdirSync(join(room.ports.dir, 'incoming'))).toHaveLength(1);
    });
    const next = testPackages(room.ports.db, room.dir);
    await next.packages.open();
    expect(next.packages.list(stranger, {})).toEqual([]);
    expect(readdirSync(join(room.ports.dir, 'incoming'))).toEqual([]);
    endless.destroy(new Error('gone'));
    await expect(taking).rejects.toThrow('gone');
  });
});

describe('who may', () => {
  it('shows a package to its project only', async () => {
    const { id } = await built();
    for (const actor of [stranger, guest]) {
      expect(room.packages.list(actor, {})).toEqual([]);
      expect(() => room.packages.get(actor, id)).toThrow('noPackageHere');
      await expect(room.packages.publishable(actor, id)).rejects.toMatchObject({ code: 'not_found' });
    }
    await expect(room.packages.remove(stranger, id)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('taking in', () => {
  const take = async (bytes: Buffer, name = 'vm_test.csar') => {
    const file = { name, size: bytes.length, projectId: undefined };
    const job = await room.packages.receive(stranger, file, Readable.from([bytes]));
    await room.done(job);
    return room.packages.get(stranger, job.subject.id);
  };

  it('takes a foreign package in, verified or not, and lets only the verified be published', async () => {
    const target = join(room.dir, 'eg.csar');
    await writeTree(target, await edgeGalleryTree('true'));
    expect(await take(readFileSync(target))).toMatchObject({
      name: 'vm_test',
      version: 'v1.0',
      verification: 'verified',
      refusals: { publish: null },
    });
    await writeTree(target, await edgeGalleryTree('stale'));
    const stale = await take(readFileSync(target));
    expect(stale).toMatchObject({
      verification: 'unverified',
      refusals: { download: null, publish: 'packages.gates.unverified' },
    });
    await expect(room.packages.publishable(stranger, stale.id)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('keeps nothing of a file that is no package, but the reason', async () => {
    const seen = await take(Buffer.from('hello'));
    expect(seen).toMatchObject({ state: 'failed', error: { key: 'packages.errors.notAnArchive' } });
    expect(readdirSync(room.ports.dir)).toEqual(['incoming']);
    expect(readdirSync(join(room.ports.dir, 'incoming'))).toEqual([]);
  });

  it('keeps nothing of a cut stream', async () => {
    const cut = new Readable({
      read() {
        this.push('begin');
        this.destroy(new Error('cut'));
      },
    });
    const file = { name: 'a.csar', size: undefined, projectId: undefined };
    await expect(room.packages.receive(stranger, file, cut)).rejects.toThrow('cut');
    expect(room.packages.list(stranger, {})).toEqual([]);
    expect(readdirSync(join(room.ports.dir, 'incoming'))).toEqual([]);
  });
});

describe('looking in', () => {
  it('shows texts, pictures of bytes, and files of the zipped descriptor', async () => {
    const { id, files } = await built();
    const text = await room.packages.preview(owner, id, 'Artifacts/Docs/Edge_Cam.md');
    expect(text).toMatchObject({ kind: 'text', text: '# Edge Cam\n\nCounts cars.', truncated: false });
    expect(
      await room.packages.preview(owner, id, 'APPD/Edge_Cam.zip!/Definition/Edge_Cam.yaml'),
    ).toMatchObject({ kind: 'text' });
    const archive = await room.packages.preview(owner, id, 'Image/Debian_12.zip');
    expect(archive).toMatchObject({ kind: 'binary', hex: expect.stringMatching(/^504b0304/) as string });
    expect(files.map((file) => file.path)).toContain('Image/Debian_12.zip');
    await expect(room.packages.preview(owner, id, '../../etc/passwd')).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('removes the package and its file', async () => {
    const { id } = await built();
    await room.packages.remove(owner, id);
    expect(() => room.packages.get(owner, id)).toThrow('noPackageHere');
    expect(readdirSync(room.ports.dir)).toEqual(['incoming']);
  });
});
