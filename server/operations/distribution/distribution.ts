/** Distribution: bringing synced releases to edges, and never what is there. */
import type { Actor, UserActor } from '../../access/actor';
import { keepFor, type Job } from '../../jobs/job';
import { Problem, type ProblemReport } from '../../problem';
import type { PullAccess } from '../../sites/workloads';
import type { SyncedRelease } from '../sync/schemas';
import { openCellActs, type CellActs } from './cell-acts';
import { defineDistribute } from './distribute-job';
import { openDistributionRows } from './distribution-rows';
import { openInventory } from './inventory';
import { order } from './order';
import { imagesAtEdge, standingsOf, viewPlacements, viewSpread } from './placements';
import { openPlanner } from './plan';
import type { DistributionPorts } from './ports';
import { sweepLogins } from './pull-logins';
import { openQueue } from './queue';
import { openRunRows } from './run-rows';
import {
  cellPage,
  planInput,
  type CellPage,
  type Distribution as DistributionView,
  type DistributionPlan,
  type DistributionRun,
  type DistributionSummary,
  type RunCause,
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
  /** The newest one that took it there, as long as it is kept. */
  distributionId: string | null;
  state: 'sending' | 'there' | 'failed' | 'cancelled';
  problem: ProblemReport | null;
  /** When it was sent, and when that ended; milliseconds since 1970. */
  startedAt: number;
  endedAt: number | null;
}

export interface Distributions extends CellActs {
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
  /** A distribution with a page of its cells, in their order. @throws Problem `not_found` */
  get(id: string, page?: CellPage): DistributionView;
  /**
   * All its cells in few words, for a page that draws them and asks again and again.
   *
   * @param since only what changed after this version of it; 0 for everything
   * @throws Problem `not_found`
   */
  run(id: string, since: number): DistributionRun;
  /** Why its failed cells failed, what hit most first. @throws Problem `not_found` */
  causes(id: string): RunCause[];
  /** Of each release at each edge the newest cell, when it is failed. */
  failures(): { distributionId: string; releaseId: string; edgeId: string; problem: ProblemReport | null }[];
  /** How each release stands at each edge that it was sent to, as far as it was not withdrawn or dismissed there. */
  standings(releaseId?: string): Standing[];
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
  /**
   * Takes a release away from an edge, as far as nothing there runs it.
   *
   * @throws Problem `not_found`; `conflict` while it runs there, or is on its way there
   */
  withdraw(actor: UserActor, releaseId: string, edgeId: string): Job;
  /** Takes up what an earlier process left, and forgets what was over long ago, now and every day. */
  open(): void;
  close(): void;
}

const day = 24 * 60 * 60 * 1000;

/** Opens the room. */
export function openDistributions(ports: DistributionPorts): Distributions {
  const rows = openDistributionRows(ports);
  const inventory = openInventory(ports, rows);
  const planner = openPlanner(ports, inventory, rows);
  const kind = defineDistribute({ ports, rows, inventory, planner });
  const withdrawal = defineWithdraw({ ports, rows, inventory });
  const queue = openQueue({ jobs: ports.jobs, rows, kind });
  const now = ports.now ?? Date.now;
  const runs = openRunRows(ports);
  const acts = openCellActs({ ports, rows, queue, now });
  let pruning: NodeJS.Timeout | undefined;

  const present = <Found>(found: Found | undefined): Found => {
    if (!found) throw new Problem('not_found', 'distribution.errors.noDistribution');
    return found;
  };
  const view = (id: string, page: CellPage = {}) => present(runs.view(id, cellPage.parse(page)));
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
      if (before) return view(before.id);
      const { row, cells } = order(ports, actor, input, key, now());
      rows.insert(row, cells);
      const { releases, edges } = row;
      audit(actor, 'release.distribute', row.id, { releases: releases.length, edges: edges.length });
      queue.wake(cells.map(({ edgeId }) => edgeId));
      return view(row.id);
    },

    ...acts,
    list: () => runs.list(),
    get: view,
    run: (id, since) => present(runs.run(id, since)),
    causes: (id) => present(runs.causes(id)),

    failures: () => rows.failedNow().filter(({ edgeId }) => ports.sites.standing(edgeId)),

    standings: (releaseId) => standingsOf(ports, rows, releaseId),

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
      requireIdle({ ports, rows }, { releaseId, edgeId });
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
      const forget = () => rows.forgetBefore(now() - keepFor);
      forget();
      clearInterval(pruning);
      pruning = setInterval(forget, day).unref();
      queue.open();
    },
    close: () => clearInterval(pruning),
  };
}
