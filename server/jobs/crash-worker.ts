/**
 * A server in small, for the test that kills it: opens the engine on a database file, runs jobs of three steps, and
 * writes down what it does. The second step never ends while the file `hold` is there.
 */
import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { z } from 'zod';
import { openDatabase } from '../db/database';
import { openEvents } from './events';
import { openJobs } from './jobs';

const [folder = '', idempotencyKey = ''] = process.argv.slice(2);
const migrations = fileURLToPath(new URL('../../drizzle', import.meta.url));
const db = openDatabase(join(folder, 'jobs.db'), migrations);
const jobs = openJobs({ db, events: openEvents(), log: pino({ level: 'silent' }) });

const note = (line: string) => appendFileSync(join(folder, 'did'), `${line}\n`);
const held = async (name: string, signal: AbortSignal) => {
  while (existsSync(join(folder, name))) await pause(10, undefined, { signal });
};

const kind = jobs.define({
  kind: 'crash.test',
  steps: ['one', 'two', 'three'],
  input: z.object({}),
  concurrency: 1,
  cancellable: true,
  run: async (job) => {
    const one = await job.step('one', () => {
      note('one');
      return process.pid;
    });
    await job.step('two', async ({ signal }) => {
      note('two');
      await held('hold', signal);
    });
    await job.step('three', () => note('three'));
    return one;
  },
  undo: async (job) => {
    note('undo');
    await held('hold-undo', job.signal);
  },
});

const job = kind.start({
  input: {},
  subject: { type: 'site', id: 'here' },
  actorId: undefined,
  idempotencyKey,
});
jobs.run();
if (existsSync(join(folder, 'cancel')) && jobs.get(job.id)?.cancellable) {
  while (jobs.get(job.id)?.steps[1]?.state !== 'running') await pause(10);
  jobs.cancel(job.id);
}
const over = await jobs.settled(job.id);
note(`${over.state} ${JSON.stringify(over.result ?? null)}`);
await jobs.stop();
