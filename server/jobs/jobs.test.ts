import pino from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { testDatabase } from '../db/testing';
import { Problem } from '../problem';
import { openEvents, type Notice } from './events';
import type { Job, JobContext, JobDefinition, JobKind, Jobs } from './job';
import { openJobs } from './jobs';

// A busy machine takes its time.
const patient = { timeout: 15_000 };
vi.setConfig({ testTimeout: 20_000 });

const input = z.object({ name: z.string() });
type Input = z.infer<typeof input>;

/** An engine on an empty database, and one kind with what a test wants different. */
function house(
  definition: Partial<JobDefinition<Input, unknown>> & Pick<JobDefinition<Input, unknown>, 'run'>,
) {
  const db = testDatabase();
  const events = openEvents();
  const notices: Notice[] = [];
  events.subscribe((notice) => notices.push(notice));
  const jobs = openJobs({ db, events, log: pino({ level: 'silent' }) });
  const kind = jobs.define<Input, unknown>({
    kind: 'test.kind',
    steps: ['one', 'two'],
    input,
    concurrency: 2,
    cancellable: true,
    ...definition,
  });
  return { db, jobs, kind, notices };
}

function start(
  kind: JobKind<Input>,
  name = 'a',
  more: { idempotencyKey?: string; actorId?: string } = {},
): Job {
  return kind.start({
    input: { name },
    subject: { type: 'project', id: 'p1' },
    actorId: more.actorId ?? 'u1',
    idempotencyKey: more.idempotencyKey,
  });
}

/** Runs until the signal stops it, as well-behaved work does. */
function untilStopped(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
  });
}

async function running(jobs: Jobs, id: string, step: string): Promise<void> {
  await vi.waitFor(() => {
    const found = jobs.get(id)?.steps.find(({ name }) => name === step);
    expect(found?.state).toBe('running');
  }, patient);
}

describe('a job that succeeds', () => {
  it('runs its steps in order and keeps their results', async () => {
    const { jobs, kind } = house({
      run: async (job) => {
        const one = await job.step('one', () => ({ made: job.input.name }));
        return job.step('two', (step) => {
          step.log('halfway\n');
          step.progress({ done: 5, total: 10, unit: 'bytes' });
          return { ...one, too: true };
        });
      },
    });
    jobs.run();
    const job = await jobs.settled(start(kind).id);
    expect(job.state).toBe('done');
    expect(job.result).toEqual({ made: 'a', too: true });
    expect(job.steps.map(({ name, state }) => [name, state])).toEqual([
      ['one', 'done'],
      ['two', 'done'],
    ]);
    expect(job.steps[1]?.progress).toEqual({ done: 5, total: 10, unit: 'bytes' });
    expect(jobs.log(job.id).map(({ line }) => line)).toEqual(['halfway']);
    expect(job.cancellable).toBe(false);
  });

  it('marks steps it had no need of as skipped', async () => {
    const { jobs, kind } = house({ run: (job) => job.step('one', () => undefined) });
    jobs.run();
    const job = await jobs.settled(start(kind).id);
    expect(job.steps.map(({ state }) => state)).toEqual(['done', 'skipped']);
  });

  it('gives back a step result as JSON would, in the first run already', async () => {
    const { jobs, kind } = house({
      run: (job) => job.step('one', () => ({ at: new Date(0), none: undefined })),
    });
    jobs.run();
    expect((await jobs.settled(start(kind).id)).result).toEqual({ at: '1970-01-01T00:00:00.000Z' });
  });

  it('tells of every change, to the project if there is one', async () => {
    const { jobs, kind, notices } = house({ run: async () => undefined });
    jobs.run();
    const { id } = kind.start({
      input: { name: 'a' },
      subject: { type: 'vm', id: 'v1' },
      projectId: 'p1',
      actorId: 'u1',
    });
    await jobs.settled(id);
    expect(notices).toContainEqual({ topic: 'job', id, audience: { projectId: 'p1' } });
  });

  it('answers settled() for a job that is over, and rejects when the signal aborts', async () => {
    const { jobs, kind } = house({ run: async () => 1 });
    const waiting = jobs.settled(start(kind).id, AbortSignal.abort(new Error('enough')));
    await expect(waiting).rejects.toThrow('enough');
    const controller = new AbortController();
    const later = jobs.settled(start(kind).id, controller.signal);
    controller.abort(new Error('enough too'));
    await expect(later).rejects.toThrow('enough too');
    await expect(jobs.settled('job_none')).rejects.toThrow('jobs.errors.noJob');
  });
});

describe('starting', () => {
  it('gives the same job for the same key of the same actor', () => {
    const { kind } = house({ run: async () => undefined });
    const first = start(kind, 'a', { idempotencyKey: 'k' });
    expect(start(kind, 'a', { idempotencyKey: 'k' }).id).toBe(first.id);
    expect(start(kind, 'a', { idempotencyKey: 'k', actorId: 'u2' }).id).not.toBe(first.id);
    expect(start(kind).id).not.toBe(first.id);
  });

  it('refuses input that does not fit the schema', () => {
    const { kind } = house({ run: async () => undefined });
    expect(() => start(kind, 7 as unknown as string)).toThrow();
  });

  it('leaves no job when the transaction around it rolls back', async () => {
    const { db, jobs, kind } = house({ run: async () => undefined });
    jobs.run();
    let id = '';
    expect(() =>
      db.transaction(() => {
        id = start(kind).id;
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(jobs.get(id)).toBeUndefined();
    await jobs.settled(start(kind).id);
  });

  it('keeps to the concurrency of a kind, first come, first served', async () => {
    let now = 0;
    let most = 0;
    const order: string[] = [];
    const { jobs, kind } = house({
      run: async (job) => {
        now += 1;
        most = Math.max(most, now);
        order.push(job.input.name);
        await job.step('one', () => new Promise((resolve) => setImmediate(resolve)));
        now -= 1;
      },
    });
    const started = Array.from({ length: 20 }, (_, index) => start(kind, String(index)));
    jobs.run();
    await Promise.all(started.map(({ id }) => jobs.settled(id)));
    expect(most).toBe(2);
    expect(order).toEqual(started.map((_, index) => String(index)));
  });

  it('lists by subject, state and who may see', async () => {
    const { jobs, kind } = house({ run: async () => undefined });
    const mine = start(kind);
    const others = start(kind, 'b', { actorId: 'u2' });
    expect(jobs.list({ subject: { type: 'project', id: 'p1' } }).map(({ id }) => id)).toEqual([
      others.id,
      mine.id,
    ]);
    expect(jobs.list({ visibleTo: { projectIds: [], actorId: 'u1' } }).map(({ id }) => id)).toEqual([
      mine.id,
    ]);
    const visibleTo = { projectIds: [], actorId: 'nobody', kinds: [kind.kind] };
    expect(jobs.list({ visibleTo })).toHaveLength(2);
    expect(jobs.list({ states: ['done'] })).toEqual([]);
    expect(jobs.list({ limit: 1 }).length).toBe(1);
  });
});

describe('a job that fails', () => {
  const failing = async (job: JobContext<Input>) => {
    await job.step('one', () => 1);
    await job.step('two', () => {
      throw new Problem('no_space', 'problems.diskFull', {}, { detail: 'ENOSPC' });
    });
  };

  it('undoes, then says why', async () => {
    const undone: string[] = [];
    const { jobs, kind } = house({
      run: failing,
      undo: async (job) => {
        undone.push(`${jobs.get(job.jobId)?.state}`);
        expect(jobs.get(job.jobId)?.cancellable).toBe(false);
        expect(() => jobs.cancel(job.jobId)).toThrow('jobs.errors.beingUndone');
        await job.step('remove', () => undefined);
      },
    });
    jobs.run();
    const job = await jobs.settled(start(kind).id);
    expect(undone).toEqual(['running']);
    expect(job.state).toBe('failed');
    expect(job.error).toEqual({ code: 'no_space', key: 'problems.diskFull', params: {}, detail: 'ENOSPC' });
    expect(job.steps.map(({ name, state }) => [name, state])).toEqual([
      ['one', 'done'],
      ['two', 'failed'],
      ['undo.remove', 'done'],
    ]);
  });

  it('keeps its reason when the undo fails too, and says both', async () => {
    const { jobs, kind } = house({
      run: failing,
      undo: async () => {
        throw new Problem('unavailable', 'problems.unexpected');
      },
    });
    jobs.run();
    const job = await jobs.settled(start(kind).id);
    expect(job.error?.key).toBe('problems.diskFull');
    expect(job.undoError?.code).toBe('unavailable');
  });

  it('hides what an unknown error says', async () => {
    const { jobs, kind } = house({
      run: async () => {
        throw new Error('password=hunter2');
      },
    });
    jobs.run();
    const job = await jobs.settled(start(kind).id);
    expect(job.error?.key).toBe('problems.unexpected');
    expect(JSON.stringify([job, jobs.log(job.id)])).not.toContain('hunter2');
  });

  it('retries from the failed step without an undo, from the start with one', async () => {
    for (const [undo, expected] of [
      [undefined, ['one', 'two', 'two']],
      [async () => undefined, ['one', 'two', 'one', 'two']],
    ] as const) {
      const calls: string[] = [];
      const { jobs, kind } = house({
        ...(undo ? { undo } : {}),
        run: async (job) => {
          await job.step('one', () => calls.push('one'));
          await job.step('two', () => {
            calls.push('two');
            if (job.attempt === 1) throw new Problem('unavailable', 'problems.unexpected');
          });
        },
      });
      jobs.run();
      const { id } = await jobs.settled(start(kind).id);
      jobs.retry(id);
      const job = await jobs.settled(id);
      expect([job.state, job.attempt, job.error]).toEqual(['done', 2, undefined]);
      expect(calls).toEqual(expected);
      expect(() => jobs.retry(id)).toThrow('jobs.errors.notRetryable');
    }
  });
});

describe('cancelling', () => {
  it('stops a step by its signal, undoes, and is cancelled', async () => {
    const undone: string[] = [];
    const { jobs, kind } = house({
      run: (job) => job.step('one', ({ signal }) => untilStopped(signal)),
      undo: async (job) => {
        expect(job.signal.aborted).toBe(false);
        undone.push(String(jobs.get(job.jobId)?.state));
      },
    });
    jobs.run();
    const { id } = start(kind);
    await running(jobs, id, 'one');
    expect(jobs.cancel(id).state).toBe('cancelling');
    expect(jobs.cancel(id).state).toBe('cancelling');
    const job = await jobs.settled(id);
    expect([job.state, job.error]).toEqual(['cancelled', undefined]);
    expect(undone).toEqual(['cancelling']);
    expect(() => jobs.cancel(id)).toThrow('jobs.errors.alreadyOver');
  });

  it('takes a queued job out at once', async () => {
    const { jobs, kind } = house({ run: async () => undefined });
    const { id } = start(kind);
    expect(jobs.cancel(id).state).toBe('cancelled');
    jobs.run();
    expect((await jobs.settled(id)).startedAt).toBeUndefined();
  });

  it('undoes a queued job, for its start may have left something, although the kind is busy', async () => {
    const undone: string[] = [];
    const { jobs, kind } = house({
      concurrency: 1,
      run: (job) => job.step('one', ({ signal }) => untilStopped(signal)),
      undo: async (job) => {
        undone.push(job.input.name);
      },
    });
    jobs.run();
    const busy = start(kind, 'busy');
    await running(jobs, busy.id, 'one');
    const queued = start(kind, 'queued');
    jobs.cancel(queued.id);
    expect((await jobs.settled(queued.id)).state).toBe('cancelled');
    expect(undone).toEqual(['queued']);
    expect(jobs.get(busy.id)?.state).toBe('running');
    await jobs.stop();
  });

  it('undoes work that ended before it heard of the cancel', async () => {
    let undone = 0;
    const { jobs, kind } = house({
      run: async (job) => {
        jobs.cancel(job.jobId);
      },
      undo: async () => {
        undone += 1;
      },
    });
    jobs.run();
    expect((await jobs.settled(start(kind).id)).state).toBe('cancelled');
    expect(undone).toBe(1);
  });

  it('says so when the undo fails', async () => {
    const { jobs, kind } = house({
      run: (job) => job.step('one', ({ signal }) => untilStopped(signal)),
      undo: async () => {
        throw new Problem('unavailable', 'problems.unexpected');
      },
    });
    jobs.run();
    const { id } = start(kind);
    await running(jobs, id, 'one');
    jobs.cancel(id);
    const job = await jobs.settled(id);
    expect([job.state, job.error?.key]).toEqual(['failed', 'jobs.errors.undoFailed']);
    expect(job.undoError?.code).toBe('unavailable');
  });

  it('refuses for a kind that cannot be cancelled', () => {
    const { jobs, kind } = house({ cancellable: false, run: async () => undefined });
    const { id } = start(kind);
    expect(() => jobs.cancel(id)).toThrow('jobs.errors.notCancellable');
  });
});
