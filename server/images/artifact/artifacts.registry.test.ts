import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startRegistry, type TestRegistry } from '@/e2e/stacks/registry';
import type { Registry } from '@/server/oci/oci';
import { openRegistry } from '@/server/oci/open-registry';
import type { NewImageFacts } from '../images';
import { openTestImages, root, type TestImages } from '../testing';
import { noise } from './testing';

const mib = 2 ** 20;
let dir = '';
let server: TestRegistry;
let registry: Registry;
let room: TestImages;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'edgeyard-image-artifacts-'));
  server = await startRegistry();
  registry = openRegistry({ url: server.url });
  const registries = {
    of: () =>
      Promise.resolve({
        role: 'workbench' as const,
        registry,
        repository: (...path: string[]) => ['workbench', ...path].join('/'),
        address: server.address,
      }),
  };
  room = await openTestImages({ registries });
});

afterAll(async () => {
  await room.close();
  await registry.close();
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

const captured: NewImageFacts = {
  id: '',
  name: 'captured',
  description: '',
  os: undefined,
  login: undefined,
  cloudInit: false,
  architecture: 'x86_64',
  minMemoryMiB: 64,
  visibility: 'everyone',
  ownerId: undefined,
  ownerName: undefined,
  projectId: undefined,
  source: { kind: 'upload', fileName: 'captured.qcow2', format: 'qcow2' },
  sizeBefore: undefined,
  jobId: 'job',
};

/** Brings a disk in as a built-in image, and says its id. */
async function bringIn(name: string, disk: Buffer, os: string): Promise<string> {
  const raw = join(dir, `${name}.raw`);
  const path = join(dir, `${name}.qcow2`);
  writeFileSync(raw, disk);
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', '-c', raw, path]);
  const facts = { login: 'root', cloudInit: false, minMemoryMiB: 64, minDiskGiB: 1 };
  await room.images.importBuiltIn([{ name, path, os, ...facts }], new AbortController().signal);
  const image = room.images.list(root, { search: name })[0];
  if (!image) throw new Error('the image did not come in');
  return image.id;
}

/** Takes a disk in that was made here, and says its id. */
async function takeIn(name: string, disk: Buffer): Promise<string> {
  const raw = join(dir, `${name}.raw`);
  const file = join(room.images.workFolder, `${name}.qcow2`);
  writeFileSync(raw, disk);
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', '-c', raw, file]);
  const stored = await room.images.verify(file, { signal: new AbortController().signal });
  const { id } = await room.images.ingest(file, { ...captured, id: `img-${name}`, name }, stored);
  return id;
}

it('puts a new image into the registry, from where its disk and its file can be read', async () => {
  const disk = Buffer.concat([noise(3 * mib, 1), Buffer.alloc(2 * mib), noise(mib, 2)]);
  const id = await takeIn('first', disk);
  await vi.waitFor(() => {
    expect(room.images.get(root, id).artifactDigest).toMatch(/^sha256:/);
  });
  const opened = await room.images.openArtifact(id);
  expect((await opened.read(0, disk.length)).equals(disk)).toBe(true);
  const file = await buffer(opened.qcow2());
  const rest = await buffer(opened.qcow2({ from: 1_234_567 }));
  expect(rest.equals(file.subarray(1_234_567))).toBe(true);
  const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  expect(hash(await buffer(opened.qcow2()))).toBe(hash(file));
});

it('leaves the images that come with Edgeyard alone until something needs one there', async () => {
  const id = await bringIn('shipped', noise(mib, 9), 'test-1');
  await room.images.pushMissing();
  expect(room.jobs.list({ kind: 'image.push', subject: { type: 'image', id } })).toEqual([]);
  expect((await room.images.artifactOf(id)).digest).toMatch(/^sha256:/);
});

it('sends of an image of the same system only what is new, and frees nothing that another uses', async () => {
  const first = Buffer.concat([noise(6 * mib, 3)]);
  const second = Buffer.from(first);
  noise(100, 4).copy(second, 5 * mib);
  const before = await bringIn('debian-a', first, 'debian');
  await room.images.artifactOf(before);
  // One of another build of the same guest goes when nothing uses it; this one is used.
  room.uses.push({ kind: 'vm', id: 'vm', name: 'vm', projectId: 'project' });
  const after = await bringIn('debian-b', second, 'debian');
  await room.images.artifactOf(after);
  const { artifactBytes, artifactBytesSent } = room.images.get(root, after);
  expect(artifactBytes).toBeGreaterThan(6 * mib);
  expect(artifactBytesSent).toBeLessThan(1.1 * mib);
  room.uses.length = 0;
  const { artifactRepository, artifactDigest } = room.images.get(root, before);
  await room.images.remove(root, before);
  await expect.poll(() => registry.head(artifactRepository ?? '', artifactDigest ?? '')).toBe(undefined);
  const opened = await room.images.openArtifact(after);
  expect((await opened.read(0, second.length)).equals(second)).toBe(true);
});

it('reads of a captured disk only what differs from the image it was made from', async () => {
  const base = noise(6 * mib, 7);
  const baseId = await bringIn('base', base, 'test-4');
  await room.images.artifactOf(baseId);
  const disk = Buffer.concat([base, Buffer.alloc(2 * mib)]);
  noise(100, 8).copy(disk, 2 * mib);
  // A byte outside the ranges: what is not read cannot be seen.
  const lie = Buffer.from(disk);
  lie[4 * mib] = (lie[4 * mib] ?? 0) ^ 1;
  const raw = join(dir, 'captured.raw');
  const file = join(room.images.workFolder, 'captured.qcow2');
  writeFileSync(raw, lie);
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', '-c', raw, file]);
  const differs = { imageId: baseId, ranges: [{ at: 2 * mib, length: mib }] };
  const stored = await room.images.verify(file, { signal: new AbortController().signal });
  const { id } = await room.images.ingest(file, { ...captured, id: 'img-captured', differs }, stored);
  const opened = await room.images.openArtifact(id);
  expect((await opened.read(0, disk.length)).equals(disk)).toBe(true);
});

it('waits for the registry to come back, and pushes again what was lost there', async () => {
  await server.kill();
  const disk = noise(2 * mib, 5);
  const id = await takeIn('later', disk);
  await expect(room.images.artifactOf(id)).rejects.toMatchObject({ code: 'unavailable' });
  await server.restart();
  await room.images.pushMissing();
  const { digest, repository } = await room.images.artifactOf(id);
  await registry.deleteManifest(repository, digest);
  expect((await room.images.artifactOf(id)).digest).toBe(digest);
});

it('says what of ours a manifest is', async () => {
  const id = await bringIn('asked', noise(mib, 6), 'test-3');
  const { digest, repository } = await room.images.artifactOf(id);
  expect(room.images.artifactUses('workbench', repository, digest)).toMatchObject([{ kind: 'image', id }]);
  expect(room.images.artifactUses('store', repository, digest)).toEqual([]);
});
