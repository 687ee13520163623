import { describe, expect, it } from 'vitest';
import { Readable } from 'node:stream';
import { Problem } from '@/server/problem';
import { diskMediaTypes, piecesPerManifest, type DiskPiece } from './disk-config';
import { digestOf, writeManifests } from './disk-manifest';
import { openDisk } from './open-disk';
import { pushDisk, type PushDisk } from './push-disk';
import { bufferDisk, memoryRegistry, noise, type MemoryRegistry } from './testing';

const mib = 2 ** 20;
const facts = { architecture: 'x86_64' } as const;

function push(registry: MemoryRegistry, disk: Buffer, more: Partial<PushDisk> = {}) {
  return pushDisk({ disk: bufferDisk(disk), facts, registry, repository: 'disks/a', ...more });
}

/** Eight pieces of noise, of which one is changed in the second version. */
function twoVersions(): [Buffer, Buffer] {
  const first = noise(8 * mib, 1);
  const second = Buffer.from(first);
  noise(5000, 2).copy(second, 4 * mib + 100);
  return [first, second];
}

describe('a push', () => {
  it('sends of a second version what changed, and nothing of the rest is packed or asked for', async () => {
    const registry = memoryRegistry();
    const [first, second] = twoVersions();
    const { digest } = await push(registry, first);
    const before = await openDisk({ registry, repository: 'disks/a', reference: digest });
    registry.asked.length = 0;
    const report = await push(registry, second, { known: [before] });
    expect(report).toMatchObject({ pieces: 8, piecesRead: 8, piecesSent: 1, piecesThere: 7 });
    expect(registry.asked).toHaveLength(3); // the piece, the config, the manifest
    const after = await openDisk({ registry, repository: 'disks/a', reference: report.digest });
    expect((await after.read(0, second.length)).equals(second)).toBe(true);
  });

  it('reads only what changed, where that is known', async () => {
    const registry = memoryRegistry();
    const [first, second] = twoVersions();
    const { digest } = await push(registry, first);
    const whole = await push(registry, second, { repository: 'disks/whole' });
    const before = await openDisk({ registry, repository: 'disks/a', reference: digest });
    const disk = bufferDisk(second);
    const changed = [{ at: 4 * mib + 100, length: 5000 }];
    const report = await push(registry, second, { disk, since: { disk: before, changed } });
    expect(report).toMatchObject({ piecesRead: 1, piecesSent: 1, digest: whole.digest });
    expect(disk.bytesRead).toBe(mib);
  });

  it('reads the end anew of a disk that has grown, and forgets what was zeroed', async () => {
    const registry = memoryRegistry();
    const first = noise(2 * mib + 65_536, 3);
    const second = Buffer.concat([first, Buffer.alloc(3 * mib)]);
    second.fill(0, 0, mib);
    const { digest } = await push(registry, first);
    const before = await openDisk({ registry, repository: 'disks/a', reference: digest });
    const report = await push(registry, second, {
      since: { disk: before, changed: [{ at: 0, length: mib }] },
    });
    const whole = await push(registry, second, { repository: 'disks/whole' });
    expect(report.digest).toBe(whole.digest);
    expect(report).toMatchObject({ pieces: 2, piecesRead: 1 });
  });

  it('mounts what another repository has, and sends what cannot be mounted', async () => {
    const registry = memoryRegistry();
    const [first, second] = twoVersions();
    const base = await push(registry, first, { repository: 'disks/base' });
    const known = [await openDisk({ registry, repository: 'disks/base', reference: base.digest })];
    expect(await push(registry, second, { known })).toMatchObject({ piecesMounted: 7, piecesSent: 1 });
    registry.mount = () => Promise.resolve(false);
    const report = await push(registry, second, { known, repository: 'disks/c' });
    expect(report).toMatchObject({ piecesMounted: 0, piecesSent: 8 });
  });

  it('stores pieces that are alike once, wherever they are', async () => {
    const registry = memoryRegistry();
    const piece = noise(mib, 4);
    const disk = Buffer.concat([piece, Buffer.alloc(mib), piece, piece]);
    const report = await push(registry, disk);
    expect(report).toMatchObject({ pieces: 3, piecesSent: 1 });
    const opened = await openDisk({ registry, repository: 'disks/a', reference: report.digest });
    expect((await opened.read(0, disk.length)).equals(disk)).toBe(true);
  });

  it('that was cut goes on where it was', async () => {
    const registry = memoryRegistry();
    const [disk] = twoVersions();
    let left = 5;
    registry.beforePut = () => {
      left -= 1;
      if (left < 0) throw new Error('the wire is cut');
    };
    await expect(push(registry, disk)).rejects.toThrow('the wire is cut');
    expect(registry.asked.filter((asked) => asked.startsWith('putManifest'))).toEqual([]);
    const there = registry.blobs.size;
    registry.beforePut = () => undefined;
    expect(await push(registry, disk)).toMatchObject({ piecesSent: 8 - there, piecesThere: there });
  });

  it('stops when it is cancelled, and tells how far it is', async () => {
    const registry = memoryRegistry();
    const stop = new AbortController();
    const told: number[] = [];
    const progress = (done: number, total: number) => {
      told.push(done / total);
      if (told.length === 2) stop.abort();
    };
    const cancelled = push(registry, noise(12 * mib, 5), { signal: stop.signal, progress });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    expect(told.length).toBeLessThan(12);
    expect(registry.asked.filter((asked) => asked.startsWith('putManifest'))).toEqual([]);
  });
});

describe('manifests', () => {
  /** As many pieces as asked for, with made-up digests. */
  const pieces = (count: number, changed = -1): DiskPiece[] =>
    Array.from({ length: count }, (_, index) => {
      const digest = digestOf(Buffer.from(`${index}${index === changed ? '!' : ''}`));
      return { at: index * mib, raw: digest.slice(7), blob: digest, frames: Array<number>(16).fill(24_000) };
    });

  it('of a disk of 100 GiB without a zero stay below what registries take', () => {
    const disk = { ...facts, virtualSize: 100 * 2 ** 30 };
    const { parts, top } = writeManifests(disk, mib, pieces(102_400));
    expect(parts).toHaveLength(Math.ceil(102_400 / piecesPerManifest));
    expect(top.descriptor.mediaType).toBe(diskMediaTypes.index);
    for (const { bytes } of [...parts, top]) expect(bytes.length).toBeLessThan(4 * 2 ** 20);
    const later = writeManifests(disk, mib, pieces(102_400, 20_000));
    const same = later.parts.filter(
      (part, index) => part.descriptor.digest === parts[index]?.descriptor.digest,
    );
    expect(same).toHaveLength(parts.length - 1);
  });

  it('of several parts are read as one disk', async () => {
    const registry = memoryRegistry();
    const count = piecesPerManifest + 3;
    const disk = Buffer.alloc(count * 65_536);
    for (let piece = 0; piece < count; piece += 1) disk.writeUInt32LE(piece + 1, piece * 65_536 + 99);
    const report = await push(registry, disk, { pieceSize: 65_536 });
    const opened = await openDisk({ registry, repository: 'disks/a', reference: report.digest });
    expect(opened.pieces).toHaveLength(count);
    expect((await opened.read(disk.length - 65_536, 65_536)).readUInt32LE(99)).toBe(count);
  });
});

describe('what is no disk of ours', () => {
  /** Pushes a disk and opens it after its config was forged. */
  async function forged(change: (config: { pieces: DiskPiece[] }) => void) {
    const registry = memoryRegistry();
    const { digest } = await push(registry, noise(3 * mib, 6));
    const found = await registry.manifest('disks/a', digest);
    if (found?.manifest.kind !== 'image') throw new Error('no manifest');
    const name = `disks/a@${found.manifest.config.digest}`;
    const config = JSON.parse(registry.blobs.get(name)?.toString() ?? '') as { pieces: DiskPiece[] };
    change(config);
    const bytes = Buffer.from(JSON.stringify(config));
    registry.blobs.set(`disks/a@${digestOf(bytes)}`, bytes);
    const manifest = { ...(JSON.parse(found.bytes.toString()) as object) } as { config: object };
    manifest.config = { ...manifest.config, digest: digestOf(bytes), size: bytes.length };
    const put = Buffer.from(JSON.stringify(manifest));
    await registry.putManifest('disks/a', 'forged', diskMediaTypes.manifest, put);
    return { registry, open: () => openDisk({ registry, repository: 'disks/a', reference: 'forged' }) };
  }

  it.each<[string, (config: { pieces: DiskPiece[] }) => void]>([
    ['pieces out of order', ({ pieces }) => void pieces.push(...pieces.splice(0, 1))],
    ['a piece behind the end', ({ pieces: [piece] }) => void (piece && (piece.at = 40 * mib))],
    ['a frame too few', ({ pieces: [piece] }) => void piece?.frames.pop()],
    ['a frame that is too long', ({ pieces: [piece] }) => void piece?.frames.splice(0, 1, 2 ** 40)],
    ['a digest that is a path', ({ pieces: [piece] }) => void (piece && (piece.blob = '../../etc'))],
  ])('is refused: %s', async (_name, change) => {
    const { open } = await forged(change);
    await expect(open()).rejects.toMatchObject({ key: 'images.artifact.badConfig' });
  });

  it('is refused when it is read: a piece that unpacks to more than a piece', async () => {
    const bomb = (await import('@mongodb-js/zstd')).compress(Buffer.alloc(64 * mib));
    const blob = await bomb;
    const { registry, open } = await forged(({ pieces: [piece] }) => {
      if (!piece) return;
      piece.blob = digestOf(blob);
      piece.frames = [blob.length - 15, ...Array<number>(15).fill(1)];
    });
    registry.blobs.set(`disks/a@${digestOf(blob)}`, blob);
    const disk = await open();
    await expect(disk.read(0, 10)).rejects.toMatchObject({ key: 'images.artifact.damagedPiece' });
  });

  it('is refused when it is read: more bytes than were said', async () => {
    const { registry, open } = await forged(() => undefined);
    const disk = await open();
    registry.blob = () => Promise.resolve(Readable.from([Buffer.alloc(8 * mib)], { objectMode: false }));
    await expect(disk.read(0, 10)).rejects.toBeInstanceOf(Problem);
  });
});
