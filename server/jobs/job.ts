/**
 * The contract between the job engine and the rooms. A job is a row: what it does, for what, who asked, how far it
 * is. Steps are resumable: a finished step's result is stored, and after a crash the job goes on from the step it was
 * in, whose function first looks at what already happened.
 */
import type { z } from 'zod';
import type { ProblemReport } from '../problem';

/** How long jobs that are over are kept, and what rooms keep of them; milliseconds. */
export const keepFor = 90 * 24 * 60 * 60 * 1000;

export const jobStates = ['queued', 'running', 'cancelling', 'done', 'failed', 'cancelled'] as const;
export type JobState = (typeof jobStates)[number];

export type StepState = 'waiting' | 'running' | 'done' | 'failed' | 'skipped';

/** What a job is about; pages find a thing's jobs by it. */
export interface Subject {
  type:
    | 'project'
    | 'vm'
    | 'image'
    | 'registry'
    | 'package'
    | 'release'
    | 'site'
    | 'tool'
    | 'deployment'
    | 'store'
    | 'syncedRelease';
  id: string;
}

/** How far a step is, in bytes or in percent; neither while it cannot be measured. */
export interface Progress {
  done: number;
  total: number;
  unit: 'bytes' | 'percent';
}

/** Words of our own in the reader's language, and the foreign words that go with them. */
export interface Said {
  /** Full message key, for example `sites.events.uploadingImage`. */
  key: string;
  params: Record<string, string | number>;
  detail?: string | undefined;
}

export interface JobStep {
  /** Message key suffix: `jobs.steps.<kind>.<name>` says it in words. */
  name: string;
  state: StepState;
  progress: Progress | undefined;
  startedAt: number | undefined;
  endedAt: number | undefined;
}

export interface Job {
  id: string;
  kind: string;
  subject: Subject;
  /** Project whose members may see the job; undefined: its actor and administrators only. */
  projectId: string | undefined;
  actorId: string | undefined;
  parentId: string | undefined;
  state: JobState;
  steps: JobStep[];
  attempt: number;
  /** What goes on now: a short foreign line, shown as it is, or words of ours. */
  message: string | Said | undefined;
  error: ProblemReport | undefined;
  /** Why the clean-up after a failure or a cancel failed too: something may be left. */
  undoError: ProblemReport | undefined;
  /** What the job returned, once done. */
  result: unknown;
  /** Whether cancel() would take it now; false once it is over or being cleaned up. */
  cancellable: boolean;
  createdAt: number;
  startedAt: number | undefined;
  endedAt: number | undefined;
  /** Last sign of life, milliseconds since 1970. */
  heartbeatAt: number | undefined;
}

/** What a step's function gets. */
export interface StepContext {
  /** Aborted when somebody cancels the job or the server stops; pass it down to every socket and child process. */
  signal: AbortSignal;
  /** Throttled by the engine: call it as often as you like. */
  progress(progress: Progress): void;
  /** A line for the job's log; must hold no secret. */
  log(line: string | Said): void;
  /** The short line shown beside the step. */
  message(text: string | Said): void;
}

/** What a job's function gets. */
export interface JobContext<Input> {
  readonly jobId: string;
  readonly attempt: number;
  readonly actorId: string | undefined;
  readonly subject: Subject;
  readonly input: Input;
  readonly signal: AbortSignal;
  /**
   * Runs one step, or returns its stored result when an earlier run finished it. Results must survive JSON.
   * The function must be safe to run again after a crash in its middle.
   */
  step<Result>(name: string, run: (step: StepContext) => Promise<Result> | Result): Promise<Result>;
  log(line: string | Said): void;
}

export interface JobDefinition<Input, Result> {
  /** For example `vm.create`. */
  kind: string;
  /** The steps in order, so that a page can show those still to come. */
  steps: readonly string[];
  input: z.ZodType<Input>;
  /** How many of this kind may run at once. */
  concurrency: number;
  cancellable: boolean;
  run(job: JobContext<Input>): Promise<Result>;
  /**
   * Undoes what was made, after a failure or a cancel. Must cope with any half of it having happened, and with being
   * run again after a crash. Its `signal` is a fresh one.
   */
  undo?(job: JobContext<Input>): Promise<void>;
  /**
   * Where a retry begins: at the step that failed, or at the first, because `undo` took earlier steps' work away.
   * Default: `start` with an `undo`, else `step`.
   */
  retry?: 'step' | 'start' | undefined;
}

export interface StartJob<Input> {
  input: Input;
  subject: Subject;
  projectId?: string | undefined;
  actorId: string | undefined;
  parentId?: string | undefined;
  /** The same key from the same actor for the same kind gives the job that already exists. */
  idempotencyKey?: string | undefined;
}

/** A defined kind; rooms keep it to start jobs. */
export interface JobKind<Input> {
  readonly kind: string;
  /** Stores the job and returns it at once; callable inside a synchronous transaction. */
  start(request: StartJob<Input>): Job;
}

/** Kinds of work that all who operate see, whoever asked for it, and whether anybody did: a schedule asks too. */
export const operationsKinds: readonly string[] = [
  'store.refresh',
  'release.sync',
  'release.distribute',
  'release.withdraw',
  'deployment.start',
  'deployment.upgrade',
  'deployment.roll-back',
  'deployment.delete',
];

export interface JobFilter {
  subject?: Subject | undefined;
  kind?: string | undefined;
  states?: readonly JobState[] | undefined;
  projectIds?: readonly string[] | undefined;
  actorId?: string | undefined;
  /** Those of one of these projects or kinds, or started by this actor: what a person who is no administrator may see. */
  visibleTo?:
    { projectIds: readonly string[]; actorId: string; kinds?: readonly string[] | undefined } | undefined;
  /** Default 100. */
  limit?: number | undefined;
}

export interface LogLine {
  /** Grows with every line; ask for those after the last one you have. */
  seq: number;
  at: number;
  /** As it was written, or words of ours. */
  line: string | Said;
}

/** The engine, as the rooms and the API see it. */
export interface Jobs {
  define<Input, Result>(definition: JobDefinition<Input, Result>): JobKind<Input>;
  get(id: string): Job | undefined;
  list(filter: JobFilter): Job[];
  /** The job's log, oldest line first; with `after`, only lines of a greater `seq`. */
  log(id: string, after?: number): LogLine[];
  /** Asks a job to stop. @throws Problem `not_found`, or `conflict` when it is over or cannot be cancelled */
  cancel(id: string): Job;
  /** Runs a failed or cancelled job again (see `JobDefinition.retry`). @throws Problem `not_found`, `conflict` */
  retry(id: string): Job;
  /** Resolves when the job is over. Rejects when `signal` aborts. */
  settled(id: string, signal?: AbortSignal): Promise<Job>;
  /** Takes up what an earlier process left, and begins to run jobs. */
  run(): void;
  /** Stops taking jobs, aborts running ones in a way that the next start resumes, and waits for them. */
  stop(): Promise<void>;
}
