import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { longestLog, readSerial, watchSerial } from './serial-watch';

describe('serial log', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'serial-'));
    path = join(folder, 'serial.log');
    writeFileSync(path, 'old\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is followed from where the newest start began', async () => {
    let seen = '';
    const watch = watchSerial(path, 4, { onText: (text) => (seen += text), onCut: () => undefined });
    appendFileSync(path, 'new\n');
    await vi.waitFor(() => expect(seen).toBe('new\n'));
    appendFileSync(path, 'more\n');
    await vi.waitFor(() => expect(seen).toBe('new\nmore\n'));
    watch.close();
  });

  it('is cut before it fills the disk, and keeps its offsets', async () => {
    let cut = 0;
    const watch = watchSerial(path, 0, { onText: () => undefined, onCut: (bytes) => (cut += bytes) });
    appendFileSync(path, Buffer.alloc(longestLog, 97));
    await vi.waitFor(() => expect(cut).toBe(longestLog + 4));
    expect(statSync(path).size).toBe(0);
    appendFileSync(path, 'after');
    expect(await readSerial(path, cut, cut)).toEqual({ text: 'after', next: cut + 5 });
    expect(await readSerial(path, cut, 0)).toEqual({ text: 'after', next: cut + 5 });
    watch.close();
  });

  it('is given in parts that cut no character', async () => {
    const text = 'é'.repeat(200_000);
    writeFileSync(path, `x${text}`);
    let all = '';
    let from = 0;
    for (;;) {
      const part = await readSerial(path, 0, from);
      expect(part.text.length).toBeLessThanOrEqual(256 * 1024);
      if (part.text === '') break;
      all += part.text;
      from = part.next;
    }
    expect(all).toBe(`x${text}`);
  });

  it('is empty where there is none', async () => {
    expect(await readSerial(join(folder, 'none'), 0, 100)).toEqual({ text: '', next: 0 });
  });
});
