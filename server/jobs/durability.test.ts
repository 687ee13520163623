import pino from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { Db } from '../db/database';
import { testDatabase } from '../db/testing';
import { openEvents } from './events';
import type { JobContext, JobDefinition } from './job';
import { logBounds } from './job-log';
import { openJobs } from './jobs';

// A busy machine takes its time.
const patient = { timeout: 15_000 };
vi.setConfig({ testTimeout: 20_000 });

const input = z.object({ name: z.string() });
type Input = z.infer<typeof input>;

/** One more engine on a database, as a restart makes one. */
function engine(
  db: Db,
  run: (job: JobContext<Input>) => Promise<unknown>,
  more: Partial<JobDefinition<Input, unknown>> & { clock?: () => number } = {},
) {
  const { clock, ...definition } = more;
  const events = openEvents();
  const jobs = openJobs({ db, events, log: pino({ level: 'silent' }), ...(clock && { clock }) });
  const kind = jobs.define<Input, unknown>({
    kind: 'test.kind',
    steps: ['one', 'two'],
    input,
    concurrency: 2,
    cancellable: true,
    run,
    ...definition,
  });
  const start = (name = 'a') =>
    kind.start({ input: { name }, subject: { type: 'project', id: 'p1' }, actorId: 'u1' });
  return { jobs, start, events };
}

function untilStopped({ signal }: { signal: AbortSignal }): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
}

const isRunning = (jobs: ReturnType<typeof openJobs>, id: string, step: number) =>
  vi.waitFor(() => expect(jobs.get(id)?.steps[step]?.state).toBe('running'), patient);

describe('a stop of the server', () => {
  it('is no cancel: the next start goes on from the step, without undoing', async () => {
    const db = testDatabase();
    const calls: string[] = [];
    const undo = async () => void calls.push('undo');
    const first = engine(
      db,
      async (job) => {
        await job.step('one', () => calls.push('one'));
        await job.step('two', untilStopped);
      },
      { undo },
    );
    first.jobs.run();
    const { id } = first.start();
    await isRunning(first.jobs, id, 1);
    await first.jobs.stop();
    expect(first.jobs.get(id)).toMatchObject({ state: 'running', error: undefined });

    const second = engine(
      db,
      async (job) => {
        await job.step('one', () => calls.push('one'));
        return job.step('two', () => 'done by the second');
      },
      { undo },
    );
    second.jobs.run();
    expect(await second.jobs.settled(id)).toMatchObject({ state: 'done', result: 'done by the second' });
    expect(calls).toEqual(['one']);
  });

  it('interrupts an undo, which the next start takes up, and keeps the reason of the failure', async () => {
    const db = testDatabase();
    const failing = async () => {
      throw new Error('broken');
    };
    const first = engine(db, failing, { undo: (job) => job.step('remove', untilStopped) });
    first.jobs.run();
    const { id } = first.start();
    await isRunning(first.jobs, id, 2);
    await first.jobs.stop();

    let undone = 0;
    const second = engine(db, failing, { undo: async () => void (undone += 1) });
    second.jobs.run();
    expect(await second.jobs.settled(id)).toMatchObject({
      state: 'failed',
      error: { key: 'problems.unexpected' },
    });
    expect(undone).toBe(1);
  });

  it('after a cancel still ends in a cancel', async () => {
    const db = testDatabase();
    const first = engine(db, (job) => job.step('one', untilStopped), {
      undo: (job) => job.step('remove', untilStopped),
    });
    first.jobs.run();
    const { id } = first.start();
    await isRunning(first.jobs, id, 0);
    first.jobs.cancel(id);
    await isRunning(first.jobs, id, 2);
    await first.jobs.stop();
    expect(first.jobs.get(id)?.state).toBe('cancelling');

    const second = engine(db, async () => undefined, { undo: async () => undefined });
    second.jobs.run();
    expect((await second.jobs.settled(id)).state).toBe('cancelled');
  });

  it('rejects who waits for a job that goes on later', async () => {
    const { jobs, start } = engine(testDatabase(), (job) => job.step('one', untilStopped));
    jobs.run();
    const { id } = start();
    await isRunning(jobs, id, 0);
    const waiting = expect(jobs.settled(id)).rejects.toThrow('stopped: server');
    await jobs.stop();
    await waiting;
  });

  it('lets nothing begin afterwards', async () => {
    const { jobs, start } = engine(testDatabase(), async () => undefined);
    jobs.run();
    await jobs.stop();
    const { id } = start();
    await new Promise((resolve) => setImmediate(resolve));
    expect(jobs.get(id)?.state).toBe('queued');
  });
});

describe('a job whose end cannot be written', () => {
  it('is taken up again, from the step it was in', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const db = testDatabase();
      const calls: string[] = [];
      const { jobs, start } = engine(db, async (job) => {
        await job.step('one', () => calls.push('one'));
        calls.push('after');
      });
      // As when the disk is full.
      db.$client.exec(`create trigger full before update on jobs when new.state = 'done'
        begin select raise(abort, 'disk full'); end`);
      jobs.run();
      const { id } = start();
      await vi.waitFor(() => expect(calls).toEqual(['one', 'after']), patient);
      await vi.advanceTimersByTimeAsync(6_000);
      expect(jobs.get(id)?.state).toBe('running');
      db.$client.exec('drop trigger full');
      const over = jobs.settled(id);
      await vi.advanceTimersByTimeAsync(6_000);
      expect((await over).state).toBe('done');
      expect(calls.filter((call) => call === 'one')).toEqual(['one']);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('two engines on one database', () => {
  it('never run a job twice', async () => {
    const db = testDatabase();
    const ran: string[] = [];
    const run = async (job: JobContext<Input>) => {
      await job.step('one', () => new Promise((resolve) => setImmediate(resolve)));
      ran.push(job.jobId);
    };
    const [first, second] = [engine(db, run), engine(db, run)];
    // Both are at work before there is anything to take over.
    first.jobs.run();
    second.jobs.run();
    const ids = Array.from({ length: 1000 }, (_, index) => (index % 2 ? first : second).start().id);
    await vi.waitFor(() => expect(ran.length).toBe(ids.length), { timeout: 30_000, interval: 50 });
    expect(new Set(ran).size).toBe(ids.length);
  }, 40_000);

  it('fence a run that lost its job: it can write no more, and ends', async () => {
    const db = testDatabase();
    let reason: unknown;
    const first = engine(db, (job) =>
      job.step('one', async (step) => {
        const stopped = untilStopped(step);
        step.signal.addEventListener('abort', () => (reason = step.signal.reason));
        const timer = setInterval(() => step.log('still here'), 10);
        await stopped.finally(() => clearInterval(timer));
      }),
    );
    first.jobs.run();
    const { id } = first.start();
    await isRunning(first.jobs, id, 0);
    // A second engine believes the first one dead.
    const second = engine(db, async () => 'by the second');
    second.jobs.run();
    expect((await second.jobs.settled(id)).result).toBe('by the second');
    await vi.waitFor(() => expect(reason).toMatchObject({ why: 'lost' }), patient);
    expect(second.jobs.get(id)?.state).toBe('done');
    expect(second.jobs.get(id)?.result).toBe('by the second');
  });
});

describe('what is written', () => {
  it('is at most four times a second, however often a step says how far it is', async () => {
    const { jobs, start, events } = engine(testDatabase(), (job) =>
      job.step('one', async (step) => {
        const end = Date.now() + 600;
        while (Date.now() < end) {
          step.progress({ done: Date.now(), total: end, unit: 'bytes' });
          await new Promise((resolve) => setImmediate(resolve));
        }
      }),
    );
    jobs.run();
    let notices = 0;
    const { id } = start();
    await isRunning(jobs, id, 0);
    events.subscribe(() => (notices += 1));
    await jobs.settled(id);
    // Two or three while it runs, and those of the step's and the job's end.
    expect(notices).toBeLessThan(10);
    expect(jobs.get(id)?.steps[0]?.progress?.unit).toBe('bytes');
  });

  it('keeps a log within its bounds, and says what it dropped', async () => {
    const lines = logBounds.lines + 100;
    const { jobs, start } = engine(testDatabase(), async (job) => {
      for (let index = 1; index <= lines; index += 1) job.log(`line ${index}`);
    });
    jobs.run();
    const { id } = await jobs.settled(start().id);
    const log = jobs.log(id);
    expect(log.length).toBeLessThanOrEqual(logBounds.lines + 1);
    expect(log[0]?.line).toBe(`… ${lines - log.length + 1} earlier lines dropped …`);
    expect(log.at(-1)?.line).toBe(`line ${lines}`);
    expect(jobs.log(id, log.at(-2)?.seq).map(({ line }) => line)).toEqual([`line ${lines}`]);
  });

  it('cuts a line that is too long', async () => {
    const { jobs, start } = engine(testDatabase(), async (job) => job.log('x'.repeat(100_000)));
    jobs.run();
    const { id } = await jobs.settled(start().id);
    expect(jobs.log(id)[0]?.line).toHaveLength(logBounds.lineBytes + 1);
  });

  it('goes 90 days after the end of the job', async () => {
    const db = testDatabase();
    const day = 24 * 60 * 60 * 1000;
    let now = Date.now();
    const old = engine(db, async (job) => job.log('a line'), { clock: () => now });
    old.jobs.run();
    const { id } = await old.jobs.settled(old.start().id);
    await old.jobs.stop();
    for (const [days, kept] of [
      [89, true],
      [91, false],
    ] as const) {
      now = Date.now() + days * day;
      const later = engine(db, async () => undefined, { clock: () => now });
      later.jobs.run();
      expect(later.jobs.get(id) !== undefined).toBe(kept);
      expect(later.jobs.log(id).length > 0).toBe(kept);
      await later.jobs.stop();
    }
  });

  it('fails jobs of a kind that is no longer known, instead of letting them wait for ever', () => {
    const db = testDatabase();
    const { id } = engine(db, async () => undefined).start();
    const jobs = openJobs({ db, events: openEvents(), log: pino({ level: 'silent' }) });
    jobs.run();
    expect(jobs.get(id)).toMatchObject({ state: 'failed', error: { key: 'jobs.errors.unknownKind' } });
    expect(() => jobs.retry(id)).toThrow('jobs.errors.unknownKind');
  });
});
