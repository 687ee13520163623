import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from './disk-manifest';
import { openDisk } from './open-disk';
import { pushDisk, type PushDisk } from './push-disk';
import { openRawDisk } from './read-disk';
import { bufferDisk, memoryRegistry, noise } from './testing';

const mib = 2 ** 20;
const facts = { architecture: 'x86_64', os: 'Debian 12' } as const;

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'edgeyard-disk-artifact-'));
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** A disk with noise, zeros and text at odd places. */
function patchy(size: number, seed: number): Buffer {
  const disk = Buffer.alloc(size);
  for (let part = 0; part < 6; part += 1) {
    const place = noise(8, seed * 31 + part);
    const at = place.readUInt32LE(0) % size;
    const length = place.readUInt32LE(4) % Math.ceil(size / 5);
    if (part % 2 === 0) noise(Math.min(length, size - at), seed + part).copy(disk, at);
    else disk.fill(`part ${part} `, at, Math.min(size, at + length));
  }
  return disk;
}

async function pushed(disk: Buffer, more: Partial<PushDisk> = {}) {
  const registry = more.registry ?? memoryRegistry();
  const repository = more.repository ?? 'disks/a';
  const report = await pushDisk({ disk: bufferDisk(disk), facts, registry, repository, ...more });
  return { report, artifact: await openDisk({ registry, repository, reference: report.digest }), registry };
}

/** Writes the artifact's qcow2 file, lets qemu-img check it, and gives the raw disk that QEMU sees in it. */
async function throughQemu(name: string, bytes: Buffer): Promise<Buffer> {
  const file = join(dir, `${name}.qcow2`);
  writeFileSync(file, bytes);
  execFileSync('qemu-img', ['check', '-q', '-f', 'qcow2', file], { stdio: 'pipe' });
  const disk = await openRawDisk(file, { format: 'qcow2' });
  try {
    return await disk.read(0, disk.virtualSize);
  } finally {
    disk.close();
  }
}

describe('disk artifacts', () => {
  const sizes: [string, Buffer][] = [
    ['one sector', noise(512, 1)],
    ['all zeros', Buffer.alloc(3 * mib)],
    ['whole pieces', patchy(4 * mib, 2)],
    ['a short last piece', patchy(3 * mib + 65_536, 3)],
    ['a short last cluster', patchy(5 * mib + 1536, 4)],
    ['nothing but noise', noise(2 * mib + 512, 5)],
    ['one byte near the end', Buffer.concat([Buffer.alloc(7 * mib - 1), Buffer.from([1])])],
  ];
  it.each(sizes)('gives the disk back: %s', async (name, disk) => {
    for (const pieceSize of [65_536, mib]) {
      const { artifact } = await pushed(disk, { pieceSize });
      expect((await artifact.read(0, disk.length)).equals(disk)).toBe(true);
      const file = await buffer(artifact.qcow2());
      expect(file.length).toBe(artifact.qcow2Size);
      expect((await throughQemu(`${name}-${pieceSize}`, file)).equals(disk)).toBe(true);
    }
  });

  it('gives the same bytes every time, however the file was stored', async () => {
    const disk = patchy(6 * mib, 7);
    writeFileSync(join(dir, 'same.raw'), disk);
    const digests = new Set<string>();
    const files = new Set<string>();
    for (const type of ['zlib', 'zstd']) {
      const file = join(dir, `same-${type}.qcow2`);
      execFileSync('qemu-img', [
        ...'convert -f raw -O qcow2 -c -o'.split(' '),
        `compression_type=${type}`,
        join(dir, 'same.raw'),
        file,
      ]);
      const raw = await openRawDisk(file, { format: 'qcow2' });
      const { report, artifact } = await pushed(disk, { disk: raw });
      raw.close();
      digests.add(report.digest);
      files.add(digestOf(await buffer(artifact.qcow2())));
    }
    expect(digests.size).toBe(1);
    expect(files.size).toBe(1);
  });

  it('reads a range from the pieces it touches and from no others', async () => {
    const disk = noise(8 * mib, 8);
    const registry = memoryRegistry();
    const { artifact } = await pushed(disk, { registry });
    registry.asked.length = 0;
    const at = 3 * mib - 10;
    expect((await artifact.read(at, 20)).equals(disk.subarray(at, at + 20))).toBe(true);
    expect(registry.asked).toEqual([2, 3].map((piece) => `blob ${artifact.pieces[piece]?.blob}`));
    expect(await artifact.read(8 * mib - 1, 100)).toEqual(disk.subarray(-1));
  });

  it('goes on with the qcow2 file from any byte', async () => {
    const { artifact, registry } = await pushed(patchy(9 * mib + 512, 9), { pieceSize: 131_072 });
    const whole = await buffer(artifact.qcow2());
    for (let seed = 0; seed < 25; seed += 1) {
      const from = noise(4, seed).readUInt32LE(0) % whole.length;
      const to = from + (noise(4, seed + 100).readUInt32LE(0) % (whole.length - from + 1));
      const part = await buffer(artifact.qcow2({ from, to }));
      expect(part.equals(whole.subarray(from, to)), `${from} to ${to}`).toBe(true);
    }
    (registry as ReturnType<typeof memoryRegistry>).asked.length = 0;
    await buffer(artifact.qcow2({ from: 0, to: 65_536 }));
    expect((registry as ReturnType<typeof memoryRegistry>).asked).toEqual([]);
  });

  it('has the digest that the same disk had in earlier versions of Edgeyard', async () => {
    const { report } = await pushed(patchy(2 * mib, 11));
    expect(report.digest).toMatchInlineSnapshot(
      `"sha256:7734d8d508c6238ed1696a615e0eb70f8ff3bcf4473415e9e75335a0ad0d84e0"`,
    );
  });
});
