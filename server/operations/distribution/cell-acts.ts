/** What people do with cells of a distribution: trying again, stopping, setting failures aside. */
import type { UserActor } from '../../access/actor';
import type { Job } from '../../jobs/job';
import { Problem } from '../../problem';
import type { CellRow, DistributionRows } from './distribution-rows';
import type { DistributionPorts } from './ports';
import type { Queue } from './queue';
import { retryChoice, type CellChoice, type RetryChoice } from './schemas';

export interface CellActs {
  /**
   * Runs failed and cancelled cells again.
   *
   * @returns the jobs that begin now; an edge's others follow
   * @throws Problem `not_found`, `conflict` when there are none
   */
  retry(actor: UserActor, id: string, choice: RetryChoice): Job[];
  /** Ids of the distributions by which a release is on its way to an edge. */
  sending(releaseId: string, edgeId: string): string[];
  /** Stops cells that wait or run. @throws Problem `not_found` */
  cancel(actor: UserActor, id: string, choice: CellChoice): void;
  /**
   * Has failed and cancelled cells be spoken of no more; they stay in their distribution.
   *
   * @returns how many
   * @throws Problem `not_found`, `conflict` when there are none
   */
  dismiss(actor: UserActor, id: string, choice: CellChoice): number;
}

interface Parts {
  ports: Pick<DistributionPorts, 'db' | 'jobs' | 'audit'>;
  rows: DistributionRows;
  queue: Queue;
  now: () => number;
}

/** Opens them. */
export function openCellActs({ ports, rows, queue, now }: Parts): CellActs {
  const { db, jobs } = ports;
  const chosen = (id: string, choice: CellChoice) => {
    if (!rows.find(id)) throw new Problem('not_found', 'distribution.errors.noDistribution');
    return rows.cellsOf(id, choice);
  };
  const audit = (actor: UserActor, action: string, id: string, cells: number) => {
    ports.audit({ actor, action, subject: { type: 'distribution', id }, detail: { cells } });
  };

  return {
    retry(actor, id, choice) {
      const { anyway } = retryChoice.parse(choice);
      const again = chosen(id, choice).filter(isLost);
      if (again.length === 0) throw new Problem('conflict', 'distribution.errors.nothingToRetry');
      const change = { state: 'waiting', problem: null, endedAt: null, dismissed: false } as const;
      db.transaction(() => {
        for (const cell of again) rows.writeCell(cell, { ...change, ...(anyway && { anyway }) });
        audit(actor, 'distribution.retry', id, again.length);
      });
      queue.wake(again.map(({ edgeId }) => edgeId));
      return again.flatMap((cell) => {
        const { jobId } = rows.cell(cell) ?? { jobId: null };
        const job = jobId === null ? undefined : jobs.get(jobId);
        return job && job.endedAt === undefined ? [job] : [];
      });
    },

    sending: (releaseId, edgeId) =>
      rows
        .cellsIn(['waiting', 'running'], edgeId)
        .filter((cell) => cell.releaseId === releaseId)
        .map(({ distributionId }) => distributionId),

    cancel(actor, id, choice) {
      const open = chosen(id, choice).filter(({ state }) => state === 'waiting' || state === 'running');
      const running: Job[] = [];
      db.transaction(() => {
        for (const cell of open) {
          const job = cell.jobId === null ? undefined : jobs.get(cell.jobId);
          if (job && job.endedAt === undefined) running.push(job);
          else rows.writeCell(cell, { state: 'cancelled', endedAt: now() });
        }
        audit(actor, 'distribution.cancel', id, open.length);
      });
      // Those that run come last: else the end of one would begin the next.
      for (const { id: jobId, cancellable } of running) if (cancellable) jobs.cancel(jobId);
    },

    dismiss(actor, id, choice) {
      const lost = chosen(id, choice).filter((cell) => isLost(cell) && !cell.dismissed);
      if (lost.length === 0) throw new Problem('conflict', 'distribution.errors.nothingFailed');
      db.transaction(() => {
        for (const cell of lost) rows.writeCell(cell, { dismissed: true });
        audit(actor, 'distribution.dismiss', id, lost.length);
      });
      return lost.length;
    },
  };
}

const isLost = ({ state }: CellRow): boolean => state === 'failed' || state === 'cancelled';
