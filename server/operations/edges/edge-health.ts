/** How edges are: each is asked once a minute in the background, and what it said is kept. */
import PQueue from 'p-queue';
import type { Log } from '../../log';
import { asProblem, Problem, problemFrom, type ProblemReport } from '../../problem';
import { noSite, type SiteRegistry } from '../../sites/registry';
import type { AnySite } from '../../sites/site';
import { untilAborted } from '../../until-aborted';
import { lookAtSite } from './edge-capacity';
import type { EdgeRegistries } from './edge-registries';
import type { EdgeRow, EdgeRows } from './edge-rows';
import type { Capacity, HealthState } from './schemas';

/** Between two looks at an edge. */
const everyMs = 60_000;
/** How long an edge may take to answer. */
const limitMs = 20_000;
/** Edges asked at once: 200 of them, all silent, are still gone through in less than four minutes. */
const atOnce = 20;
/** In place of an edge's id, where a notice is about all. */
const allEdges = 'all';

export interface HealthPorts {
  sites: SiteRegistry;
  rows: EdgeRows;
  registries: EdgeRegistries;
  log: Pick<Log, 'warn'>;
  changed(siteId: string): void;
  /** Ids of all edges. */
  ids(): string[];
  now: () => number;
  everyMs?: number | undefined;
  limitMs?: number | undefined;
}

export interface EdgeHealth {
  /**
   * Looks at an edge now; those who ask while one is looked at share the next look. What is wrong is kept, and never thrown.
   *
   * @throws only the signal's reason
   */
  look(siteId: string, signal?: AbortSignal): Promise<void>;
  /** An edge's site stands otherwise than before. */
  heed(siteId: string): void;
  open(): void;
  close(): Promise<void>;
}

/** Opens the background work; nothing is asked before `open`. */
export function openEdgeHealth(ports: HealthPorts): EdgeHealth {
  const { sites, rows, registries } = ports;
  const queue = new PQueue({ concurrency: atOnce });
  const looks = new Map<string, { now: Promise<void>; next?: Promise<void> }>();
  const ending = new AbortController();
  let timer: NodeJS.Timeout | undefined;

  function keep(siteId: string, health: HealthState, problem: Problem | undefined, more: Partial<EdgeRow>) {
    // It may have been removed while it was asked.
    if (!sites.standing(siteId)) return;
    const before = rows.get(siteId);
    const report: ProblemReport | null = problem?.report() ?? null;
    const since = before.health === health ? before.since : ports.now();
    rows.write(siteId, { health, problem: report, since, ...more });
    const seen = (row: Pick<EdgeRow, 'health' | 'problem' | 'capacity'>) =>
      JSON.stringify([row.health, row.problem, row.capacity && roughly(row.capacity)]);
    if (seen({ ...before, ...more, health, problem: report }) !== seen(before)) ports.changed(siteId);
  }

  async function lookNow(siteId: string): Promise<void> {
    if (ending.signal.aborted) return;
    const limit = ports.limitMs ?? limitMs;
    const timeout = AbortSignal.timeout(limit);
    const signal = AbortSignal.any([timeout, ending.signal]);
    try {
      const site = openSite(sites, siteId);
      const seen = await untilAborted(lookAtSite(site, signal), signal);
      const told = { capacity: seen.capacity, capacityAt: ports.now() };
      let { problem } = seen;
      try {
        await untilAborted(registries.look(rows.get(siteId), signal), signal);
      } catch (error) {
        problem ??= timeout.aborted ? tooSlow(limit) : asProblem(error);
      }
      if (ending.signal.aborted) return;
      const checkedAt = ports.now();
      keep(siteId, problem ? 'unwell' : 'well', problem, { ...told, checkedAt });
    } catch (error) {
      if (ending.signal.aborted) return;
      const state = sites.standing(siteId)?.state;
      if (state === undefined) return;
      const checkedAt = ports.now();
      if (state === 'disabled' || state === 'opening') keep(siteId, 'unknown', asProblem(error), {});
      else keep(siteId, 'unwell', timeout.aborted ? tooSlow(limit) : reasonOf(error), { checkedAt });
    }
  }

  function reasonOf(error: unknown): Problem {
    const problem = asProblem(error);
    if (problem.key === 'problems.unexpected')
      ports.log.warn({ err: error }, 'an edge could not be looked at');
    return problem;
  }

  function start(siteId: string): Promise<void> {
    const now = queue.add(() => lookNow(siteId)).finally(() => looks.delete(siteId));
    looks.set(siteId, { now });
    return now;
  }

  /** A look that begins after this: one that runs may have asked before whatever is to be seen. */
  function look(siteId: string): Promise<void> {
    const running = looks.get(siteId);
    if (!running) return start(siteId);
    running.next ??= running.now.then(() => looks.get(siteId)?.now ?? start(siteId));
    return running.next;
  }

  async function round(): Promise<void> {
    const due = ports.ids().filter((id) => !looks.has(id));
    await Promise.all(due.map(start));
    // When each was last looked at is seen by all pages at once: of every edge alone, most would be told nothing new.
    if (due.length > 0 && !ending.signal.aborted) ports.changed(allEdges);
  }

  return {
    look: (siteId, signal) => (signal ? untilAborted(look(siteId), signal) : look(siteId)),
    heed: (siteId) => void look(siteId),
    open() {
      void round();
      timer = setInterval(() => void round(), ports.everyMs ?? everyMs);
      timer.unref();
    },
    async close() {
      clearInterval(timer);
      ending.abort();
      await queue.onIdle();
    },
  };
}

/** @throws Problem with the reason why the site cannot be asked */
function openSite(sites: SiteRegistry, siteId: string): AnySite {
  const site = [...sites.stackHosts(), ...sites.workloadSites()].find(({ id }) => id === siteId);
  if (site) return site;
  // What kept it from being opened says more than that it is not open.
  const { state, problem } = sites.standing(siteId) ?? noSite(siteId);
  if (state === 'unavailable' && problem) throw problemFrom(problem);
  return sites.stackHost(siteId);
}

/** A capacity without what changes all the time, so that not every look is news: amounts in hundredths of the whole. */
function roughly({ cpus, memoryMiB, diskGiB, nodes }: Capacity): unknown {
  const share = (amount: Capacity['cpus'] | null) =>
    amount && [amount.total, amount.used && Math.round((amount.used * 100) / amount.total)];
  return [share(cpus), share(memoryMiB), share(diskGiB), nodes.map(({ name, ready }) => [name, ready])];
}

function tooSlow(limit: number): Problem {
  return new Problem('unavailable', 'edges.health.tooSlow', { seconds: Math.round(limit / 1000) });
}
