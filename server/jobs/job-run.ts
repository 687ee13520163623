import { and, eq, sql } from 'drizzle-orm';
import type { Db } from '../db/database';
import type { JobContext, Progress, Said, StepContext } from './job';
import { appendLog, logLine } from './job-log';
import { changeOwned, undoPrefix, type JobChange, type JobRow, type StepRow } from './job-rows';
import { jobSteps } from './tables';

/** Least time between two writes of a run's progress, in milliseconds: at most four a second. */
const writeEvery = 250;

/** Why a run was stopped; the reason of its AbortSignal. */
export class RunStopped extends Error {
  /** `server`: the next start resumes it; `cancel`: somebody asked; `lost`: another engine owns it by now. */
  readonly why: 'server' | 'cancel' | 'lost';

  constructor(why: RunStopped['why']) {
    super(`The run was stopped: ${why}`);
    // Tools that take an AbortSignal test for this name.
    this.name = 'AbortError';
    this.why = why;
  }
}

export interface RunParts {
  db: Db;
  owner: string;
  now(): number;
  /** Called after a write that a page may want to see. */
  changed(row: JobRow): void;
  /** Called when a write between two steps failed. */
  trouble(error: unknown, row: JobRow): void;
}

/** One run, or one clean-up, of a claimed job: its context, its steps, its buffered progress and log. */
export class JobRun {
  readonly row: JobRow;
  private readonly controller = new AbortController();
  private readonly parts: RunParts;
  private readonly undoing: boolean;
  private readonly lines: { at: number; line: string | Said }[] = [];
  private readonly progressOf = new Map<string, Progress>();
  private words: string | Said | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(row: JobRow, parts: RunParts) {
    this.row = row;
    this.parts = parts;
    this.undoing = row.phase === 'undo';
  }

  /** Asks the run to end. */
  stop(why: RunStopped['why']): void {
    this.controller.abort(new RunStopped(why));
  }

  /** Why the run was asked to end; undefined while nobody did. */
  get stopped(): RunStopped['why'] | undefined {
    const reason: unknown = this.controller.signal.reason;
    return reason instanceof RunStopped ? reason.why : undefined;
  }

  /** What the job's function gets. */
  context(): JobContext<unknown> {
    return {
      jobId: this.row.id,
      attempt: this.row.attempt,
      actorId: this.row.actorId === '' ? undefined : this.row.actorId,
      subject: { type: this.row.subjectType, id: this.row.subjectId },
      input: JSON.parse(this.row.input) as unknown,
      signal: this.controller.signal,
      step: (name, run) => this.step(this.undoing ? undoPrefix + name : name, run),
      log: (line) => this.log(line),
    };
  }

  /** Writes to the job's row. @throws RunStopped `lost` when another engine owns it by now */
  write(change: JobChange): void {
    const alive = changeOwned(this.parts.db, this.row.id, this.parts.owner, {
      heartbeatAt: this.parts.now(),
      ...change,
    });
    if (!alive) {
      const lost = new RunStopped('lost');
      this.controller.abort(lost);
      throw lost;
    }
  }

  /** A line for the job's log. */
  log(line: string | Said): void {
    this.lines.push(logLine(this.parts.now(), line));
    this.writeSoon();
  }

  /** Writes what is buffered. @throws RunStopped `lost` */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { db } = this.parts;
    db.transaction(() => {
      this.write(this.words === undefined ? {} : { message: this.words });
      appendLog(db, this.row.id, this.lines);
      for (const [name, progress] of this.progressOf) this.writeStep(name, { progress });
    });
    this.lines.length = 0;
    this.progressOf.clear();
    this.words = undefined;
    this.parts.changed(this.row);
  }

  /** Drops the timer of a write to come. */
  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private async step<Result>(
    name: string,
    run: (step: StepContext) => Promise<Result> | Result,
  ): Promise<Result> {
    const earlier = this.findStep(name);
    if (earlier?.state === 'done') return restored(earlier.result) as Result;
    this.controller.signal.throwIfAborted();
    this.beginStep(name, earlier);
    try {
      const result = await run(this.stepContext(name));
      const text = toJson(result);
      this.endStep(name, { state: 'done', result: text });
      return restored(text) as Result;
    } catch (error) {
      // Stopped with the server, it stays `running`, for that is what the next start finds and goes on with.
      if (this.stopped === undefined) this.endStep(name, { state: 'failed' });
      if (this.stopped === 'cancel') this.endStep(name, { state: 'skipped' });
      throw error;
    }
  }

  private stepContext(name: string): StepContext {
    return {
      signal: this.controller.signal,
      progress: (progress) => {
        this.progressOf.set(name, progress);
        this.writeSoon();
      },
      log: (line) => this.log(line),
      message: (text) => {
        this.words = text;
        this.writeSoon();
      },
    };
  }

  private beginStep(name: string, earlier: StepRow | undefined): void {
    const startedAt = this.parts.now();
    this.flushWith(() => {
      if (earlier) {
        this.writeStep(name, { state: 'running', startedAt: earlier.startedAt ?? startedAt, endedAt: null });
      } else {
        const position = sql<number>`(select coalesce(max(position), -1) + 1 from job_steps where job_id = ${this.row.id})`;
        this.parts.db
          .insert(jobSteps)
          .values({ jobId: this.row.id, name, position, state: 'running', startedAt })
          .run();
      }
      this.write({ message: null });
    });
  }

  private endStep(name: string, change: Pick<StepRow, 'state'> & Partial<StepRow>): void {
    this.flushWith(() => this.writeStep(name, { ...change, endedAt: this.parts.now() }));
  }

  /** Writes what is buffered and a change, or neither. */
  private flushWith(change: () => void): void {
    this.parts.db.transaction(() => {
      this.flush();
      change();
    });
  }

  private writeSoon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      try {
        this.flush();
      } catch (error) {
        // Lost: the signal is aborted by now, and the run ends by it. Otherwise what is buffered goes with the next write.
        if (!(error instanceof RunStopped)) this.parts.trouble(error, this.row);
      }
    }, writeEvery);
  }

  private findStep(name: string): StepRow | undefined {
    return this.parts.db
      .select()
      .from(jobSteps)
      .where(and(eq(jobSteps.jobId, this.row.id), eq(jobSteps.name, name)))
      .get();
  }

  private writeStep(name: string, change: Partial<StepRow>): void {
    this.parts.db
      .update(jobSteps)
      .set(change)
      .where(and(eq(jobSteps.jobId, this.row.id), eq(jobSteps.name, name)))
      .run();
  }
}

/** A result as it comes out of the database: the same in the run that made it and in one that resumes. */
function restored(text: string | null): unknown {
  return text === null ? undefined : JSON.parse(text);
}

/** A result as it is stored; null for none. */
export function toJson(result: unknown): string | null {
  return result === undefined ? null : JSON.stringify(result);
}
