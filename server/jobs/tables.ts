import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { ProblemReport } from '../problem';
import type { JobState, Progress, Said, StepState, Subject } from './job';

export const jobs = sqliteTable(
  'jobs',
  {
    id: text('id').primaryKey(),
    kind: text('kind').notNull(),
    subjectType: text('subject_type').$type<Subject['type']>().notNull(),
    subjectId: text('subject_id').notNull(),
    projectId: text('project_id'),
    /** '' for work of the server itself: SQLite would hold two NULLs apart in the unique index. */
    actorId: text('actor_id').notNull(),
    parentId: text('parent_id'),
    idempotencyKey: text('idempotency_key'),
    state: text('state').$type<JobState>().notNull(),
    /** `undo` from the moment a failure or a cancel is being cleaned up: a restart goes on there. */
    phase: text('phase').$type<'run' | 'undo'>().notNull().default('run'),
    attempt: integer('attempt').notNull().default(1),
    /** The engine that runs it now; null while it waits. Every write of a run is fenced by it. */
    owner: text('owner'),
    /** JSON, as are the two below. */
    input: text('input').notNull(),
    result: text('result'),
    error: text('error', { mode: 'json' }).$type<ProblemReport>(),
    undoError: text('undo_error', { mode: 'json' }).$type<ProblemReport>(),
    message: text('message', { mode: 'json' }).$type<string | Said>(),
    cancellable: integer('cancellable', { mode: 'boolean' }).notNull(),
    logDropped: integer('log_dropped').notNull().default(0),
    createdAt: integer('created_at').notNull(),
    /** Its place in the queue: a retry goes to the end. */
    queuedAt: integer('queued_at').notNull(),
    startedAt: integer('started_at'),
    endedAt: integer('ended_at'),
    heartbeatAt: integer('heartbeat_at'),
  },
  (table) => [
    uniqueIndex('jobs_idempotency').on(table.kind, table.actorId, table.idempotencyKey),
    index('jobs_queue').on(table.state, table.kind),
    index('jobs_subject').on(table.subjectType, table.subjectId),
    index('jobs_project').on(table.projectId),
    index('jobs_actor').on(table.actorId),
  ],
);

export const jobSteps = sqliteTable(
  'job_steps',
  {
    jobId: text('job_id')
      .notNull()
      .references(() => jobs.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    position: integer('position').notNull(),
    state: text('state').$type<StepState>().notNull(),
    progress: text('progress', { mode: 'json' }).$type<Progress>(),
    /** JSON of what the step returned; null too when it returned nothing. */
    result: text('result'),
    startedAt: integer('started_at'),
    endedAt: integer('ended_at'),
  },
  (table) => [primaryKey({ columns: [table.jobId, table.name] })],
);

export const jobLog = sqliteTable(
  'job_log',
  {
    seq: integer('seq').primaryKey({ autoIncrement: true }),
    jobId: text('job_id')
      .notNull()
      .references(() => jobs.id, { onDelete: 'cascade' }),
    at: integer('at').notNull(),
    line: text('line', { mode: 'json' }).$type<string | Said>().notNull(),
  },
  (table) => [index('job_log_job').on(table.jobId, table.seq)],
);
