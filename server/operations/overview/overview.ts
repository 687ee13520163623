/** The overview: how edges, releases and what runs stand together, and what failed, by cause. */
import PQueue from 'p-queue';
import type { UserActor } from '../../access/actor';
import type { Log } from '../../log';
import { Problem } from '../../problem';
import type { Deployments } from '../deployments/deployments';
import type { DeploymentState } from '../deployments/schemas';
import type { Distributions, Spread } from '../distribution/distribution';
import type { Edges } from '../edges/edges';
import type { EdgeView } from '../edges/schemas';
import type { SyncedRelease } from '../sync/schemas';
import type { Sync } from '../sync/sync';
import { byCause, toCause, type Cause, type Failure } from './causes';
import type { Overview, OverviewEdge, OverviewRelease } from './schemas';

export interface OverviewPorts {
  log: Log;
  edges: Pick<Edges, 'list' | 'check'>;
  /** A function: both rooms need each other. */
  sync(): Pick<Sync, 'releases' | 'start'>;
  distributions: Pick<Distributions, 'spread' | 'failures' | 'retry' | 'dismiss'>;
  deployments: Pick<Deployments, 'counts'>;
}

export interface OverviewRoom {
  /** How everything stands now; deployments as far as the actor may see them. */
  get(actor: UserActor): Overview;
  /**
   * Tries again what failed for one cause: syncs and distributions are started, edges are looked at.
   *
   * @returns how many were started again
   * @throws Problem `conflict` when nothing fails for that cause any more
   */
  retry(actor: UserActor, causeId: string): { count: number };
  /**
   * Sets what could not be brought to edges for one cause aside: it is spoken of no more until it fails again.
   *
   * @returns how many there were
   * @throws Problem `conflict` when nothing fails for that cause any more, and for one that lasts until it is mended
   */
  dismiss(actor: UserActor, causeId: string): { count: number };
}

/** Everything that is counted, read once. */
interface Rows {
  edges: EdgeView[];
  releases: Map<string, SyncedRelease>;
  placements: Spread[];
  failures: ReturnType<Distributions['failures']>;
}

/** Opens the overview. */
export function openOverview(ports: OverviewPorts): OverviewRoom {
  const read = (): Rows => {
    const releases = ports.sync().releases({});
    return {
      edges: ports.edges.list(),
      releases: new Map(releases.map((release) => [release.id, release])),
      placements: ports.distributions.spread(releases),
      failures: ports.distributions.failures(),
    };
  };
  const causeOf = (id: string): Cause => {
    const cause = byCause(failuresOf(read())).find((each) => each.id === id);
    if (!cause) throw new Problem('conflict', 'edgePages.errors.noSuchCause');
    return cause;
  };
  return {
    get(actor) {
      const rows = read();
      const counts = count(rows, ports.deployments.counts(actor));
      return {
        totals: totalsOf(rows, counts),
        edges: rows.edges.map((edge) => toEdge(edge, counts)),
        releases: [...rows.releases.values()].flatMap((release) => toRelease(release, counts) ?? []),
        failures: byCause(failuresOf(rows)).map(toCause),
      };
    },
    retry(actor, causeId) {
      const cause = causeOf(causeId);
      retryCause(ports, actor, cause);
      return { count: cause.failures.length };
    },
    dismiss(actor, causeId) {
      const { kind, failures } = causeOf(causeId);
      if (kind !== 'distribution') throw new Problem('conflict', 'edgePages.errors.lasts');
      for (const { distributionId, releaseId, edgeIds } of cellsOf(failures))
        ports.distributions.dismiss(actor, distributionId, { releaseIds: [releaseId], edgeIds });
      return { count: failures.length };
    },
  };
}

interface Tally {
  placed: number;
  behind: number;
  failed: number;
  running: number;
  broken: number;
}

/** How a deployment counts: one that is there and not ready is as broken as one that failed. */
const standing: Record<DeploymentState, 'running' | 'broken' | 'changing'> = {
  creating: 'changing',
  changing: 'changing',
  deleting: 'changing',
  ready: 'running',
  notReady: 'broken',
  failed: 'broken',
  gone: 'broken',
};

interface Counts {
  ofEdge: (id: string) => Tally;
  ofRelease: (id: string) => Tally;
  deployments: Overview['totals']['deployments'];
}

function count({ placements, failures }: Rows, deployments: ReturnType<Deployments['counts']>): Counts {
  const [edges, releases] = [tallies(), tallies()];
  const total = { running: 0, broken: 0, changing: 0 };
  const add = (edgeId: string, releaseId: string | null, what: keyof Tally, many = 1) => {
    edges.of(edgeId)[what] += many;
    if (releaseId !== null) releases.of(releaseId)[what] += many;
  };
  for (const { edgeId, releaseId, behind } of placements) {
    add(edgeId, releaseId, 'placed');
    if (behind) add(edgeId, releaseId, 'behind');
  }
  for (const { edgeId, releaseId } of failures) add(edgeId, releaseId, 'failed');
  for (const { siteId, releaseId, state, count: many } of deployments) {
    const how = standing[state];
    total[how] += many;
    if (how !== 'changing') add(siteId, releaseId, how, many);
  }
  return { ofEdge: edges.of, ofRelease: releases.of, deployments: total };
}

function tallies(): { of: (id: string) => Tally } {
  const all = new Map<string, Tally>();
  return {
    of(id) {
      const found = all.get(id) ?? { placed: 0, behind: 0, failed: 0, running: 0, broken: 0 };
      all.set(id, found);
      return found;
    },
  };
}

function totalsOf({ edges, releases, placements }: Rows, { deployments }: Counts): Overview['totals'] {
  const totals = {
    edges: { well: 0, unwell: 0, unknown: 0, off: 0 },
    releases: { inSync: 0, waiting: 0, syncing: 0, failed: 0 },
    placed: placements.length,
    behind: placements.filter(({ behind }) => behind).length,
    deployments,
  };
  for (const { enabled, health } of edges) totals.edges[enabled ? health.state : 'off'] += 1;
  for (const { state, withdrawnAt } of releases.values()) {
    if (state !== 'notInSync') totals.releases[state] += 1;
    else if (withdrawnAt === null) totals.releases.waiting += 1;
  }
  return totals;
}

function toEdge(edge: EdgeView, counts: Counts): OverviewEdge {
  const { id, name, kind, runs, enabled, labels, place, health } = edge;
  const { state, problem, since } = health;
  return {
    id,
    name,
    kind,
    runs,
    enabled,
    labels,
    place,
    health: { state, problem, since },
    ...counts.ofEdge(id),
  };
}

/** Undefined for a release of which nothing is here or at an edge. */
function toRelease(release: SyncedRelease, counts: Counts): OverviewRelease | undefined {
  const { placed, ...tally } = counts.ofRelease(release.id);
  const used = placed + tally.running + tally.broken + tally.failed > 0;
  if (release.state !== 'inSync' && !used) return undefined;
  const { id, name, provider, version, kind, withdrawnAt } = release;
  return { id, name, provider, version, kind, withdrawn: withdrawnAt !== null, edges: placed, ...tally };
}

function failuresOf({ edges, releases, failures }: Rows): Failure[] {
  const none = {
    edgeId: null,
    edgeName: null,
    releaseId: null,
    releaseName: null,
    version: null,
    distributionId: null,
  };
  const edgeNames = new Map(edges.map(({ id, name }) => [id, name]));
  const named = (release: SyncedRelease | undefined) => ({
    releaseName: release?.name ?? null,
    version: release?.version ?? null,
  });
  return [
    ...edges
      .filter(({ enabled, health }) => enabled && health.state === 'unwell')
      .map(({ id, name, health }) => ({
        ...none,
        kind: 'edge' as const,
        edgeId: id,
        edgeName: name,
        problem: health.problem,
      })),
    ...[...releases.values()]
      .filter(({ state }) => state === 'failed')
      .map((release) => ({
        ...none,
        kind: 'sync' as const,
        releaseId: release.id,
        ...named(release),
        problem: release.problem,
      })),
    ...failures.map(({ distributionId, releaseId, edgeId, problem }) => ({
      kind: 'distribution' as const,
      distributionId,
      releaseId,
      ...named(releases.get(releaseId)),
      edgeId,
      edgeName: edgeNames.get(edgeId) ?? null,
      problem,
    })),
  ];
}

function retryCause(ports: OverviewPorts, actor: UserActor, { kind, failures }: Cause): void {
  if (kind === 'sync') {
    const releaseIds = failures.flatMap(({ releaseId }) => releaseId ?? []);
    // A request takes 400 at most.
    for (let at = 0; at < releaseIds.length; at += 400)
      ports.sync().start(actor, { releaseIds: releaseIds.slice(at, at + 400) });
    return;
  }
  if (kind === 'distribution') {
    for (const { distributionId, releaseId, edgeIds } of cellsOf(failures))
      ports.distributions.retry(actor, distributionId, { releaseIds: [releaseId], edgeIds });
    return;
  }
  void checkAll(
    ports,
    failures.flatMap(({ edgeId }) => edgeId ?? []),
  );
}

/** How many edges are looked at together. */
const lookers = 8;

/** Nobody waits for it: what an edge says comes to the pages as a change of the edge. */
async function checkAll({ edges, log }: OverviewPorts, ids: string[]): Promise<void> {
  const look = async (id: string) => {
    try {
      await edges.check(id);
    } catch (error) {
      log.warn({ err: error, edge: id }, 'edge not looked at');
    }
  };
  await new PQueue({ concurrency: lookers }).addAll(ids.map((id) => () => look(id)));
}

/** Cells by distribution and release: a choice takes all pairs of its releases and edges. */
function cellsOf(
  failures: readonly Failure[],
): { distributionId: string; releaseId: string; edgeIds: string[] }[] {
  const groups = new Map<string, { distributionId: string; releaseId: string; edgeIds: string[] }>();
  for (const { distributionId, releaseId, edgeId } of failures) {
    if (distributionId === null || releaseId === null || edgeId === null) continue;
    const key = `${distributionId} ${releaseId}`;
    const group = groups.get(key) ?? { distributionId, releaseId, edgeIds: [] };
    group.edgeIds.push(edgeId);
    groups.set(key, group);
  }
  return [...groups.values()];
}
