import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isProblem, type Problem } from '../problem';
import { inspectImage } from './inspect';
import type { IncomingFormat } from './schemas';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'edgeyard-inspect-'));
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

const mebibyte = 2 ** 20;

/** Makes a small image with qemu-img, as a person would. */
function make(name: string, format: string, options: string[] = []): string {
  const file = join(dir, name);
  execFileSync('qemu-img', ['create', '-q', '-f', format, ...options, file, '64M']);
  return file;
}

/** Writes bytes over a place of the file, as an attacker would. */
function patch(file: string, at: number, bytes: Buffer): string {
  const handle = openSync(file, 'r+');
  writeSync(handle, bytes, 0, bytes.length, at);
  closeSync(handle);
  return file;
}

const be32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const be64 = (value: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
};
const le32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const le64 = (value: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
};

async function refusal(file: string, format: IncomingFormat): Promise<Problem> {
  const error: unknown = await inspectImage(file, format).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isProblem(error)) throw new Error(`no refusal but ${String(error)}`);
  return error;
}

describe('images that are taken', () => {
  it.each<[string, IncomingFormat, string[]]>([
    ['plain.qcow2', 'qcow2', []],
    ['v2.qcow2', 'qcow2', ['-o', 'compat=0.10']],
    ['zstd.qcow2', 'qcow2', ['-o', 'compression_type=zstd']],
    ['big-clusters.qcow2', 'qcow2', ['-o', 'cluster_size=2M']],
    ['small-clusters.qcow2', 'qcow2', ['-o', 'cluster_size=512']],
    ['extended.qcow2', 'qcow2', ['-o', 'extended_l2=on,cluster_size=128k']],
    ['plain.vmdk', 'vmdk', []],
    ['stream.vmdk', 'vmdk', ['-o', 'subformat=streamOptimized']],
    ['plain.vdi', 'vdi', []],
    ['static.vdi', 'vdi', ['-o', 'static=on']],
    ['plain.vhdx', 'vhdx', []],
    ['plain.raw', 'raw', []],
  ])('%s', async (name, format, options) => {
    const facts = await inspectImage(make(name, format, options), format);
    expect(facts).toEqual({ format, virtualSize: 64 * mebibyte, clean: true });
  });

  it('keeps a qcow2 with snapshots only rewritten', async () => {
    const file = make('snapshots.qcow2', 'qcow2');
    execFileSync('qemu-img', ['snapshot', '-c', 'one', file]);
    expect(await inspectImage(file, 'qcow2')).toMatchObject({ clean: false });
  });

  it('keeps a stream-optimised VMDK with data', async () => {
    const raw = join(dir, 'data.raw');
    writeFileSync(raw, Buffer.alloc(4 * mebibyte, 'edgeyard'));
    const file = join(dir, 'data.vmdk');
    execFileSync('qemu-img', [
      'convert',
      '-f',
      'raw',
      '-O',
      'vmdk',
      '-o',
      'subformat=streamOptimized',
      raw,
      file,
    ]);
    expect(await inspectImage(file, 'vmdk')).toMatchObject({ virtualSize: 4 * mebibyte });
  });

  it('takes an ISO 9660 volume as it is', async () => {
    const file = join(dir, 'plain.iso');
    writeFileSync(file, isoVolume(20));
    expect(await inspectImage(file, 'iso')).toMatchObject({ virtualSize: 20 * 2048, clean: true });
  });
});

/** A volume of so many blocks: sixteen empty sectors and a primary volume descriptor (ECMA-119 8.4). */
function isoVolume(blocks: number): Buffer {
  const volume = Buffer.alloc(20 * 2048);
  const descriptor = volume.subarray(16 * 2048);
  descriptor[0] = 1;
  descriptor.write('CD001', 1, 'latin1');
  descriptor.writeUInt32LE(blocks, 80);
  descriptor.writeUInt16LE(2048, 128);
  return volume;
}

describe('hostile qcow2', () => {
  it('names the backing file', async () => {
    const base = make('base.qcow2', 'qcow2');
    const file = join(dir, 'overlay.qcow2');
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', base, file]);
    const problem = await refusal(file, 'qcow2');
    expect(problem).toMatchObject({ key: 'images.hostile.backingFile', params: { file: base } });
  });

  it('names a backing file that was written in by hand', async () => {
    const file = make('shadow.qcow2', 'qcow2');
    patch(file, 4096, Buffer.from('/etc/shadow'));
    patch(file, 8, Buffer.concat([be64(4096n), be32(11)]));
    expect(await refusal(file, 'qcow2')).toMatchObject({ params: { file: '/etc/shadow' } });
  });

  it('shows no control characters of a name', async () => {
    const file = make('escape.qcow2', 'qcow2');
    patch(file, 4096, Buffer.from('\u001b[31mred'));
    patch(file, 8, Buffer.concat([be64(4096n), be32(8)]));
    expect((await refusal(file, 'qcow2')).params['file']).toBe('·[31mred');
  });

  it('names the external data file', async () => {
    const data = join(dir, 'outside.raw');
    const file = make('external.qcow2', 'qcow2', ['-o', `data_file=${data}`]);
    const problem = await refusal(file, 'qcow2');
    expect(problem).toMatchObject({ key: 'images.hostile.dataFile', params: { file: data } });
  });

  it.each<[string, number, Buffer, string]>([
    ['a huge L1 table', 36, be32(0x0fffffff), 'images.hostile.qcow2L1'],
    ['an L1 table too small for the disk', 36, be32(0), 'images.hostile.qcow2L1Short'],
    ['an L1 table outside the file', 40, be64(1n << 60n), 'images.hostile.tableOutside'],
    ['a huge refcount table', 56, be32(0x0fffffff), 'images.hostile.qcow2RefcountTable'],
    ['a refcount table outside the file', 48, be64(1n << 60n), 'images.hostile.tableOutside'],
    ['clusters of 4 GiB', 20, be32(32), 'images.hostile.qcow2Clusters'],
    ['an exabyte disk', 24, be64(1n << 60n), 'images.hostile.diskSize'],
    ['a disk of nothing', 24, be64(0n), 'images.hostile.diskSize'],
    ['encryption', 32, be32(1), 'images.hostile.encrypted'],
    ['an unknown version', 4, be32(9), 'images.hostile.qcow2Version'],
    ['unknown features', 72, be64(1n << 40n), 'images.hostile.qcow2Features'],
    ['absurd refcounts', 96, be32(40), 'images.hostile.qcow2Refcounts'],
    ['a header longer than its cluster', 100, be32(1 << 20), 'images.hostile.qcow2Header'],
    ['an extension longer than its cluster', 108, be32(0x7fffffff), 'images.hostile.qcow2Extension'],
    ['a million snapshots', 60, be32(1_000_000), 'images.hostile.qcow2Snapshots'],
  ])('refuses %s', async (name, at, bytes, key) => {
    // Header length 104 puts the first extension at 104.
    const file = make(`${name.replaceAll(' ', '-')}.qcow2`, 'qcow2', ['-o', 'compat=1.1']);
    if (at === 108) patch(file, 100, Buffer.concat([be32(104), be32(0x6803f857)]));
    expect((await refusal(patch(file, at, bytes), 'qcow2')).key).toBe(key);
  });

  it('refuses an encryption header', async () => {
    // The first header extension, which qemu-img fills with names of features, becomes that of LUKS.
    const file = patch(make('luks.qcow2', 'qcow2'), 112, be32(0x0537be77));
    expect((await refusal(file, 'qcow2')).key).toBe('images.hostile.encrypted');
  });

  it('marks a dirty file for rewriting', async () => {
    const file = make('dirty.qcow2', 'qcow2');
    patch(file, 72, be64(1n));
    expect(await inspectImage(file, 'qcow2')).toMatchObject({ clean: false });
  });

  it('refuses a file that was cut in its header', async () => {
    const file = make('cut.qcow2', 'qcow2');
    truncateSync(file, 60);
    expect((await refusal(file, 'qcow2')).key).toBe('images.hostile.truncated');
  });
});

describe('hostile VMDK', () => {
  const descriptor = (extent: string) =>
    `# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\ncreateType="monolithicFlat"\n${extent}\n`;

  it('names the file that a bare descriptor points to', async () => {
    const file = join(dir, 'descriptor.vmdk');
    writeFileSync(file, descriptor('RW 2048 FLAT "/etc/shadow" 0'));
    const problem = await refusal(file, 'vmdk');
    expect(problem).toMatchObject({ key: 'images.hostile.vmdkDescriptor', params: { file: '/etc/shadow' } });
  });

  it.each<[string, string, string]>([
    ['absolute path', 'RW 131072 SPARSE "/etc/shadow"', 'images.hostile.vmdkExtent'],
    ['parent folder', 'RW 131072 SPARSE "../x.vmdk"', 'images.hostile.vmdkExtent'],
    ['flat', 'RW 131072 FLAT "x" 0', 'images.hostile.vmdkExtent'],
    ['second', 'RW 1 SPARSE "a"\nRW 1 SPARSE "b"', 'images.hostile.vmdkExtent'],
    ['parent', 'parentFileNameHint="/etc/shadow"', 'images.hostile.parentDisk'],
  ])('refuses an extent inside: %s', async (name, extent, key) => {
    const file = make(`extent-${name.replaceAll(' ', '-')}.vmdk`, 'vmdk');
    const text = `# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\ncreateType="monolithicSparse"\n${extent}\n`;
    const bytes = Buffer.alloc(1024);
    bytes.write(text);
    expect((await refusal(patch(file, 512, bytes), 'vmdk')).key).toBe(key);
  });

  it('refuses types whose data lie elsewhere', async () => {
    const file = make('flat.vmdk', 'vmdk', ['-o', 'subformat=monolithicFlat']);
    expect((await refusal(file, 'vmdk')).key).toBe('images.hostile.vmdkDescriptor');
  });

  it.each<[string, number, Buffer, string]>([
    ['no capacity, which makes readers follow the descriptor', 12, le64(0n), 'images.hostile.diskSize'],
    ['grains of gigabytes', 20, le64(1n << 40n), 'images.hostile.vmdkGrains'],
    ['grain tables without entries', 44, le32(0), 'images.hostile.vmdkGrains'],
    ['a directory outside', 56, le64(1n << 40n), 'images.hostile.tableOutside'],
    ['no descriptor', 28, le64(0n), 'images.hostile.vmdkNoDescriptor'],
    ['an unknown version', 4, le32(9), 'images.hostile.vmdkVersion'],
  ])('refuses %s', async (name, at, bytes, key) => {
    const file = make(`${name.replaceAll(/\W/g, '-')}.vmdk`, 'vmdk');
    expect((await refusal(patch(file, at, bytes), 'vmdk')).key).toBe(key);
  });

  it('refuses a footer that says other things than the header', async () => {
    const raw = join(dir, 'footer.raw');
    writeFileSync(raw, Buffer.alloc(mebibyte, 1));
    const file = join(dir, 'footer.vmdk');
    execFileSync('qemu-img', [
      'convert',
      '-f',
      'raw',
      '-O',
      'vmdk',
      '-o',
      'subformat=streamOptimized',
      raw,
      file,
    ]);
    patch(file, 56, le64(0xffff_ffff_ffff_ffffn));
    const bytes = readFileSync(file);
    const header = Buffer.from(bytes.subarray(0, 512));
    header.writeBigUInt64LE(99n, 28);
    header.writeBigUInt64LE(1n, 56);
    writeFileSync(file, Buffer.concat([bytes, header, Buffer.alloc(512)]));
    expect((await refusal(file, 'vmdk')).key).toBe('images.hostile.vmdkFooter');
  });
});

describe('hostile VDI, VHDX, ISO, raw', () => {
  it.each<[string, number, Buffer, string]>([
    ['a differencing disk', 76, le32(4), 'images.hostile.parentDisk'],
    ['a parent', 440, Buffer.alloc(16, 7), 'images.hostile.parentDisk'],
    ['a huge table', 384, le32(0xffffffff), 'images.hostile.vdiTable'],
    ['a table outside the file', 340, le32(0x7fffffff), 'images.hostile.tableOutside'],
    ['an exabyte disk', 368, le64(1n << 60n), 'images.hostile.diskSize'],
    ['absurd blocks', 376, le32(3), 'images.hostile.vdiBlocks'],
    ['another version', 68, le32(1), 'images.hostile.vdiVersion'],
  ])('VDI: %s', async (name, at, bytes, key) => {
    const file = make(`${name.replaceAll(' ', '-')}.vdi`, 'vdi');
    expect((await refusal(patch(file, at, bytes), 'vdi')).key).toBe(key);
  });

  it('VDI: refuses one that was cut, which readers would fill up with zeros', async () => {
    const file = make('cut.vdi', 'vdi', ['-o', 'static=on']);
    truncateSync(file, 32 * mebibyte);
    expect((await refusal(file, 'vdi')).key).toBe('images.hostile.truncated');
  });

  it('VHDX: a differencing disk', async () => {
    const file = make('parent.vhdx', 'vhdx');
    const at = readFileSync(file).indexOf(Buffer.from('3767a1ca36fa434db3b633f0aa44e76b', 'hex'));
    const locator = Buffer.from('2d5fd3a80bb34d45abf7d3d84834ab0c', 'hex');
    // The last metadata item becomes a parent locator.
    expect(at).toBeGreaterThan(0);
    expect((await refusal(patch(file, at + 4 * 32, locator), 'vhdx')).key).toBe('images.hostile.parentDisk');
  });

  it('VHDX: a log to replay', async () => {
    const file = make('log.vhdx', 'vhdx');
    for (const header of [64 * 1024, 128 * 1024]) patch(file, header + 48, Buffer.alloc(16, 1));
    expect((await refusal(file, 'vhdx')).key).toBe('images.hostile.vhdxLog');
  });

  it('VHDX: more regions than the format has', async () => {
    const file = patch(make('regions.vhdx', 'vhdx'), 192 * 1024 + 8, le32(1_000_000));
    expect((await refusal(file, 'vhdx')).key).toBe('images.hostile.vhdxRegions');
  });

  it('ISO: cut, and none at all', async () => {
    const cut = join(dir, 'cut.iso');
    writeFileSync(cut, isoVolume(5000));
    expect((await refusal(cut, 'iso')).key).toBe('images.hostile.truncated');
    const none = join(dir, 'none.iso');
    writeFileSync(none, Buffer.alloc(40 * 2048));
    expect((await refusal(none, 'iso')).key).toBe('images.hostile.notIso');
  });

  it('raw: is never what a header says otherwise', async () => {
    const problem = await refusal(make('as-raw.qcow2', 'qcow2'), 'raw');
    expect(problem).toMatchObject({
      key: 'images.hostile.otherFormat',
      params: { said: 'raw', found: 'qcow2' },
    });
  });

  it('raw: no half sectors, not empty', async () => {
    const file = join(dir, 'half.raw');
    writeFileSync(file, Buffer.alloc(1000));
    expect((await refusal(file, 'raw')).key).toBe('images.hostile.rawSize');
    truncateSync(file, 0);
    expect((await refusal(file, 'raw')).key).toBe('images.hostile.empty');
  });

  it('names what a file really is', async () => {
    expect(await refusal(make('really.vdi', 'vdi'), 'qcow2')).toMatchObject({
      params: { said: 'qcow2', found: 'vdi' },
    });
    const text = join(dir, 'text.qcow2');
    writeFileSync(text, 'not an image at all');
    expect(await refusal(text, 'qcow2')).toMatchObject({ params: { found: 'unknown' } });
  });
});
