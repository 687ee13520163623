import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startRegistry, type TestRegistry } from '@/e2e/stacks/registry';
import type { UserActor } from '@/server/access/actor';
import type { Registry } from '@/server/oci/oci';
import { openRegistry } from '@/server/oci/open-registry';
import { Problem } from '@/server/problem';
import { heldBack } from '@/server/oci/testing';
import { openDisk } from '../artifact/open-disk';
import { pushDisk } from '../artifact/push-disk';
import { bufferDisk, noise } from '../artifact/testing';
import { takenImage } from '../schemas';
import { bob, openTestImages, root, type TestImages } from '../testing';
import type { ArtifactPlace } from './take-artifact';

const mib = 2 ** 20;
const operator: UserActor = { ...bob, userId: 'user-olga', name: 'olga', role: 'operator' };
const repository = 'operations/acme/sensor';
let dir = '';
let server: TestRegistry;
let registry: Registry;
let room: TestImages;
/** What the jobs see of the registries they are named. */
let through: (opened: Registry) => Registry;
/** Whether the registry counts as one of a private network, and how registries were opened: for anywhere or not. */
let isPrivate = false;
let openedAnywhere: boolean[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'edgeyard-taken-'));
  server = await startRegistry();
  registry = openRegistry({ url: server.url });
});

afterAll(async () => {
  await registry.close();
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

beforeEach(async () => {
  through = (opened) => opened;
  isPrivate = false;
  openedAnywhere = [];
  room = await openTestImages({
    openRegistry: (access, anywhere) => {
      openedAnywhere.push(anywhere);
      return through(openRegistry(access));
    },
    mayReach: (host) =>
      isPrivate
        ? Promise.reject(new Problem('forbidden', 'images.taken.registryPrivate', { host }))
        : Promise.resolve(),
    registries: {
      of: () =>
        Promise.resolve({
          role: 'workbench' as const,
          registry,
          repository: (...path: string[]) => ['workbench', ...path].join('/'),
          address: server.address,
        }),
    },
  });
});

afterEach(() => room.close());

const version1 = Buffer.concat([noise(3 * mib, 1), Buffer.alloc(2 * mib), noise(5 * mib, 2), noise(mib, 1)]);
const version2 = Buffer.from(version1);
noise(100, 3).copy(version2, 6 * mib);

async function pushed(disk: Buffer): Promise<ArtifactPlace> {
  const facts = {
    architecture: 'x86_64',
    os: 'debian',
    minMemoryMiB: 128,
    login: 'pi',
    cloudInit: true,
  } as const;
  const { digest } = await pushDisk({ disk: bufferDisk(disk), facts, registry, repository });
  return { registry, address: server.address, repository, digest };
}

const step = () => ({ signal: new AbortController().signal });
const take = (place: ArtifactPlace, jobId = 'job_1') =>
  room.images.takeArtifact(place, { name: 'sensor', jobId }, step());

/** The raw disk of an image. */
function diskOf(imageId: string): Buffer {
  const raw = join(dir, 'out.raw');
  execFileSync('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', room.images.filePath(imageId) ?? '', raw]);
  return readFileSync(raw);
}

describe('a disk that is taken from a registry', () => {
  it('becomes an image with its facts, whose file is the one that the artifact gives', async () => {
    const place = await pushed(version1);
    const seen: number[] = [];
    const progress = (done: number, total: number) => seen.push(done / total);
    const taken = await room.images.takeArtifact(
      place,
      { name: 'sensor', jobId: 'job_1' },
      { ...step(), progress },
    );
    expect(taken.bytesMoved).toBeGreaterThan(8 * mib);
    // The last MiB is the first one again.
    expect(taken.bytesKept).toBeGreaterThan(mib);
    expect(seen.at(-1)).toBe(1);
    expect(diskOf(taken.imageId).equals(version1)).toBe(true);
    const file = readFileSync(room.images.filePath(taken.imageId) ?? '');
    const stored = await openDisk({ registry, repository, reference: place.digest });
    expect(file.equals(await buffer(stored.qcow2()))).toBe(true);
    expect(room.images.get(root, taken.imageId)).toMatchObject({
      name: 'sensor',
      os: 'debian',
      login: 'pi',
      cloudInit: true,
      minMemoryMiB: 128,
      state: 'ready',
      digest: `sha256:${createHash('sha256').update(file).digest('hex')}`,
      artifactDigest: place.digest,
      source: { kind: 'registry', repository },
    });
    expect(readdirSync(room.images.workFolder)).toEqual([]);
  });

  it('is seen by operators and administrators, not by developers', async () => {
    const { imageId } = await take(await pushed(version1));
    expect(room.images.mayUse(operator, imageId)).toBe(true);
    expect(room.images.mayUse(bob, imageId)).toBe(false);
    await room.images.remove(operator, imageId);
    expect(readdirSync(room.dir).filter((name) => name.startsWith(imageId))).toEqual([]);
  });

  it('is there at once the second time, and is taken once when two ask', async () => {
    const place = await pushed(version1);
    const [one, other] = await Promise.all([take(place, 'job_1'), take(place, 'job_2')]);
    expect(one.imageId).toBe(other.imageId);
    expect([one.bytesMoved > 0, other.bytesMoved]).toEqual([true, 0]);
    expect(await room.images.bytesToTake(place)).toBe(0);
    expect(await take(place, 'job_3')).toMatchObject({ imageId: one.imageId, bytesMoved: 0 });
    expect(room.images.list(root, {})).toHaveLength(1);
    expect(await room.images.heldArtifacts([place.digest, `sha256:${'0'.repeat(64)}`])).toEqual(
      new Map([[place.digest, one.imageId]]),
    );
  });

  it('fetches of a new version only what no image here holds', async () => {
    await take(await pushed(version1));
    const place = await pushed(version2);
    const expected = await room.images.bytesToTake(place);
    const { imageId, bytesMoved, bytesKept } = await take(place, 'job_2');
    expect(bytesMoved).toBe(expected);
    expect(bytesMoved).toBeLessThan(1.1 * mib);
    expect(bytesKept).toBeGreaterThan(7 * mib);
    expect(diskOf(imageId).equals(version2)).toBe(true);
  });

  it('takes pieces from an image that was made here, too', async () => {
    const raw = join(dir, 'own.raw');
    const file = join(room.images.workFolder, 'own.qcow2');
    writeFileSync(raw, version1);
    execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', '-c', raw, file]);
    await room.images.importBuiltIn(
      [
        {
          name: 'own',
          path: file,
          os: 'debian',
          login: 'root',
          cloudInit: true,
          minMemoryMiB: 64,
          minDiskGiB: 1,
        },
      ],
      new AbortController().signal,
    );
    const [own] = room.images.list(root, {});
    await room.images.artifactOf(own?.id ?? '');
    const { imageId, bytesMoved } = await take(await pushed(version2));
    expect(bytesMoved).toBeLessThan(1.1 * mib);
    expect(diskOf(imageId).equals(version2)).toBe(true);
  });

  it('is fetched where the image that should hold it is damaged', async () => {
    const { imageId } = await take(await pushed(version1));
    const path = room.images.filePath(imageId) ?? '';
    const bytes = readFileSync(path);
    bytes.fill(7, bytes.length / 2, bytes.length / 2 + 2 * mib);
    rmSync(path);
    writeFileSync(path, bytes);
    const next = await take(await pushed(version2), 'job_2');
    expect(next.bytesMoved).toBeGreaterThan(2 * mib);
    expect(diskOf(next.imageId).equals(version2)).toBe(true);
  });

  it('leaves nothing when it is cancelled or the registry lacks a piece', async () => {
    const place = await pushed(version1);
    const stop = new AbortController();
    const progress = (done: number, total: number) => {
      if (done > total / 3) stop.abort();
    };
    const facts = { name: 'sensor', jobId: 'job_1' };
    const cancelled = room.images.takeArtifact(place, facts, { signal: stop.signal, progress });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    await expect(take({ ...place, digest: `sha256:${'1'.repeat(64)}` })).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(readdirSync(room.images.workFolder)).toEqual([]);
    expect(room.images.list(root, {})).toEqual([]);
  });

  it('goes on with what an earlier try left, as far as that is proved', async () => {
    const place = await pushed(version1);
    const stored = await openDisk({ registry, repository, reference: place.digest });
    const whole = await buffer(stored.qcow2());
    const part = whole.subarray(0, 5 * mib);
    part.fill(9, 4 * mib);
    const name = createHash('sha256').update(place.digest).digest('hex').slice(0, 26);
    writeFileSync(join(room.images.workFolder, `job_1.${name}.qcow2`), part);
    const { imageId, bytesKept } = await take(place);
    expect(bytesKept).toBeGreaterThan(3 * mib);
    expect(bytesKept).toBeLessThan(6 * mib);
    expect(readFileSync(room.images.filePath(imageId) ?? '').equals(await buffer(stored.qcow2()))).toBe(true);
  });

  it('goes when it is dropped, unless something uses it; what people made stays', async () => {
    const place = await pushed(version1);
    const { imageId } = await take(place);
    room.uses.push({ kind: 'vm', id: 'vm', name: 'vm-1', projectId: 'p' });
    await expect(room.images.dropTaken(place.digest)).rejects.toMatchObject({ code: 'conflict' });
    room.uses.length = 0;
    await room.images.dropTaken(place.digest);
    await room.images.dropTaken(place.digest);
    expect(await room.images.byArtifact(place.digest)).toBeUndefined();
    expect(() => room.images.get(root, imageId)).toThrow();
  });
});

describe('the job image.take', () => {
  const input = (digest: string) => ({ url: server.url, repository, digest, name: 'pulled' });

  it('has a registry by address give the disk, and keeps no password', async () => {
    const { digest } = await pushed(version1);
    expect(await room.images.bytesToPull(root, input(digest))).toBeGreaterThan(8 * mib);
    const job = await room.images.pull(root, { ...input(digest), user: 'u', password: 'secret-word' });
    expect(JSON.stringify(job)).not.toContain('secret-word');
    const done = await room.jobs.settled(job.id);
    expect(done).toMatchObject({ state: 'done', result: { imageId: job.subject.id } });
    const again = await room.jobs.settled((await room.images.pull(root, input(digest))).id);
    expect(again).toMatchObject({ result: { imageId: job.subject.id, bytesMoved: 0 } });
  });

  it('goes on after a restart with what it had fetched', async () => {
    const { digest } = await pushed(noise(64 * mib, 11));
    through = (opened) => heldBack(opened, 32 * mib).registry;
    const job = await room.images.pull(root, input(digest));
    await vi.waitFor(() => {
      expect(room.jobs.get(job.id)?.steps[0]?.progress?.done).toBeGreaterThan(8 * mib);
    }, 30_000);
    through = (opened) => opened;
    await room.restart();
    const done = await room.jobs.settled(job.id);
    expect(done.state).toBe('done');
    const { bytesMoved, bytesKept } = takenImage.parse(done.result);
    expect(bytesKept).toBeGreaterThan(8 * mib);
    expect(bytesMoved + bytesKept).toBeLessThan(65 * mib);
    expect(readdirSync(room.images.workFolder)).toEqual([]);
  });

  it('pulls from a private network for administrators only, and asks again when it connects', async () => {
    const { digest } = await pushed(version2);
    const refused = {
      code: 'forbidden',
      key: 'images.taken.registryPrivate',
      params: { host: server.address },
    };
    isPrivate = true;
    await expect(room.images.pull(operator, input(digest))).rejects.toMatchObject(refused);
    await expect(room.images.bytesToPull(operator, input(digest))).rejects.toMatchObject(refused);
    expect(openedAnywhere).toEqual([]);
    expect(await room.images.bytesToPull(root, input(digest))).toBeGreaterThan(0);
    expect(openedAnywhere).toEqual([true]);

    isPrivate = false;
    const job = await room.images.pull(operator, input(digest));
    expect((await room.jobs.settled(job.id)).state).toBe('done');
    expect(openedAnywhere).toEqual([true, false]);
    // The name leads into the private network when the job connects, and did not when it was asked for.
    const other = { ...input(`sha256:${'3'.repeat(64)}`), name: 'other' };
    const late = room.images.pull(operator, other);
    isPrivate = true;
    expect((await room.jobs.settled((await late).id)).error).toMatchObject({ key: refused.key });
  });

  it('says what the registry said', async () => {
    const failed = await room.jobs.settled(
      (await room.images.pull(root, input(`sha256:${'2'.repeat(64)}`))).id,
    );
    expect(failed).toMatchObject({ state: 'failed', error: { key: 'images.artifact.notThere' } });
  });
});
