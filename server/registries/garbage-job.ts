import { z } from 'zod';
import type { JobKind, Jobs, StepContext } from '../jobs/job';
import { Problem } from '../problem';
import type { BundledProcess } from './bundled-process';
import { collect, giveBack, holdYoung, storedBytes } from './garbage';
import type { Gate } from './gate';

/** Kind of the job that collects garbage, which pages ask for its last run. */
export const collectKind = 'registry.collect';
export const collectResult = z.object({
  before: z.number(),
  after: z.number(),
  freed: z.number(),
  kept: z.number(),
});

interface GarbagePorts {
  jobs: Jobs;
  process: BundledProcess;
  /** Writes of our own; those of others are refused by the registry meanwhile. */
  gates: readonly Gate[];
  changed: () => void;
}

/**
 * Defines the job. Pulls go on; pushes of our own wait, those under way are waited for, and others find the registry
 * read-only. A push that is half done loses nothing: its blobs are young.
 */
export function defineCollectJob({ jobs, process, gates, changed }: GarbagePorts): JobKind<object> {
  async function sweep(step: StepContext): Promise<z.infer<typeof collectResult>> {
    const opens: (() => void)[] = [];
    try {
      for (const gate of gates) {
        const waiting = (count: number) =>
          step.message({ key: 'registries.collect.waiting', params: { count } });
        opens.push(await gate.close(step.signal, waiting));
      }
      changed();
      step.message({ key: 'registries.collect.running', params: {} });
      const before = await storedBytes(process.paths);
      await process.restart(true);
      const kept = await collectHeld(step);
      const after = await storedBytes(process.paths);
      return { before, after, freed: before - after, kept };
    } finally {
      try {
        await giveBack(process.paths);
        await process.restart(false);
      } finally {
        for (const open of opens) open();
        changed();
      }
    }
  }

  /** @returns bytes that were kept because they are young */
  async function collectHeld(step: StepContext): Promise<number> {
    await holdYoung(process.paths, Date.now(), step.signal);
    try {
      await collect(process.paths, step.signal);
    } catch (error) {
      step.signal.throwIfAborted();
      const words =
        error instanceof Error && 'stderr' in error ? String(error.stderr).trim().slice(-500) : '';
      throw new Problem('failed', 'registries.errors.collectFailed', {}, { detail: words, cause: error });
    }
    return giveBack(process.paths);
  }

  return jobs.define({
    kind: collectKind,
    steps: ['collect'],
    input: z.object({}),
    concurrency: 1,
    cancellable: true,
    run: (job) => job.step('collect', sweep),
  });
}
