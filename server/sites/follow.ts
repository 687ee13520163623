/** Follows what happens at a site that runs containers, and notices when it stops answering. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../log';
import { asProblem, type Problem } from '../problem';
import type { WorkloadSite } from './site';

/** Milliseconds before a stream that broke is opened anew; doubled for each further time. */
const firstRetryMs = 1_000;
const maxRetryMs = 30_000;

export interface FollowListener {
  changed(workloadId: string): void;
  /** With the reason when it stops answering, with undefined when it answers again. */
  trouble(problem: Problem | undefined): void;
}

export interface Follow {
  start(): void;
  stop(): Promise<void>;
}

/**
 * Keeps a stream of changes open.
 *
 * @param once opens the stream, calls `opened` when the site answered, and reads until its end: one that ends by itself
 *   is opened anew at once, one that fails after a while
 * @param passes whether a failure says nothing of the site's health
 */
export function followSite(
  listener: FollowListener,
  once: (signal: AbortSignal, opened: () => void) => Promise<void>,
  passes: (problem: Problem) => boolean = () => false,
): Follow {
  const ending = new AbortController();
  let running: Promise<void> | undefined;
  const run = async () => {
    let tries = 0;
    let inTrouble = false;
    const opened = () => {
      tries = 0;
      if (inTrouble) listener.trouble(undefined);
      inTrouble = false;
    };
    while (!ending.signal.aborted) {
      const began = performance.now();
      try {
        await once(ending.signal, opened);
        // One that ends as soon as it is open must not keep both sides busy.
        if (performance.now() - began > firstRetryMs) continue;
      } catch (error) {
        if (ending.signal.aborted) return;
        const problem = asProblem(error);
        // The first failure may be but a restart: the second in a row is told.
        if (tries > 0 && !inTrouble && !passes(problem)) {
          inTrouble = true;
          listener.trouble(problem);
        }
      }
      const waitMs = Math.min(maxRetryMs, firstRetryMs * 2 ** tries++);
      await pause(waitMs, undefined, { signal: ending.signal, ref: false }).catch(() => undefined);
    }
  };
  return {
    start: () => {
      running ??= run();
    },
    stop: async () => {
      ending.abort();
      await running;
    },
  };
}

/**
 * Passes what a followed site tells on to all who listen there.
 *
 * @param log is told once when it stops answering
 */
export function followListeners(
  id: string,
  log: Pick<Log, 'warn'>,
): { told: FollowListener; doors: Pick<WorkloadSite, 'onWorkloadChange' | 'onTrouble'> } {
  const changes = new Set<(workloadId: string) => void>();
  const troubles = new Set<(trouble: Problem | undefined) => void>();
  return {
    told: {
      changed: (workloadId) => {
        for (const listener of changes) listener(workloadId);
      },
      trouble: (problem) => {
        if (problem) log.warn({ err: problem, site: id }, 'a site of containers does not answer');
        for (const listener of troubles) listener(problem);
      },
    },
    doors: {
      onWorkloadChange: (listener) => {
        changes.add(listener);
        return () => void changes.delete(listener);
      },
      onTrouble: (listener) => {
        troubles.add(listener);
        return () => void troubles.delete(listener);
      },
    },
  };
}
