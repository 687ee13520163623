import { and, asc, desc, eq, inArray, isNull, lt, ne, or, sql, type SQL } from 'drizzle-orm';
import type { Db } from '../db/database';
import { newId } from '../db/id';
import type { ProblemReport } from '../problem';
import type { Job, JobFilter, JobState, JobStep, StartJob } from './job';
import { jobs, jobSteps } from './tables';

export type JobRow = typeof jobs.$inferSelect;
export type StepRow = typeof jobSteps.$inferSelect;
export type JobChange = Partial<typeof jobs.$inferInsert>;

/** States in which there is still work to do. */
export const activeStates = ['queued', 'running', 'cancelling'] as const satisfies readonly JobState[];

/** Steps of a clean-up are stored beside those of the run, under this prefix. */
export const undoPrefix = 'undo.';

// Order of insertion, where two rows are of the same millisecond.
const rowid = sql.raw('rowid');

/** What is stored of a kind when one of its jobs starts. */
export interface KindFacts {
  kind: string;
  steps: readonly string[];
  cancellable: boolean;
}

/**
 * Stores a queued job, or finds the one that the same idempotency key made.
 *
 * @param input already checked against the kind's schema
 * @param now milliseconds since 1970
 */
export function insertJob(db: Db, facts: KindFacts, request: StartJob<unknown>, now: number): JobRow {
  return db.transaction((tx) => {
    const actorId = request.actorId ?? '';
    if (request.idempotencyKey !== undefined) {
      const same = tx
        .select()
        .from(jobs)
        .where(
          and(
            eq(jobs.kind, facts.kind),
            eq(jobs.actorId, actorId),
            eq(jobs.idempotencyKey, request.idempotencyKey),
          ),
        )
        .get();
      if (same) return same;
    }
    const row = tx
      .insert(jobs)
      .values({
        id: newId('job', now),
        kind: facts.kind,
        subjectType: request.subject.type,
        subjectId: request.subject.id,
        projectId: request.projectId,
        actorId,
        parentId: request.parentId,
        idempotencyKey: request.idempotencyKey,
        state: 'queued',
        input: JSON.stringify(request.input ?? null),
        cancellable: facts.cancellable,
        createdAt: now,
        queuedAt: now,
      })
      .returning()
      .get();
    for (const [position, name] of facts.steps.entries()) {
      tx.insert(jobSteps).values({ jobId: row.id, name, position, state: 'waiting' }).run();
    }
    return row;
  });
}

/** @returns undefined when there is no such job */
export function findJob(db: Db, id: string): JobRow | undefined {
  return db.select().from(jobs).where(eq(jobs.id, id)).get();
}

/** A job's steps in order. */
export function stepsOf(db: Db, jobId: string): StepRow[] {
  return db
    .select()
    .from(jobSteps)
    .where(eq(jobSteps.jobId, jobId))
    .orderBy(asc(jobSteps.position), asc(rowid))
    .all();
}

/** Jobs that pass the filter, newest first. An empty list of projects or states passes none. */
export function listJobs(db: Db, filter: JobFilter): Job[] {
  const conditions: (SQL | undefined)[] = [];
  if (filter.subject) {
    conditions.push(eq(jobs.subjectType, filter.subject.type), eq(jobs.subjectId, filter.subject.id));
  }
  if (filter.kind !== undefined) conditions.push(eq(jobs.kind, filter.kind));
  if (filter.states) conditions.push(inArray(jobs.state, [...filter.states]));
  if (filter.projectIds) conditions.push(inArray(jobs.projectId, [...filter.projectIds]));
  if (filter.actorId !== undefined) conditions.push(eq(jobs.actorId, filter.actorId));
  if (filter.visibleTo) {
    const { projectIds, actorId, kinds = [] } = filter.visibleTo;
    const seen = [inArray(jobs.projectId, [...projectIds]), eq(jobs.actorId, actorId)];
    conditions.push(or(...seen, inArray(jobs.kind, [...kinds])));
  }
  const rows = db
    .select()
    .from(jobs)
    .where(and(...conditions))
    .orderBy(desc(jobs.createdAt), desc(rowid))
    .limit(filter.limit ?? 100)
    .all();
  return rows.map((row) => toJob(row, stepsOf(db, row.id)));
}

/**
 * Takes the next job of a kind for an engine, in one statement, so that no other can take it too. What a crash
 * interrupted comes before what has not begun, then first come, first served.
 *
 * @returns undefined when none waits
 */
export function claimNext(db: Db, kind: string, owner: string, now: number): JobRow | undefined {
  const next = sql`(select id from ${jobs} where owner is null and kind = ${kind}
    and state in ('queued', 'running') order by started_at is null, queued_at, rowid limit 1)`;
  return db
    .update(jobs)
    .set({
      owner,
      state: 'running',
      startedAt: sql`coalesce(started_at, ${now})`,
      heartbeatAt: now,
    })
    .where(eq(jobs.id, next))
    .returning()
    .get();
}

/** Takes the next job of a kind whose cancel nobody works on. @returns undefined when there is none */
export function claimCancelled(db: Db, kind: string, owner: string, now: number): JobRow | undefined {
  const next = sql`(select id from ${jobs} where owner is null and kind = ${kind}
    and state = 'cancelling' order by queued_at, rowid limit 1)`;
  return db
    .update(jobs)
    .set({ owner, phase: 'undo', heartbeatAt: now })
    .where(eq(jobs.id, next))
    .returning()
    .get();
}

/** Frees what earlier engines on this database owned: they are dead, for one process holds the data folder. */
export function freeOthers(db: Db, owner: string): void {
  db.update(jobs)
    .set({ owner: null })
    .where(and(inArray(jobs.state, [...activeStates]), ne(jobs.owner, owner)))
    .run();
}

/** Active jobs that no kind of this engine could run. */
export function orphans(db: Db, kinds: readonly string[]): JobRow[] {
  return db
    .select()
    .from(jobs)
    .where(and(inArray(jobs.state, [...activeStates]), sql`kind not in ${kinds.length ? [...kinds] : ['']}`))
    .all();
}

/**
 * Changes a job as its owner.
 *
 * @param owner the engine that claimed it; null for a job that nobody runs
 * @returns false when somebody else owns it by now: nothing was changed, and the run must end
 */
export function changeOwned(db: Db, id: string, owner: string | null, change: JobChange): boolean {
  const fence = owner === null ? isNull(jobs.owner) : eq(jobs.owner, owner);
  return (
    db
      .update(jobs)
      .set(change)
      .where(and(eq(jobs.id, id), fence))
      .run().changes === 1
  );
}

/** Puts a job that is over at the end of the queue. `keepSteps`: finished steps keep their results. */
export function requeue(db: Db, id: string, keepSteps: boolean, now: number): JobRow | undefined {
  return db.transaction((tx) => {
    tx.delete(jobSteps)
      .where(and(eq(jobSteps.jobId, id), sql`name like ${`${undoPrefix}%`}`))
      .run();
    tx.update(jobSteps)
      .set({ state: 'waiting', progress: null, result: null, startedAt: null, endedAt: null })
      .where(and(eq(jobSteps.jobId, id), keepSteps ? ne(jobSteps.state, 'done') : undefined))
      .run();
    return tx
      .update(jobs)
      .set({
        state: 'queued',
        phase: 'run',
        attempt: sql`attempt + 1`,
        error: null,
        undoError: null,
        result: null,
        message: null,
        queuedAt: now,
        startedAt: null,
        endedAt: null,
        heartbeatAt: null,
      })
      .where(eq(jobs.id, id))
      .returning()
      .get();
  });
}

/** Forgets jobs that were over before a time. @returns how many */
export function prune(db: Db, before: number): number {
  return db
    .delete(jobs)
    .where(and(inArray(jobs.state, ['done', 'failed', 'cancelled']), lt(jobs.endedAt, before)))
    .run().changes;
}

/** The job as the rooms and the API see it. */
export function toJob(row: JobRow, steps: StepRow[]): Job {
  const orUndefined = <T>(value: T | null): T | undefined => value ?? undefined;
  return {
    id: row.id,
    kind: row.kind,
    subject: { type: row.subjectType, id: row.subjectId },
    projectId: orUndefined(row.projectId),
    actorId: row.actorId === '' ? undefined : row.actorId,
    parentId: orUndefined(row.parentId),
    state: row.state,
    steps: steps.map(toStep),
    attempt: row.attempt,
    message: orUndefined(row.message),
    error: orUndefined<ProblemReport>(row.error),
    undoError: orUndefined<ProblemReport>(row.undoError),
    result: row.result === null ? undefined : (JSON.parse(row.result) as unknown),
    cancellable: isCancellable(row),
    createdAt: row.createdAt,
    startedAt: orUndefined(row.startedAt),
    endedAt: orUndefined(row.endedAt),
    heartbeatAt: orUndefined(row.heartbeatAt),
  };
}

/** Whether a cancel would be taken now. */
export function isCancellable(row: JobRow): boolean {
  return row.cancellable && row.phase === 'run' && (row.state === 'queued' || row.state === 'running');
}

function toStep(row: StepRow): JobStep {
  return {
    name: row.name,
    state: row.state,
    progress: row.progress ?? undefined,
    startedAt: row.startedAt ?? undefined,
    endedAt: row.endedAt ?? undefined,
  };
}
