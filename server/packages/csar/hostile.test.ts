import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import yazl from 'yazl';
import { edgeGalleryTree } from './foreign-fixture';
import { inspectCsar } from './inspect';
import type { Limits } from './limits';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'csar-hostile-'));
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

interface Evil {
  path: string;
  content?: Buffer;
  mode?: number;
  compress?: boolean;
}

/** A package like any other, with these files beside. */
async function archive(extra: readonly Evil[]): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const [path, content] of Object.entries(await edgeGalleryTree('true'))) {
    zip.addBuffer(Buffer.from(content), path);
  }
  for (const { path, content = Buffer.from('evil'), mode = 0o100644, compress = true } of extra) {
    zip.addBuffer(content, path, { mode, compress });
  }
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** Every occurrence of a text replaced by another of the same length: names that no writer would write. */
function patched(bytes: Buffer, from: string, to: string): Buffer {
  expect(Buffer.byteLength(to)).toBe(Buffer.byteLength(from));
  return Buffer.from(bytes.toString('latin1').replaceAll(from, Buffer.from(to).toString('latin1')), 'latin1');
}

/** The central directory's record of a file, changed in place. */
function withRecord(bytes: Buffer, path: string, change: (record: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  for (let at = 0; (at = copy.indexOf('PK\u0001\u0002', at, 'latin1')) >= 0; at += 4) {
    if (copy.toString('utf8', at + 46, at + 46 + copy.readUInt16LE(at + 28)) === path) {
      change(copy.subarray(at));
    }
  }
  return copy;
}

async function refusal(bytes: Buffer, bounds?: Partial<Limits>): Promise<string> {
  const path = join(dir, 'evil.csar');
  writeFileSync(path, bytes);
  try {
    await inspectCsar(path, { bounds });
    return 'taken in';
  } catch (error) {
    return error instanceof Error && 'key' in error ? String(error.key) : `no problem: ${String(error)}`;
  }
}

describe('hostile packages', () => {
  it.each([
    ['leaves by dots', '../../etc/cron.d/x'],
    ['leaves by dots inside', 'Artifacts/../../x1'],
    ['is absolute', '/etc/passwd0000001'],
    ['has a drive letter', 'C:/Windows/x000001'],
    ['has backslashes', 'Artifacts\\..\\x00001'],
    ['has a NUL', 'Artifacts/a\u0000.txt0001'],
    ['has a line break', 'Artifacts/a\n.txt00001'],
    ['has an empty part', 'Artifacts//x000001'],
  ])('refuses a name that %s', async (_what, name) => {
    const plain = 'n'.repeat(Buffer.byteLength(name));
    const bytes = patched(await archive([{ path: plain }]), plain, name);
    expect(await refusal(bytes)).toBe('packages.errors.unsafeName');
  });

  it('refuses names twice, also when they differ by case only', async () => {
    const twice = await archive([{ path: 'Artifacts/one.txt' }, { path: 'Artifacts/two.txt' }]);
    expect(await refusal(patched(twice, 'two.txt', 'one.txt'))).toBe('packages.errors.duplicateName');
    expect(await refusal(patched(twice, 'two.txt', 'ONE.txt'))).toBe('packages.errors.duplicateName');
  });

  it('refuses symbolic links and devices', async () => {
    expect(await refusal(await archive([{ path: 'link', mode: 0o120777 }]))).toBe(
      'packages.errors.symbolicLink',
    );
    expect(await refusal(await archive([{ path: 'dev', mode: 0o020666 }]))).toBe(
      'packages.errors.specialFile',
    );
    expect(await refusal(await archive([{ path: 'pipe', mode: 0o010666 }]))).toBe(
      'packages.errors.specialFile',
    );
  });

  it('refuses a bomb by its ratio, before it unpacks anything', async () => {
    const bomb = await archive([{ path: 'Artifacts/zeros', content: Buffer.alloc(64 * 1024 * 1024) }]);
    expect(bomb.length).toBeLessThan(200_000);
    expect(await refusal(bomb)).toBe('packages.errors.ratioTooHigh');
  });

  it('refuses files that share their bytes', async () => {
    const big = { path: 'Artifacts/big', content: Buffer.alloc(100_000, 'x'), compress: false };
    const bytes = await archive([big, { ...big, path: 'Artifacts/sml', content: Buffer.from('s') }]);
    const shared = withRecord(bytes, 'Artifacts/sml', (record) => {
      record.writeUInt32LE(100_000, 20);
      record.writeUInt32LE(100_000, 24);
    });
    expect(await refusal(shared)).toBe('packages.errors.overlappingEntries');
  });

  it('refuses content that unpacks to more than it said', async () => {
    const bytes = await archive([{ path: 'Artifacts/lies', content: Buffer.alloc(100_000) }]);
    const lying = withRecord(bytes, 'Artifacts/lies', (record) => record.writeUInt32LE(10, 24));
    expect(await refusal(lying)).toBe('packages.errors.notAnArchive');
  });

  it('refuses encryption and unknown ways of packing', async () => {
    const bytes = await archive([{ path: 'Artifacts/odd' }]);
    const encrypted = withRecord(bytes, 'Artifacts/odd', (record) => {
      record.writeUInt16LE(record.readUInt16LE(8) | 1, 8);
    });
    expect(await refusal(encrypted)).toBe('packages.errors.encrypted');
    const odd = withRecord(bytes, 'Artifacts/odd', (record) => record.writeUInt16LE(12, 10));
    expect(await refusal(odd)).toBe('packages.errors.unknownCompression');
  });

  it('names each bound that is broken', async () => {
    const bytes = await archive([{ path: 'Artifacts/data', content: Buffer.alloc(5000, 'ab') }]);
    expect(await refusal(bytes, { entries: 5 })).toBe('packages.errors.tooManyEntries');
    expect(await refusal(bytes, { fileBytes: 4000 })).toBe('packages.errors.fileTooLarge');
    expect(await refusal(bytes, { totalBytes: 4000 })).toBe('packages.errors.contentTooLarge');
    expect(await refusal(bytes, { nameBytes: 10 })).toBe('packages.errors.nameTooLong');
    expect(await refusal(bytes, { depth: 1 })).toBe('packages.errors.tooDeep');
    expect(await refusal(bytes, { documentBytes: 20 })).toBe('packages.errors.documentTooLarge');
    expect(await refusal(bytes, { nestedBytes: 20 })).toBe('packages.errors.documentTooLarge');
    expect(await refusal(bytes, { nestedEntries: 1 })).toBe('packages.errors.tooManyEntries');
  });

  it('refuses a claim of 65 535 files at once', async () => {
    const bytes = await archive([]);
    const end = bytes.lastIndexOf('PK\u0005\u0006', undefined, 'latin1');
    bytes.writeUInt16LE(65_000, end + 8);
    bytes.writeUInt16LE(65_000, end + 10);
    expect(await refusal(bytes)).toBe('packages.errors.tooManyEntries');
  });

  it('refuses a bomb and a way out in the zipped descriptor too', async () => {
    const { 'APPD/vm_test.zip': appd, ...rest } = await edgeGalleryTree('true');
    const out = patched(Buffer.from(appd ?? ''), 'TOSCA_VNFD.meta', '../../NFD.metaa');
    const zip = new yazl.ZipFile();
    for (const [path, content] of Object.entries({ ...rest, 'APPD/vm_test.zip': out })) {
      zip.addBuffer(Buffer.from(content), path);
    }
    zip.end();
    const chunks: Buffer[] = [];
    for await (const chunk of zip.outputStream) chunks.push(Buffer.from(chunk));
    expect(await refusal(Buffer.concat(chunks))).toBe('packages.errors.unsafeName');
  });

  it('refuses an archive that is cut', async () => {
    const bytes = await archive([]);
    expect(await refusal(bytes.subarray(0, bytes.length - 40))).toBe('packages.errors.notAnArchive');
    expect(await refusal(Buffer.alloc(0))).toBe('packages.errors.notAnArchive');
  });

  it('takes the same package without the evil in', async () => {
    expect(await refusal(await archive([]))).toBe('taken in');
  });
});
