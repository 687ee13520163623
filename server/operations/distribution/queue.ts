/**
 * Which cell is next. Each edge is given one at a time: what is slow or broken there holds up only itself, and never
 * takes the places of others.
 */
import type { Job, JobKind, Jobs } from '../../jobs/job';
import type { CellKey, CellRow, DistributionRows } from './distribution-rows';

export interface Queue {
  /** Looks whether edges have something to do; those that are busy look when they are done. */
  wake(edgeIds: Iterable<string>): void;
  /** Takes up what an earlier process left. */
  open(): void;
}

interface QueueParts {
  jobs: Jobs;
  rows: DistributionRows;
  kind: JobKind<CellKey>;
}

/** Opens the queue; nothing starts before `open` or `wake`. */
export function openQueue({ jobs, rows, kind }: QueueParts): Queue {
  /** The job that each edge is busy with. */
  const busy = new Map<string, string>();

  const watch = async (cell: CellRow, job: Job): Promise<void> => {
    const { edgeId } = cell;
    busy.set(edgeId, job.id);
    let ended: Job;
    try {
      ended = await jobs.settled(job.id);
    } catch {
      // The server stops: nothing new begins.
      return;
    }
    const left = rows.cell(cell);
    // It ended before its work could say so, or its clean-up failed: it must not begin again by itself.
    if (left?.jobId === job.id && (left.state === 'waiting' || left.state === 'running'))
      rows.writeCell(cell, { state: 'failed', problem: ended.error ?? null, endedAt: ended.endedAt ?? null });
    busy.delete(edgeId);
    wake(edgeId);
  };

  const wake = (edgeId: string) => {
    if (busy.has(edgeId)) return;
    const [cell] = rows.cellsIn(['waiting'], edgeId);
    if (cell) void watch(cell, begin(cell));
  };

  /** A cell that was tried before keeps its job, and with it the log of what went wrong. */
  const begin = (cell: CellRow): Job => {
    const { distributionId, releaseId, edgeId } = cell;
    const key = { distributionId, releaseId, edgeId };
    const before = cell.jobId === null ? undefined : jobs.get(cell.jobId);
    if (before && before.endedAt === undefined) return before;
    if (before?.state === 'failed' || before?.state === 'cancelled') return jobs.retry(before.id);
    const actorId = rows.find(distributionId)?.createdBy;
    const job = kind.start({ input: key, subject: { type: 'site', id: edgeId }, actorId });
    rows.writeCell(key, { jobId: job.id });
    return job;
  };

  return {
    wake(edgeIds) {
      for (const edgeId of new Set(edgeIds)) wake(edgeId);
    },
    open() {
      const left = rows.cellsIn(['waiting', 'running']);
      for (const cell of left) {
        const job = cell.jobId === null ? undefined : jobs.get(cell.jobId);
        if (job && job.endedAt === undefined) void watch(cell, job);
        // The process ended between the two writes, or the job is of another age.
        else if (cell.state === 'running') rows.writeCell(cell, { state: 'waiting', jobId: null });
      }
      for (const edgeId of new Set(left.map((cell) => cell.edgeId))) wake(edgeId);
    },
  };
}
