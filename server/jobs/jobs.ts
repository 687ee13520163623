/**
 * The durable job engine. Jobs are rows; this process claims them, runs their steps and writes each result. A crash
 * loses at most the step it hit and a quarter second of log.
 *
 * One process holds a data folder, so what another engine's id owns at start is left over from a dead one and is taken
 * up again. Every write of a run is fenced by the owner all the same: should two engines meet, the one that lost a job
 * cannot write to it, and its run ends.
 *
 * A step that starts a child process which may outlive a crash must be able to find it again: store its pid with its
 * start time (or a mark in its arguments) where the step looks first, and end it or go on with it.
 */
import type { Db } from '../db/database';
import { newId } from '../db/id';
import type { Log } from '../log';
import { Problem } from '../problem';
import type { Audience, Events } from './events';
import {
  keepFor,
  operationsKinds,
  type Job,
  type JobContext,
  type JobDefinition,
  type JobKind,
  type Jobs,
  type StartJob,
} from './job';
import { readLog } from './job-log';
import * as rows from './job-rows';
import { RunStopped } from './job-run';
import { perform, type Performance, type Runnable } from './perform';

const day = 24 * 60 * 60 * 1000;
/** How long a stopping server waits for runs that do not heed their signal. The next start resumes them. */
const stopWithin = 15_000;
/** How long to wait before a job whose end could not be written is taken up again. */
const againAfter = 5_000;

export interface JobsParts {
  db: Db;
  events: Events;
  log: Log;
  /** Milliseconds since 1970. */
  clock?: () => number;
}

/**
 * Opens the engine on a database. Nothing runs before `run()`.
 *
 * @param parts `log` gets the original errors of failed jobs; `clock` is for tests
 */
export function openJobs(parts: JobsParts): Jobs {
  return new Engine(parts);
}

class Engine implements Jobs {
  private readonly db: Db;
  private readonly parts: JobsParts;
  private readonly owner = newId('engine');
  private readonly now: () => number;
  private readonly kinds = new Map<string, Runnable>();
  private readonly performances = new Map<string, Performance>();
  private readonly waiters = new Map<string, Set<(job: Job | undefined) => void>>();
  private state: 'idle' | 'open' | 'stopped' = 'idle';
  private pruneTimer: NodeJS.Timeout | undefined;

  constructor(parts: JobsParts) {
    this.parts = parts;
    this.db = parts.db;
    this.now = parts.clock ?? Date.now;
  }

  define<Input, Result>(definition: JobDefinition<Input, Result>): JobKind<Input> {
    const { kind, input } = definition;
    const undo = definition.undo?.bind(definition);
    if (this.kinds.has(kind)) throw new Error(`Job kind ${kind} is defined twice`);
    const typed = (job: JobContext<unknown>) => ({ ...job, input: input.parse(job.input) });
    this.kinds.set(kind, {
      kind,
      steps: definition.steps,
      cancellable: definition.cancellable,
      concurrency: definition.concurrency,
      keepSteps: (definition.retry ?? (undo ? 'start' : 'step')) === 'step',
      run: (job) => definition.run(typed(job)),
      undo: undo && ((job) => undo(typed(job))),
    });
    return {
      kind,
      start: (request: StartJob<Input>) => {
        const facts = { kind, steps: definition.steps, cancellable: definition.cancellable };
        const row = rows.insertJob(
          this.db,
          facts,
          { ...request, input: input.parse(request.input) },
          this.now(),
        );
        this.changed(row);
        return this.view(row);
      },
    };
  }

  get(id: string): Job | undefined {
    const row = rows.findJob(this.db, id);
    return row && this.view(row);
  }

  list(filter: Parameters<Jobs['list']>[0]): Job[] {
    return rows.listJobs(this.db, filter);
  }

  log(id: string, after?: number) {
    return readLog(this.db, id, after);
  }

  cancel(id: string): Job {
    const row = this.require(id);
    if (row.state === 'cancelling') return this.view(row);
    if (row.endedAt !== null) throw new Problem('conflict', 'jobs.errors.alreadyOver');
    if (row.phase === 'undo') throw new Problem('conflict', 'jobs.errors.beingUndone');
    if (!row.cancellable) throw new Problem('conflict', 'jobs.errors.notCancellable');
    const nothingToUndo = row.state === 'queued' && this.kinds.get(row.kind)?.undo === undefined;
    rows.changeOwned(
      this.db,
      id,
      row.owner,
      nothingToUndo
        ? { state: 'cancelled', endedAt: this.now() }
        : { state: 'cancelling', phase: row.owner === null ? 'undo' : row.phase },
    );
    this.performances.get(id)?.current.stop('cancel');
    this.changed(row);
    if (nothingToUndo) this.tellWaiters(id);
    return this.view(this.require(id));
  }

  retry(id: string): Job {
    const row = this.require(id);
    if (row.state !== 'failed' && row.state !== 'cancelled') {
      throw new Problem('conflict', 'jobs.errors.notRetryable');
    }
    const kind = this.kinds.get(row.kind);
    if (!kind) throw new Problem('conflict', 'jobs.errors.unknownKind', { kind: row.kind });
    const again = rows.requeue(this.db, id, kind.keepSteps, this.now()) ?? row;
    this.changed(again);
    return this.view(again);
  }

  settled(id: string, signal?: AbortSignal): Promise<Job> {
    return new Promise((resolve, reject) => {
      const row = this.require(id);
      if (row.endedAt !== null) {
        resolve(this.view(row));
        return;
      }
      signal?.throwIfAborted();
      const waiters = this.waiters.get(id) ?? new Set();
      this.waiters.set(id, waiters);
      const leave = () => {
        waiters.delete(over);
        signal?.removeEventListener('abort', aborted);
      };
      const over = (job: Job | undefined) => {
        leave();
        if (job) resolve(job);
        else reject(new RunStopped('server'));
      };
      const aborted = () => {
        leave();
        reject(signal?.reason as Error);
      };
      waiters.add(over);
      signal?.addEventListener('abort', aborted);
    });
  }

  run(): void {
    if (this.state !== 'idle') return;
    this.state = 'open';
    rows.freeOthers(this.db, this.owner);
    for (const row of rows.orphans(this.db, [...this.kinds.keys()])) {
      const error = new Problem('failed', 'jobs.errors.unknownKind', { kind: row.kind }).report();
      rows.changeOwned(this.db, row.id, null, { state: 'failed', error, endedAt: this.now() });
    }
    const prune = () => rows.prune(this.db, this.now() - keepFor);
    prune();
    this.pruneTimer = setInterval(prune, day);
    this.pruneTimer.unref();
    this.dispatch();
  }

  async stop(): Promise<void> {
    this.state = 'stopped';
    clearInterval(this.pruneTimer);
    const running = [...this.performances.values()];
    for (const { current } of running) current.stop('server');
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      Promise.all(running.map(({ ended }) => ended)),
      new Promise<void>((resolve) => {
        timer = setTimeout(resolve, stopWithin);
      }),
    ]);
    clearTimeout(timer);
    for (const waiters of this.waiters.values()) for (const waiter of waiters) waiter(undefined);
    this.waiters.clear();
  }

  /** Takes as many jobs as the kinds allow. What is being cancelled is cleaned up at once, beyond that number. */
  private dispatch(): void {
    if (this.state !== 'open') return;
    for (const kind of this.kinds.values()) {
      for (;;) {
        const cancelled = rows.claimCancelled(this.db, kind.kind, this.owner, this.now());
        if (!cancelled) break;
        this.launch(kind, cancelled);
      }
      let busy = [...this.performances.values()].filter((running) => running.kind === kind.kind).length;
      for (; busy < kind.concurrency; busy += 1) {
        const row = rows.claimNext(this.db, kind.kind, this.owner, this.now());
        if (!row) break;
        this.launch(kind, row);
      }
    }
  }

  private launch(kind: Runnable, row: rows.JobRow): void {
    const performance = perform(kind, row, {
      db: this.db,
      owner: this.owner,
      now: this.now,
      stopping: () => this.state === 'stopped',
      changed: (job) => this.publish(job),
      trouble: (error, job) => this.trouble(error, job),
    });
    this.performances.set(row.id, performance);
    this.publish(row);
    void this.seeOff(row, performance);
  }

  private async seeOff(row: rows.JobRow, performance: Performance): Promise<void> {
    await performance.ended;
    this.performances.delete(row.id);
    this.changed(row);
    this.takeUpAgain(row);
    this.tellWaiters(row.id);
  }

  /**
   * A job whose end could not be written (the disk is full, say) still looks as if it ran: it is freed after a while,
   * and goes on from the step it was in.
   */
  private takeUpAgain(row: rows.JobRow): void {
    if (this.state !== 'open' || rows.findJob(this.db, row.id)?.owner !== this.owner) return;
    setTimeout(() => {
      if (this.state !== 'open' || this.performances.has(row.id)) return;
      try {
        rows.changeOwned(this.db, row.id, this.owner, { owner: null });
        this.dispatch();
      } catch (error) {
        this.trouble(error, row);
        this.takeUpAgain(row);
      }
    }, againAfter).unref();
  }

  /** Tells pages, and looks whether something can run: both after the caller's transaction, if there is one. */
  private changed(row: rows.JobRow): void {
    setImmediate(() => {
      this.publish(row);
      this.dispatch();
    });
  }

  private publish(row: rows.JobRow): void {
    this.parts.events.publish({ topic: 'job', id: row.id, audience: audienceOf(row) });
  }

  private tellWaiters(id: string): void {
    const waiters = this.waiters.get(id);
    if (!waiters) return;
    const job = this.get(id);
    if (job?.endedAt === undefined) return;
    this.waiters.delete(id);
    for (const waiter of waiters) waiter(job);
  }

  private trouble(err: unknown, { id, kind, phase }: rows.JobRow): void {
    this.parts.log.error({ err, jobId: id, kind, phase }, 'trouble in a job');
  }

  private require(id: string): rows.JobRow {
    const row = rows.findJob(this.db, id);
    if (!row) throw new Problem('not_found', 'jobs.errors.noJob');
    return row;
  }

  private view(row: rows.JobRow): Job {
    return rows.toJob(row, rows.stepsOf(this.db, row.id));
  }
}

/** Who hears of a job: those of its project, else who started it, else administrators; of operations' all who see them. */
function audienceOf(row: rows.JobRow): Audience {
  if (operationsKinds.includes(row.kind)) return { role: 'developer' };
  if (row.projectId !== null) return { projectId: row.projectId };
  return row.actorId === '' ? { role: 'admin' } : { userId: row.actorId };
}
