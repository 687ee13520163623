import { beforeEach, describe, expect, it } from 'vitest';
import { Problem } from '../../problem';
import type { Ask, Cloud } from './cloud';
import { overlap } from './overlap';
import { serialLogs, type ServerLogs } from './serial';

/** What nova's host keeps, and the end of it that nova gives out. */
const windowLength = 100 * 1024;
let log: string;
let refusal: Problem | undefined;
let asked: number;
let clock: number;
let logs: ServerLogs;

const cloud: Pick<Cloud, 'find'> = {
  find: async (ask) => {
    asked++;
    expect(ask satisfies Ask).toMatchObject({ method: 'POST', body: { 'os-getConsoleOutput': {} } });
    await Promise.resolve();
    if (refusal?.code === 'not_found') return undefined;
    if (refusal) throw refusal;
    const end = Buffer.from(log).subarray(-windowLength);
    return ask.schema.parse({ output: end.toString('utf8') });
  },
};

beforeEach(() => {
  log = '';
  refusal = undefined;
  asked = 0;
  clock = 1000;
  logs = serialLogs(cloud, () => clock);
});

const lines = (from: number, to: number) =>
  Array.from(
    { length: to - from },
    (_, index) => `[ ${from + index}.0] line ${from + index} of a log\n`,
  ).join('');

const boot = [
  'SeaBIOS (version 1.16.2)\n',
  'GRUB loading\n',
  '[    0.000000] Linux version 6.1.0\n',
  '[    0.000000] Command line: console=ttyS0\n',
  '[    2.313862] Run /init as init process\n',
  '\nweb login: ',
].join('');

const firmware = boot.slice(0, 25);

const phasesOf = async (since: number) => (await logs.bootOf('a', since)).map(({ phase }) => phase);

/** Reads on from where one was. */
async function reader() {
  let next = 0;
  let text = '';
  const more = async () => {
    const part = await logs.read('a', next);
    ({ next } = part);
    text += part.text;
    return text;
  };
  await more();
  return more;
}

describe('overlap', () => {
  it.each([
    ['abc', 'abc', 3],
    ['abcab', 'abd', 2],
    ['aaa', 'aaaa', 3],
    ['xaaba', 'aabaab', 4],
    ['abc', 'c', 1],
    ['abc', 'xyz', 0],
    ['', 'abc', 0],
    ['abc', '', 0],
  ])('of %s and %s', (before, after, common) => {
    expect(overlap(Buffer.from(before), Buffer.from(after))).toBe(common);
  });
});

describe('serial log of a server', () => {
  it('is read on from an offset while it grows past what nova gives out', async () => {
    const more = await reader();
    for (let at = 0; at < 12_000; at += 1000) {
      log += lines(at, at + 1000);
      await more();
    }
    expect(await more()).toBe(log);
    expect(Buffer.byteLength(log)).toBeGreaterThan(3 * windowLength);
  });

  it('gives out what it kept, and no more than 256 KiB of it', async () => {
    for (let at = 0; at < 15_000; at += 1000) {
      log += lines(at, at + 1000);
      await logs.read('a', 0);
    }
    const { text, next } = await logs.read('a', 0);
    expect(next).toBe(Buffer.byteLength(log));
    expect(Buffer.byteLength(text)).toBe(256 * 1024);
    expect(log.endsWith(text)).toBe(true);
    expect(await logs.read('a', next + 5)).toEqual({ text: '', next });
  });

  it('takes lines that repeat for what they are', async () => {
    log = 'tick\n'.repeat(100);
    const more = await reader();
    log += 'tick\n'.repeat(3);
    expect(await more()).toBe(log);
  });

  it('goes on after a restart that empties the log, even where both begin alike', async () => {
    log = boot;
    const more = await reader();
    log = boot.slice(0, 40);
    expect(await more()).toBe(boot + log);
    expect(await more()).toBe(boot + log);
    log = boot;
    expect(await more()).toBe(boot + boot);
    log = '';
    await more();
    log = boot;
    expect(await more()).toBe(boot + boot + boot);
  });

  it('has a gap where the log outran it', async () => {
    log = lines(0, 4000);
    const more = await reader();
    const before = await more();
    log += lines(4000, 20_000);
    const after = await more();
    expect(after.startsWith(before)).toBe(true);
    expect(log.endsWith(after.slice(before.length))).toBe(true);
  });

  it('cuts no character in two', async () => {
    log = '画面'.repeat(30_000);
    const more = await reader();
    const before = await more();
    log += '控制台';
    expect(await more()).toBe(`${before}控制台`);
    expect(before).not.toContain('\uFFFD');
  });

  it('is empty while nova has none, and keeps what was seen', async () => {
    for (const code of ['not_found', 'conflict'] as const) {
      refusal = new Problem(code, 'openstack.errors.conflict');
      expect(await logs.read('a', 0)).toEqual({ text: '', next: 0 });
    }
    refusal = undefined;
    log = 'hello';
    await logs.read('a', 0);
    refusal = new Problem('not_found', 'openstack.errors.notFound');
    expect((await logs.read('a', 0)).text).toBe('hello');
    refusal = new Problem('unavailable', 'openstack.errors.unavailable');
    await expect(logs.read('a', 0)).rejects.toBe(refusal);
    logs.forget('a');
    refusal = undefined;
    log = 'new';
    expect(await logs.read('a', 0)).toEqual({ text: 'new', next: 3 });
  });

  it('is asked for once by several readers', async () => {
    log = 'hello';
    const parts = await Promise.all([logs.read('a', 0), logs.read('a', 0), logs.bootOf('a', 1)]);
    expect(parts[1]).toEqual({ text: 'hello', next: 5 });
    expect(asked).toBe(1);
  });
});

describe('boot of a server', () => {
  it('is told step by step, with the time each was seen', async () => {
    log = firmware;
    expect(await logs.bootOf('a', 500)).toEqual([{ phase: 'firmware', at: 1000 }]);
    clock = 2000;
    log = boot;
    expect((await logs.bootOf('a', 500)).slice(1).map(({ phase, at }) => `${phase} ${at}`)).toEqual([
      'bootloader 2000',
      'kernel 2000',
      'userspace 2000',
      'login 2000',
    ]);
  });

  it('begins anew where the guest restarts itself, in pieces of any size', async () => {
    for (const size of [7, 64, 1000]) {
      logs.forget('a');
      log = boot;
      await logs.read('a', 0);
      const second = `${boot.split('\n').slice(0, 5).join('\n')}\n`;
      for (let at = 0; at < second.length; at += size) {
        log += second.slice(at, at + size);
        await logs.read('a', 0);
      }
      expect(await phasesOf(500)).toEqual(['firmware', 'bootloader', 'kernel', 'userspace']);
    }
  });

  it('begins anew where the log does', async () => {
    log = boot;
    expect(await phasesOf(500)).toContain('login');
    log = firmware;
    expect(await phasesOf(500)).toEqual(['firmware']);
  });

  it('begins anew where nova restarted the server, whoever saw it first', async () => {
    log = boot;
    expect(await phasesOf(500)).toContain('login');
    clock = 3000;
    expect(await phasesOf(2500)).toEqual([]);
    log += boot;
    expect(await phasesOf(2500)).toHaveLength(5);
    log += boot;
    clock = 4000;
    await logs.read('a', 0);
    expect(await phasesOf(3500)).toHaveLength(5);
  });

  it('is that of the last boot, where the first look sees several', async () => {
    log = boot + boot + firmware;
    expect(await phasesOf(500)).toEqual(['firmware']);
  });
});
