import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const worker = fileURLToPath(new URL('./crash-worker.ts', import.meta.url));

let folder = '';
let children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgeyard-jobs-'));
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
  rmSync(folder, { recursive: true });
});

/** Starts a server in small on the folder. */
function serve(): ChildProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', worker, folder, 'same'], { stdio: 'inherit' });
  children.push(child);
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** What the servers wrote down, in order. */
function did(): string[] {
  const file = join(folder, 'did');
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
}

async function untilDid(...lines: string[]): Promise<void> {
  await vi.waitFor(() => expect(did()).toEqual(lines), { timeout: 20_000, interval: 20 });
}

describe('kill -9', () => {
  it('in the middle of a step: the next process goes on from that step', { timeout: 60_000 }, async () => {
    writeFileSync(join(folder, 'hold'), '');
    const first = serve();
    await untilDid('one', 'two');
    await kill(first);

    const second = serve();
    await untilDid('one', 'two', 'two');
    rmSync(join(folder, 'hold'));
    await once(second, 'exit');
    // The stored result of step one is the first process's pid: it was not run again.
    expect(did()).toEqual(['one', 'two', 'two', 'three', `done ${first.pid}`]);
    expect(second.exitCode).toBe(0);
  });

  it(
    'in the middle of undoing a cancel: the next process undoes to the end',
    { timeout: 60_000 },
    async () => {
      for (const name of ['hold', 'hold-undo', 'cancel']) writeFileSync(join(folder, name), '');
      const first = serve();
      await untilDid('one', 'two', 'undo');
      await kill(first);

      const second = serve();
      await untilDid('one', 'two', 'undo', 'undo');
      rmSync(join(folder, 'hold-undo'));
      await once(second, 'exit');
      expect(did()).toEqual(['one', 'two', 'undo', 'undo', 'cancelled null']);
    },
  );
});
