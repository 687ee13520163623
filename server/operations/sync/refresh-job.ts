import { z } from 'zod';
import type { JobKind, Jobs } from '../../jobs/job';
import type { Log } from '../../log';
import { asProblem } from '../../problem';
import type { CatalogueRows } from './catalogue-rows';
import { wantedBy } from './rules';
import type { CatalogueRelease, StoreSource } from './store-source';
import type { StoreRow, StoreRows } from './store-rows';

const input = z.object({ storeId: z.string() });
export type RefreshJobInput = z.infer<typeof input>;

/** What the job `store.refresh` returns. */
export interface RefreshResult {
  releases: number;
  /** Releases whose sync the rules started. */
  started: number;
}

export interface RefreshJobParts {
  jobs: Jobs;
  log: Pick<Log, 'warn'>;
  stores: StoreRows;
  rows: CatalogueRows;
  sourceOf(storeId: string): StoreSource;
  /** Clears away what nobody asks for once the catalogue was read. */
  tidy(): Promise<void>;
  /** Starts to sync releases in the name of a job. */
  startSync(releaseIds: readonly string[], parentId: string): void;
}

/** Defines `store.refresh`: reads a catalogue, marks what is new and what is gone, and starts what the rules ask for. */
export function defineRefresh(parts: RefreshJobParts): JobKind<RefreshJobInput> {
  const { stores, rows } = parts;
  return parts.jobs.define<RefreshJobInput, RefreshResult>({
    kind: 'store.refresh',
    steps: ['read', 'rules'],
    input,
    concurrency: 4,
    cancellable: true,
    async run(job) {
      const store = stores.require(job.input.storeId);
      const releases = await job.step('read', async (step) => {
        const started = performance.now();
        try {
          const catalogue = await parts.sourceOf(store.id).catalogue(step);
          const { found, gone } = put(parts, store, catalogue);
          const ms = Math.round(performance.now() - started);
          step.log({ key: 'sync.log.read', params: { total: catalogue.length, found, gone, ms } });
          return catalogue.length;
        } catch (error) {
          if (!job.signal.aborted) stores.wasRead(store.id, { problem: asProblem(error).report() });
          throw error;
        }
      });
      await parts.tidy().catch((error: unknown) => {
        // The catalogue was read all the same, and the next reading clears away.
        parts.log.warn({ err: error, store: store.id }, 'what is needed no more could not be cleared away');
      });
      const started = await job.step('rules', (step) => {
        const wanted = wantedBy(stores.require(store.id).rules, rows.all(store.id));
        for (const { name, version } of wanted)
          step.log({ key: 'sync.log.byRule', params: { name, version } });
        const ids = wanted.map(({ id }) => id);
        if (ids.length > 0) parts.startSync(ids, job.jobId);
        return ids.length;
      });
      return { releases, started };
    },
  });
}

/** Writes a catalogue down. @returns how many releases are new to us, and how many were withdrawn */
function put(
  { stores, rows }: RefreshJobParts,
  store: StoreRow,
  catalogue: readonly CatalogueRelease[],
): { found: number; gone: number } {
  const before = rows.all(store.id);
  const known = new Set(before.map(({ releaseId }) => releaseId));
  const now = new Set(catalogue.map(({ releaseId }) => releaseId));
  const readAt = Date.now();
  rows.apply(store, catalogue, readAt);
  stores.wasRead(store.id, { readAt });
  return {
    found: [...now].filter((id) => !known.has(id)).length,
    gone: before.filter(({ releaseId, withdrawnAt }) => withdrawnAt === null && !now.has(releaseId)).length,
  };
}
