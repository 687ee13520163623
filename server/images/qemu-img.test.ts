import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { convertToQcow2 } from './qemu-img';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'edgeyard-qemu-img-'));
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

const size = 4 * 2 ** 20;
const never = new AbortController().signal;

function noise(name: string): string {
  const file = join(dir, name);
  writeFileSync(file, randomBytes(size));
  return file;
}

describe('convertToQcow2', () => {
  it('copies a disk, and tells how far it is in bytes', async () => {
    // A comma separates options in qemu-img's words; in a file's name it is only a comma.
    const file = noise('a,b.raw');
    const seen: number[] = [];
    const to = join(dir, 'a,b.qcow2');
    await convertToQcow2(
      { file, format: 'raw' },
      to,
      { virtual: size, largest: 2 * size },
      {
        signal: never,
        progress: (done) => void seen.push(done),
      },
    );
    execFileSync('qemu-img', ['compare', '-f', 'raw', '-F', 'qcow2', file, to]);
    expect(seen.at(-1)).toBe(size);
  });

  it('writes no more than it may', async () => {
    const sizes = { virtual: size, largest: 2 ** 20 };
    const copying = convertToQcow2({ file: noise('big.raw'), format: 'raw' }, join(dir, 'big.qcow2'), sizes, {
      signal: never,
    });
    await expect(copying).rejects.toMatchObject({ code: 'no_space' });
  });

  it('is killed when it is cancelled', async () => {
    const cancel = new AbortController();
    const copying = convertToQcow2(
      { file: noise('cancel.raw'), format: 'raw' },
      join(dir, 'cancel.qcow2'),
      { virtual: size, largest: 2 * size },
      { signal: cancel.signal },
    );
    cancel.abort();
    await expect(copying).rejects.toMatchObject({ code: 'cancelled' });
  });

  it("says the tool's own words when it fails", async () => {
    const file = join(dir, 'none.vdi');
    writeFileSync(file, 'not a disk');
    const copying = convertToQcow2(
      { file, format: 'vdi' },
      join(dir, 'x.qcow2'),
      { virtual: size, largest: size },
      {
        signal: never,
      },
    );
    await expect(copying).rejects.toMatchObject({ key: 'images.errors.toolFailed' });
    await expect(copying).rejects.toHaveProperty('detail', expect.stringContaining('not in VDI format'));
  });
});
