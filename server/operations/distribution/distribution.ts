/** Distribution: bringing synced releases to edges, and never what is there. */
import type { Actor, UserActor } from '../../access/actor';
import type { Job } from '../../jobs/job';
import { Problem, type ProblemReport } from '../../problem';
import type { PullAccess } from '../../sites/workloads';
import type { SyncedRelease } from '../sync/schemas';
import { defineDistribute } from './distribute-job';
import { openDistributionRows } from './distribution-rows';
import { openInventory } from './inventory';
import { order } from './order';
import { imagesAtEdge, standingsOf, viewPlacements, viewSpread } from './placements';
import { openPlanner } from './plan';
import type { DistributionPorts } from './ports';
import { sweepLogins } from './pull-logins';
import { openQueue } from './queue';
import {
  planInput,
  type CellChoice,
  type Distribution as DistributionView,
  type DistributionPlan,
  type DistributionSummary,
  type Placement,
  type PlanInput,
  type StartDistribution,
} from './schemas';
import { defineWithdraw, requireIdle } from './withdraw-job';

/** Where an edge takes a container image of a release from: its own registry, or that of operations. */
export interface ImageAtEdge {
  /** As the package names it. */
  name: string;
  /** `address/repository@sha256:…`. */
  reference: string;
}

/** A release that is at an edge. */
export interface Spread {
  releaseId: string;
  edgeId: string;
  /** A newer release of the app is in sync and not there. */
  behind: boolean;
}

/** How a release stands at an edge that it was sent to. */
export interface Standing {
  releaseId: string;
  edgeId: string;
  state: 'sending' | 'there' | 'failed' | 'cancelled';
  problem: ProblemReport | null;
  /** When it was sent, and when that ended; milliseconds since 1970. */
  startedAt: number;
  endedAt: number | null;
}

export interface Distributions {
  /**
   * What is where, and what would have to move. Changes nothing; an edge that does not answer costs its own cells alone.
   *
   * @throws Problem `not_found`; `conflict` for a release that is not in sync
   */
  plan(actor: Actor, input: PlanInput, signal?: AbortSignal): Promise<DistributionPlan>;
  /**
   * Starts it: a job for each release and each edge that runs its kind; an edge is given one after the other. What is
   * there already ends as `skipped`, with the proof in the job's log.
   *
   * @param requestKey the same key of the same person gives the same distribution
   * @throws Problem `not_found`; `conflict` for a release that is not in sync, and when no release fits any edge
   */
  start(actor: UserActor, input: StartDistribution, requestKey?: string): Promise<DistributionView>;
  /** The last 200, newest first. */
  list(): DistributionSummary[];
  /** @throws Problem `not_found` */
  get(id: string): DistributionView;
  /**
   * Runs failed and cancelled cells again.
   *
   * @returns the jobs that begin now; an edge's others follow
   * @throws Problem `not_found`, `conflict` when there are none
   */
  retry(actor: UserActor, id: string, choice: CellChoice): Job[];
  /** Stops cells that wait or run. @throws Problem `not_found` */
  cancel(actor: UserActor, id: string, choice: CellChoice): void;
  /** Of each release at each edge the newest cell, when it is failed. */
  failures(): { distributionId: string; releaseId: string; edgeId: string; problem: ProblemReport | null }[];
  /** How each release stands at each edge that it was sent to, as far as it was not withdrawn or dismissed there. */
  standings(releaseId?: string): Standing[];
  /** Has a failed or cancelled cell be spoken of no more. @throws Problem `not_found` when there is none */
  dismiss(actor: UserActor, releaseId: string, edgeId: string): void;
  /** What was proved to be where. */
  placements(filter: { edgeId?: string | undefined; releaseId?: string | undefined }): Placement[];
  /** All of that without the images, for an overview. @param releases all of all stores */
  spread(releases: readonly SyncedRelease[]): Spread[];
  /**
   * The container images of a placed release as the edge is to name them, and the login it pulls with.
   *
   * @param holder what the login is for; see `RoomRegistries.pullAccess`
   * @throws Problem `conflict` when the release is not at the edge
   */
  imagesFor(
    releaseId: string,
    edgeId: string,
    holder: string,
  ): Promise<{ images: ImageAtEdge[]; pull: PullAccess | undefined }>;
  /** Takes a release away from an edge, as far as nothing there runs it. @throws Problem `not_found`, `conflict` */
  withdraw(actor: UserActor, releaseId: string, edgeId: string): Job;
  /** Takes up what an earlier process left. */
  open(): void;
}

/** Opens the room. */
export function openDistributions(ports: DistributionPorts): Distributions {
  const rows = openDistributionRows(ports);
  const inventory = openInventory(ports, rows);
  const planner = openPlanner(ports, inventory, rows);
  const kind = defineDistribute({ ports, rows, inventory, planner });
  const withdrawal = defineWithdraw({ ports, rows, inventory });
  const queue = openQueue({ jobs: ports.jobs, rows, kind });
  const now = ports.now ?? Date.now;

  const required = (id: string) => {
    const view = rows.view(id);
    if (!view) throw new Problem('not_found', 'distribution.errors.noDistribution');
    return view;
  };
  const chosen = (id: string, { edgeIds, releaseIds }: CellChoice) =>
    required(id).cells.filter(
      (cell) =>
        (!edgeIds || edgeIds.includes(cell.edgeId)) && (!releaseIds || releaseIds.includes(cell.releaseId)),
    );
  const audit = (actor: UserActor, action: string, id: string, detail: Record<string, string | number>) => {
    ports.audit({ actor, action, subject: { type: 'distribution', id }, detail });
  };

  return {
    plan: (_actor, input, signal) => {
      const { releaseIds, edgeIds, fresh } = planInput.parse(input);
      return planner.plan(releaseIds, edgeIds, fresh, signal);
    },

    async start(actor, input, requestKey) {
      // Whose key it is belongs to it: two people may choose the same.
      const key = requestKey === undefined ? null : `${actor.userId} ${requestKey}`;
      const before = key === null ? undefined : rows.byKey(key);
      if (before) return required(before.id);
      const { row, cells } = order(ports, actor, input, key, now());
      rows.insert(row, cells);
      const { releases, edges } = row;
      audit(actor, 'release.distribute', row.id, { releases: releases.length, edges: edges.length });
      queue.wake(cells.map(({ edgeId }) => edgeId));
      return required(row.id);
    },

    list: () => rows.list(),
    get: required,

    retry(actor, id, choice) {
      const again = chosen(id, choice).filter(({ state }) => state === 'failed' || state === 'cancelled');
      if (again.length === 0) throw new Problem('conflict', 'distribution.errors.nothingToRetry');
      for (const { releaseId, edgeId } of again) {
        const change = { state: 'waiting', problem: null, endedAt: null, dismissed: false } as const;
        rows.writeCell({ distributionId: id, releaseId, edgeId }, change);
      }
      audit(actor, 'distribution.retry', id, { cells: again.length });
      queue.wake(again.map(({ edgeId }) => edgeId));
      return again.flatMap(({ releaseId, edgeId }) => {
        const { jobId } = rows.cell({ distributionId: id, releaseId, edgeId }) ?? { jobId: null };
        const job = jobId === null ? undefined : ports.jobs.get(jobId);
        return job && job.endedAt === undefined ? [job] : [];
      });
    },

    cancel(actor, id, choice) {
      const open = chosen(id, choice).filter(({ state }) => state === 'waiting' || state === 'running');
      // Those that wait first: else the end of one that runs would begin the next.
      const waits = open.toSorted((a, b) => Number(a.state === 'running') - Number(b.state === 'running'));
      for (const { releaseId, edgeId, jobId } of waits) {
        const job = jobId === null ? undefined : ports.jobs.get(jobId);
        if (job && job.endedAt === undefined) {
          if (job.cancellable) ports.jobs.cancel(job.id);
        } else
          rows.writeCell({ distributionId: id, releaseId, edgeId }, { state: 'cancelled', endedAt: now() });
      }
      audit(actor, 'distribution.cancel', id, { cells: open.length });
    },

    failures: () => rows.failedNow().filter(({ edgeId }) => ports.sites.standing(edgeId)),

    standings: (releaseId) => standingsOf(ports, rows, releaseId),

    dismiss(actor, releaseId, edgeId) {
      const cell = rows.newestCells(releaseId).find((each) => each.edgeId === edgeId);
      if (!cell || (cell.state !== 'failed' && cell.state !== 'cancelled'))
        throw new Problem('not_found', 'distribution.errors.nothingFailed');
      rows.writeCell(cell, { dismissed: true });
      audit(actor, 'distribution.dismiss', cell.distributionId, { edge: edgeId });
    },

    placements(filter) {
      return viewPlacements(ports, rows, filter);
    },

    spread: (releases) => viewSpread(ports, rows, releases),

    async imagesFor(releaseId, edgeId, holder) {
      return imagesAtEdge(ports, rows, { releaseId, edgeId, holder });
    },

    withdraw(actor, releaseId, edgeId) {
      const edge = ports.edges.get(edgeId);
      const [placed] = rows.placements({ releaseId, edgeId });
      if (!placed) throw new Problem('not_found', 'distribution.errors.notPlaced', { edge: edge.name });
      requireIdle(ports, { releaseId, edgeId });
      const { name, version } = ports.sync.release(releaseId);
      audit(actor, 'release.withdraw', releaseId, { release: `${name} ${version}`, edge: edge.name });
      return withdrawal.start({
        input: { releaseId, edgeId },
        subject: { type: 'site', id: edgeId },
        actorId: actor.userId,
      });
    },

    open() {
      sweepLogins(ports);
      for (const { releaseId, edgeId } of rows.placements({}))
        if (!ports.sites.standing(edgeId)) rows.unplace(releaseId, edgeId);
      queue.open();
    },
  };
}
