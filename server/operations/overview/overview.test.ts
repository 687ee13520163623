import pino from 'pino';
import { describe, expect, it, vi } from 'vitest';
import type { ProblemReport } from '../../problem';
import { ada } from '../../workbench/testing';
import type { Spread } from '../distribution/distribution';
import type { EdgeView } from '../edges/schemas';
import type { SyncedRelease } from '../sync/schemas';
import { openOverview, type OverviewPorts } from './overview';

const report = (key: string, params = {}): ProblemReport => ({ code: 'unavailable', key, params });

const edge = (id: string, change: Partial<EdgeView> = {}): EdgeView => ({
  id,
  name: `Edge ${id}`,
  kind: 'kubernetes',
  runs: 'containers',
  enabled: true,
  labels: {},
  place: null,
  registry: null,
  health: { state: 'well', problem: null, since: 1, checkedAt: 2 },
  capacity: null,
  capacityAt: null,
  speed: null,
  ...change,
});

const unwell = (id: string, params: Record<string, string>) =>
  edge(id, {
    health: {
      state: 'unwell',
      problem: report('distribution.reasons.noAnswer', params),
      since: 1,
      checkedAt: 2,
    },
  });

const release = (id: string, change: Partial<SyncedRelease> = {}) =>
  ({
    id,
    name: `App ${id}`,
    provider: 'Acme',
    version: '1.0',
    kind: 'container',
    state: 'inSync',
    problem: null,
    withdrawnAt: null,
    ...change,
  }) as SyncedRelease;

const placement = (releaseId: string, edgeId: string, behind = false): Spread => ({
  releaseId,
  edgeId,
  behind,
});

function bench(rows: {
  edges?: EdgeView[];
  releases?: SyncedRelease[];
  placements?: Spread[];
  failures?: ReturnType<OverviewPorts['distributions']['failures']>;
  deployments?: ReturnType<OverviewPorts['deployments']['counts']>;
}) {
  const start = vi.fn<OverviewPorts['distributions']['retry']>(() => []);
  const syncs = vi.fn<ReturnType<OverviewPorts['sync']>['start']>(() => []);
  const dismiss = vi.fn<OverviewPorts['distributions']['dismiss']>(() => 1);
  const check = vi.fn<OverviewPorts['edges']['check']>(async (id) => edge(id));
  const overview = openOverview({
    log: pino({ level: 'silent' }),
    edges: { list: () => rows.edges ?? [], check },
    sync: () => ({ releases: () => rows.releases ?? [], start: syncs }),
    distributions: {
      spread: () => rows.placements ?? [],
      failures: () => rows.failures ?? [],
      retry: start,
      dismiss,
    },
    deployments: { counts: () => rows.deployments ?? [] },
  });
  return { overview, start, dismiss, syncs, check };
}

const failure = (releaseId: string, edgeId: string, problem = report('distribution.errors.notThere')) => ({
  distributionId: 'd1',
  releaseId,
  edgeId,
  problem,
});

describe('the overview', () => {
  it('counts what is where, what is behind and what runs, by edge and by release', () => {
    const { overview } = bench({
      edges: [edge('a'), edge('b', { enabled: false })],
      releases: [release('r1'), release('r2', { state: 'notInSync' }), release('r3', { state: 'notInSync' })],
      placements: [placement('r1', 'a'), placement('r2', 'a', true), placement('r1', 'b')],
      deployments: [
        { releaseId: 'r1', siteId: 'a', state: 'ready', count: 2 },
        { releaseId: null, siteId: 'a', state: 'failed', count: 1 },
        { releaseId: 'r1', siteId: 'b', state: 'creating', count: 1 },
        { releaseId: 'r1', siteId: 'b', state: 'notReady', count: 1 },
      ],
    });
    const seen = overview.get(ada);
    expect(seen.totals).toEqual({
      edges: { well: 1, unwell: 0, unknown: 0, off: 1 },
      releases: { inSync: 1, waiting: 2, syncing: 0, failed: 0 },
      placed: 3,
      behind: 1,
      deployments: { running: 2, broken: 2, changing: 1 },
    });
    expect(seen.edges[0]).toMatchObject({ id: 'a', placed: 2, behind: 1, failed: 0, running: 2, broken: 1 });
    // What is neither here nor anywhere is the catalogue's matter.
    expect(seen.releases.map(({ id, edges, running }) => [id, edges, running])).toEqual([
      ['r1', 2, 2],
      ['r2', 1, 0],
    ]);
  });

  it('puts failures of one cause together, although each names its own edge', () => {
    const { overview } = bench({
      edges: [
        unwell('a', { site: 'Edge a' }),
        unwell('b', { site: 'Edge b' }),
        unwell('c', { site: 'Edge c', proxy: 'gate' }),
      ],
      releases: [release('r1')],
      failures: [failure('r1', 'a'), failure('r1', 'b')],
    });
    expect(
      overview.get(ada).failures.map(({ kind, count, edges, same }) => [kind, count, edges, same]),
    ).toEqual([
      ['edge', 2, 2, false],
      ['distribution', 2, 2, true],
      ['edge', 1, 1, true],
    ]);
  });

  it('tries again what failed for a cause, and nothing else', () => {
    const { overview, start, syncs, check } = bench({
      edges: [unwell('a', {})],
      releases: [release('r1'), release('r2', { state: 'failed', problem: report('sync.errors.gone') })],
      failures: [
        failure('r1', 'a'),
        failure('r1', 'b'),
        failure('r1', 'c', report('distribution.reasons.noDisks')),
      ],
    });
    const causes = overview.get(ada).failures;
    const retry = (kind: string) =>
      overview.retry(ada, causes.find((cause) => cause.kind === kind)?.id ?? '');
    expect(retry('distribution')).toEqual({ count: 2 });
    expect(start.mock.calls).toEqual([[ada, 'd1', { releaseIds: ['r1'], edgeIds: ['a', 'b'] }]]);
    expect(retry('sync')).toEqual({ count: 1 });
    expect(syncs.mock.calls).toEqual([[ada, { releaseIds: ['r2'] }]]);
    expect(retry('edge')).toEqual({ count: 1 });
    expect(check).toHaveBeenCalledWith('a');
    expect(() => overview.retry(ada, 'edge|nothing')).toThrow('edgePages.errors.noSuchCause');
  });

  it('sets aside what could not be brought for a cause, and nothing that lasts', () => {
    const full = (at: string, free: number) => report('distribution.errors.noSpace', { edge: at, free });
    const { overview, dismiss } = bench({
      edges: [unwell('a', {}), edge('b')],
      releases: [release('r1')],
      failures: [failure('r1', 'a', full('Edge a', 10)), failure('r1', 'b', full('Edge b', 20))],
    });
    const causes = overview.get(ada).failures;
    const set = (kind: string) =>
      overview.dismiss(ada, causes.find((cause) => cause.kind === kind)?.id ?? '');
    // What each edge lacks is no cause of its own.
    expect(set('distribution')).toEqual({ count: 2 });
    expect(dismiss.mock.calls).toEqual([[ada, 'd1', { releaseIds: ['r1'], edgeIds: ['a', 'b'] }]]);
    expect(() => set('edge')).toThrow('edgePages.errors.lasts');
    expect(() => overview.dismiss(ada, 'edge|nothing')).toThrow('edgePages.errors.noSuchCause');
  });

  it('is one quick pass over 200 edges with 100 releases each', () => {
    const ids = (count: number, prefix: string) => Array.from({ length: count }, (_, at) => `${prefix}${at}`);
    const [edges, releases] = [ids(200, 'e'), ids(100, 'r')];
    const { overview } = bench({
      edges: edges.map((id) => edge(id)),
      releases: releases.map((id) => release(id)),
      placements: edges.flatMap((edgeId) => releases.map((releaseId) => placement(releaseId, edgeId))),
      failures: edges.flatMap((edgeId) =>
        releases.slice(0, 10).map((releaseId) => failure(releaseId, edgeId)),
      ),
    });
    const began = performance.now();
    const seen = overview.get(ada);
    expect(performance.now() - began).toBeLessThan(500);
    expect(seen.totals.placed).toBe(20_000);
    expect(seen.failures).toMatchObject([{ count: 2000, edges: 200 }]);
    expect(JSON.stringify(seen).length).toBeLessThan(150_000);
  });
});
