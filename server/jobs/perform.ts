import { and, eq } from 'drizzle-orm';
import { asProblem, Problem, type ProblemReport } from '../problem';
import type { JobContext } from './job';
import { findJob, type JobChange, type JobRow, type KindFacts } from './job-rows';
import { JobRun, RunStopped, toJson, type RunParts } from './job-run';
import { jobSteps } from './tables';

/** A kind, with its input's type behind the schema. */
export interface Runnable extends KindFacts {
  concurrency: number;
  /** Whether a retry goes on from the step that failed. */
  keepSteps: boolean;
  run(job: JobContext<unknown>): Promise<unknown>;
  undo: ((job: JobContext<unknown>) => Promise<void>) | undefined;
}

/** A job that this process runs now. */
export interface Performance {
  kind: string;
  /** Its run, or later its clean-up; replaced in between. */
  current: JobRun;
  ended: Promise<void>;
}

export interface PerformParts extends RunParts {
  /** Whether the server stops: then nothing new begins. */
  stopping(): boolean;
}

/**
 * Runs a claimed job: its work, and after a failure or a cancel its clean-up.
 *
 * @returns `ended` resolves when the job is over, or when its rest is left to the next start
 */
export function perform(kind: Runnable, row: JobRow, parts: PerformParts): Performance {
  const performance: Performance = {
    kind: kind.kind,
    current: new JobRun(row, parts),
    ended: Promise.resolve(),
  };
  performance.ended = begin(kind, performance, parts)
    .catch((error: unknown) => {
      // Lost to another engine: it is no longer ours to write about.
      if (!(error instanceof RunStopped)) parts.trouble(error, row);
    })
    .finally(() => performance.current.close());
  return performance;
}

async function begin(kind: Runnable, performance: Performance, parts: PerformParts): Promise<void> {
  // Not before the engine knows of it: work may cancel its own job.
  await Promise.resolve();
  await (performance.current.row.phase === 'undo' ? cleanUp : work)(kind, performance, parts);
}

async function work(kind: Runnable, performance: Performance, parts: PerformParts): Promise<void> {
  const run = performance.current;
  let outcome: { result?: unknown; failure?: ProblemReport };
  try {
    outcome = { result: await kind.run(run.context()) };
  } catch (error) {
    if (run.stopped === 'lost') throw error;
    if (run.stopped === 'server') {
      release(run);
      return;
    }
    outcome = run.stopped === undefined ? { failure: explain(error, run, parts) } : {};
  }
  const { failure } = outcome;
  // Finished before it heard of the cancel: with an undo the wish still holds, without one it is simply done.
  if ('result' in outcome && (run.stopped !== 'cancel' || !kind.undo)) {
    finish(run, parts, { state: 'done', result: toJson(outcome.result) });
    return;
  }
  if (!kind.undo) {
    finish(run, parts, failure ? { state: 'failed', error: failure } : { state: 'cancelled' });
    return;
  }
  run.flush();
  run.write({ phase: 'undo', error: failure ?? null, message: null });
  run.close();
  const row = findJob(parts.db, run.row.id);
  if (!row) return;
  performance.current = new JobRun(row, parts);
  parts.changed(row);
  if (parts.stopping()) release(performance.current);
  else await cleanUp(kind, performance, parts);
}

async function cleanUp(kind: Runnable, performance: Performance, parts: PerformParts): Promise<void> {
  const run = performance.current;
  const cancelled = run.row.state === 'cancelling';
  try {
    await kind.undo?.(run.context());
  } catch (error) {
    if (run.stopped === 'lost') throw error;
    if (run.stopped === 'server') {
      release(run);
      return;
    }
    const undoError = explain(error, run, parts);
    const unclean = new Problem('failed', 'jobs.errors.undoFailed').report();
    finish(run, parts, { state: 'failed', undoError, error: run.row.error ?? unclean });
    return;
  }
  finish(run, parts, { state: cancelled ? 'cancelled' : 'failed' });
}

/** Writes the job's end, in one transaction with what is still buffered. */
function finish(run: JobRun, parts: PerformParts, change: JobChange): void {
  parts.db.transaction((tx) => {
    run.flush();
    if (change.state === 'done') {
      tx.update(jobSteps)
        .set({ state: 'skipped' })
        .where(and(eq(jobSteps.jobId, run.row.id), eq(jobSteps.state, 'waiting')))
        .run();
    }
    run.write({ ...change, owner: null, message: null, endedAt: parts.now() });
  });
}

/** Leaves the job to the next start. */
function release(run: JobRun): void {
  run.flush();
  run.write({ owner: null });
}

/** The report of an error; the error itself goes to the process log, its key to the job's. */
function explain(error: unknown, run: JobRun, parts: PerformParts): ProblemReport {
  const problem = asProblem(error);
  const report = problem.report();
  if (problem.code === 'failed') parts.trouble(error, run.row);
  run.log({ key: report.key, params: report.params, detail: report.detail });
  return report;
}
