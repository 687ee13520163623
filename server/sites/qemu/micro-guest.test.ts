import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { marker, newcArchive, tinyProgram } from './micro-guest';

describe('micro guest', () => {
  it('has a program that Linux runs', () => {
    const folder = mkdtempSync(join(tmpdir(), 'micro-'));
    const path = join(folder, 'init');
    writeFileSync(path, tinyProgram(marker));
    chmodSync(path, 0o755);
    expect(execFileSync(path, { encoding: 'utf8' })).toBe(`${marker}\n`);
    rmSync(folder, { recursive: true });
  });

  it('has an archive whose fields and paddings are those of newc', () => {
    const archive = newcArchive({ init: Buffer.from('abcde') });
    expect(archive.length % 4).toBe(0);
    expect(archive.subarray(0, 6).toString()).toBe('070701');
    expect(archive.subarray(14, 22).toString()).toBe('000081ed');
    expect(archive.subarray(54, 62).toString()).toBe('00000005');
    expect(archive.subarray(94, 102).toString()).toBe('00000005');
    expect(archive.subarray(110, 115).toString()).toBe('init\0');
    expect(archive.subarray(116, 121).toString()).toBe('abcde');
    expect(archive.subarray(124, 130).toString()).toBe('070701');
    expect(archive.includes('TRAILER!!!')).toBe(true);
  });
});
