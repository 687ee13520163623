import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { overlayRanges } from './overlay-ranges';

const mib = 2 ** 20;
let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'edgeyard-overlay-'));
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

it('tells what an overlay holds itself, also where it holds zeros, and nothing of the image below', async () => {
  const base = join(dir, 'base.qcow2');
  const file = join(dir, 'disk.qcow2');
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', base, '16M']);
  execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'write -P 1 0 8M', base], { stdio: 'ignore' });
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', base, '-F', 'qcow2', file, '16M']);
  const writes = ['write -P 2 1M 4k', 'write -P 3 2200k 64k', 'write -z 5M 1M', 'write -P 4 12M 4k'];
  for (const write of writes)
    execFileSync('qemu-io', ['-f', 'qcow2', '-c', write, file], { stdio: 'ignore' });
  const ranges = await overlayRanges({ file, base: { path: base, format: 'qcow2' } }, undefined);
  expect(ranges).toEqual([
    { at: mib, length: 2 * mib },
    { at: 5 * mib, length: mib },
    { at: 12 * mib, length: mib },
  ]);
  expect(await overlayRanges({ file, base: undefined }, undefined)).toBe(undefined);
});
