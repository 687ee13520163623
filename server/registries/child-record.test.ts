import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { endRecorded, recordChild } from './child-record';

const record = () => join(mkdtempSync(join(tmpdir(), 'edgeyard-record-')), 'process.json');

it('ends the process that an earlier run left', async () => {
  const file = record();
  const child = spawn('sleep', ['1000']);
  const ended = once(child, 'exit');
  recordChild(file, child.pid ?? 0);
  expect(await endRecorded(file)).toBe(true);
  expect(await ended).toEqual([null, 'SIGTERM']);
  expect(await endRecorded(file)).toBe(false);
});

it('leaves a later process of the same number alone', async () => {
  const file = record();
  const child = spawn('sleep', ['1000']);
  recordChild(file, child.pid ?? 0);
  const { pid } = JSON.parse(readFileSync(file, 'utf8')) as { pid: number };
  writeFileSync(file, JSON.stringify({ pid, started: '1' }));
  expect(await endRecorded(file)).toBe(false);
  expect(child.exitCode).toBe(null);
  child.kill();
});
