import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startRegistry, type TestRegistry } from '../../e2e/stacks/registry';
import { pushImage, testImage } from '../../e2e/stacks/test-image';
import { testRegistries } from '../registries/testing';
import type { ArchiveChunk } from './schemas';
import { developer, owner, testContainers } from './testing';

const dir = mkdtempSync(join(tmpdir(), 'edgeyard-chunks-'));
const signal = new AbortController().signal;
const chunkSize = 100_000;
let ours: Awaited<ReturnType<typeof testRegistries>>;
let theirs: TestRegistry;
let at: ReturnType<typeof testContainers>;
let archive: Buffer;

beforeAll(async () => {
  ours = await testRegistries();
  await vi.waitFor(() => ours.room.of('workbench'), { timeout: 20_000 });
  theirs = await startRegistry({ tls: undefined });
  await pushImage(testImage({ version: '1' }), { url: theirs.url, repository: 'acme/web', tag: '1' });
  const source = `docker://${new URL(theirs.url).host}/acme/web:1`;
  const file = join(dir, 'web.tar');
  execFileSync('skopeo', ['copy', '--src-tls-verify=false', source, `docker-archive:${file}:a/web:1`]);
  archive = readFileSync(file);
  at = testContainers(ours.room, undefined, [], { patienceMs: 300 });
  at.jobs.run();
});
afterAll(async () => {
  await at.close();
  await theirs.stop();
  await ours.close();
  rmSync(dir, { recursive: true, force: true });
});

const total = () => Math.ceil(archive.length / chunkSize);
const bytesOf = (chunkNumber: number) =>
  archive.subarray((chunkNumber - 1) * chunkSize, chunkNumber * chunkSize);

function chunkOf(key: string, chunkNumber: number): ArchiveChunk {
  return {
    key,
    filename: 'web.tar',
    chunkNumber,
    totalChunks: total(),
    chunkSize,
    currentChunkSize: bytesOf(chunkNumber).length,
    totalSize: archive.length,
  };
}

/** Bytes in small pieces, as a socket gives them. */
function pieces(bytes: Buffer): Readable {
  const cut: Buffer[] = [];
  for (let from = 0; from < bytes.length; from += 7000) cut.push(bytes.subarray(from, from + 7000));
  return Readable.from(cut, { objectMode: false });
}

const send = (
  key: string,
  chunkNumber: number,
  { said = {}, bytes = bytesOf(chunkNumber) }: { said?: Partial<ArchiveChunk>; bytes?: Buffer } = {},
) =>
  at.room.chunks.receive(
    owner,
    { ...chunkOf(key, chunkNumber), ...said },
    () => 'prj',
    pieces(bytes),
    signal,
  );
const merge = (key: string, fileName = 'web.tar') => at.room.chunks.merge(owner, { key, fileName }, signal);
const refusal = (rule: string) => ({ key: `containers.errors.${rule}` });

describe('an archive in numbered chunks', () => {
  it('comes several at once and in no order, and is stored', async () => {
    expect(total()).toBeGreaterThan(5);
    const numbers = Array.from({ length: total() }, (_, i) => i + 1);
    // As simple-uploader does it: three senders, each takes the next; here the first comes last.
    const order = [3, 2, 1, ...numbers.slice(3)];
    await Promise.all(
      [0, 1, 2].map(async () => {
        for (let next = order.shift(); next !== undefined; next = order.shift()) await send('all', next);
      }),
    );
    const stored = await merge('all');
    expect(stored).toMatchObject({ state: 'done', fileName: 'web.tar', received: archive.length });
    expect(at.room.list(owner, 'prj')).toMatchObject([{ id: stored.imageIds[0], name: 'a/web', tag: '1' }]);
    expect(await merge('all')).toMatchObject({ imageIds: stored.imageIds });
    expect(at.room.chunks.imageOf(owner, 'all')).toBe(stored.imageIds[0]);
  });

  it('is given back as a tar that skopeo and docker load read, with the digest it has', async () => {
    const [image] = at.room.list(owner, 'prj');
    const { size, content, fileName } = await at.room.archive(owner, image?.id ?? '', signal);
    const file = join(dir, fileName);
    await writeFile(file, content);
    expect([fileName, statSync(file).size]).toEqual(['a-web-1.tar', size]);
    const inspected = execFileSync('skopeo', ['inspect', '--raw', `oci-archive:${file}`]);
    expect(`sha256:${createHash('sha256').update(inspected).digest('hex')}`).toBe(image?.digest);
    const docker = execFileSync('skopeo', ['inspect', '--raw', '--config', `docker-archive:${file}:a/web:1`]);
    expect(`sha256:${createHash('sha256').update(docker).digest('hex')}`).toBe(image?.configDigests[0]);
    const again = await at.room.archive(owner, image?.id ?? '', signal);
    const parts: Buffer[] = [];
    for await (const part of again.content) parts.push(part as Buffer);
    expect(Buffer.concat(parts).equals(readFileSync(file))).toBe(true);
    await expect(at.room.archive(developer('bob'), image?.id ?? '', signal)).rejects.toMatchObject(
      refusal('noImage'),
    );
  });

  it('that is there already is a success, and is not stored twice', async () => {
    const [before] = at.room.list(owner, 'prj');
    for (const key of ['again', 'all']) {
      for (let i = 1; i <= total(); i++) await send(key, i);
      await merge(key);
    }
    const after = at.room.list(owner, 'prj');
    expect(after.map(({ id, digest }) => [id, digest])).toEqual([[before?.id, before?.digest]]);
  });

  it('goes on after a chunk that came twice, or was cut off', async () => {
    await send('twice', 1);
    await send('twice', 1);
    await expect(send('twice', 1, { bytes: Buffer.alloc(chunkSize, 1) })).rejects.toMatchObject(
      refusal('chunkRepeated'),
    );
    const half = bytesOf(2).subarray(0, chunkSize / 2);
    await expect(send('twice', 2, { bytes: half })).rejects.toMatchObject(refusal('chunkLength'));
    for (let i = 2; i <= total(); i++) await send('twice', i);
    expect(await merge('twice')).toMatchObject({ state: 'done' });
    await send('twice', total());
  });

  it('a chunk whose sender went away leaves the place to the next try', async () => {
    await send('gone', 1);
    const gone = new AbortController();
    const stuck = new Readable({ read: () => undefined });
    stuck.push(bytesOf(2).subarray(0, 1000));
    const lost = at.room.chunks.receive(owner, chunkOf('gone', 2), () => 'prj', stuck, gone.signal);
    const early = send('gone', 3);
    await vi.waitFor(() => expect(stuck.readableLength).toBe(0));
    gone.abort();
    await expect(lost).rejects.toMatchObject({ code: 'cancelled' });
    await send('gone', 2);
    await early;
    for (let i = 4; i <= total(); i++) await send('gone', i);
    expect(await merge('gone')).toMatchObject({ state: 'done' });
  });

  it('is refused by name', async () => {
    await expect(send('bad', 2)).rejects.toMatchObject(refusal('chunkOrder'));
    await send('bad', 1);
    await expect(send('bad', 3)).rejects.toMatchObject({
      ...refusal('chunkOrder'),
      params: { chunk: 3, expected: 2 },
    });
    await expect(merge('bad')).rejects.toMatchObject(refusal('chunksMissing'));
    await expect(merge('bad', 'other.tar')).rejects.toMatchObject(refusal('noUpload'));
    await expect(merge('none')).rejects.toMatchObject(refusal('noUpload'));
    await expect(
      at.room.chunks.merge(developer('bob'), { key: 'bad', fileName: 'web.tar' }, signal),
    ).rejects.toMatchObject(refusal('noUpload'));
    const longer = Buffer.concat([bytesOf(2), Buffer.from('x')]);
    await expect(send('bad', 2, { bytes: longer })).rejects.toMatchObject(refusal('chunkLength'));
    await expect(send('bad', 3, { said: { filename: 'b.tar' } })).rejects.toMatchObject(
      refusal('chunkOther'),
    );
  });

  it.each<[string, Partial<ArchiveChunk>]>([
    ['chunkSizes', { currentChunkSize: 5 }],
    ['chunkSizes', { totalChunks: 2 }],
    ['chunkSizes', { chunkNumber: 9999 }],
    ['chunkSizes', { totalSize: 100 }],
    ['chunkField', { totalSize: -1 }],
    ['chunkField', { chunkNumber: 0 }],
    ['chunkField', { filename: '../web.tar' }],
    ['chunkField', { filename: '..' }],
    ['chunkField', { filename: String.raw`a\b.tar` }],
    ['chunkField', { key: '../../etc' }],
    ['chunkField', { key: '' }],
  ])('%s: %o', async (rule, said) => {
    await expect(send('lies', 1, { said })).rejects.toMatchObject(refusal(rule));
    expect(at.room.uploads(owner, 'prj').some(({ state }) => state === 'failed')).toBe(false);
  });

  it('tells what is no archive, with every chunk and at the merge, and begins anew with the first', async () => {
    const said = { totalChunks: 1, totalSize: 2000, chunkSize: 2000, currentChunkSize: 2000 };
    const bytes = Buffer.alloc(2000, 'no archive');
    await expect(send('junk', 1, { said, bytes })).rejects.toMatchObject({
      key: 'containers.archive.notATar',
    });
    await expect(merge('junk')).rejects.toMatchObject({ key: 'containers.archive.notATar' });
    for (let i = 1; i <= total(); i++) await send('junk', i);
    expect(await merge('junk')).toMatchObject({ state: 'done' });
    at.room.chunks.discard(owner, 'junk');
    await expect(merge('junk')).rejects.toMatchObject(refusal('noUpload'));
  });
});
