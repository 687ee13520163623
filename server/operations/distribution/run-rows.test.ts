import { afterEach, expect, it, vi } from 'vitest';
import { testDatabase } from '../../db/testing';
import { keepFor } from '../../jobs/job';
import { Problem } from '../../problem';
import type { FakeWorkloadSite } from '../../sites/fake/fake-workloads';
import { cellStates, type DistributionRun } from './schemas';
import { memoryRegistry, operator, testDistributions, testEdge, testRelease } from './testing';

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});

/** Two releases at three edges, of which the first fails to fetch the first release. */
function bench(now?: () => number, db = testDatabase()) {
  const home = memoryRegistry();
  const edges = ['e1', 'e2', 'e3'].map((id) => testEdge({ id }));
  const releases = ['r1', 'r2'].map((id) => testRelease({ id, name: id }, [home.add(id, { [id]: 1000 })]));
  const built = testDistributions({ db, edges, releases, home, ports: { now } });
  endings.push(() => built.jobs.stop());
  const over = (id: string) => vi.waitFor(() => expect(built.room.get(id).state).not.toBe('running'), 5000);
  const cannot = () =>
    (built.sites[0] as FakeWorkloadSite).controls.failNext(
      'pull',
      new Problem('failed', 'workloads.errors.imagePull', { image: 'r1' }),
    );
  const wish = { releaseIds: ['r1', 'r2'], edgeIds: ['e1', 'e2', 'e3'] };
  return { ...built, over, cannot, wish };
}

const told = ({ cells }: DistributionRun) =>
  cells.toSorted(([a], [b]) => a - b).map(([place, state, amount]) => [place, cellStates[state], amount]);

it('tells all cells in few words, and then only what changed', async () => {
  const { room, jobs, over, cannot, wish } = bench();
  cannot();
  const { id } = await room.start(operator, wish);
  const first = room.run(id, 0);
  expect(told(first)).toEqual([0, 1, 2, 3, 4, 5].map((place) => [place, 'waiting', 0]));
  expect(first.axes?.edges.map((edge) => edge.id)).toEqual(['e1', 'e2', 'e3']);
  expect(room.run(id, first.version)).toMatchObject({ version: first.version, axes: null, cells: [] });
  jobs.run();
  await over(id);
  const last = room.run(id, first.version);
  expect(last).toMatchObject({
    state: 'failed',
    axes: null,
    bytesMoved: 5000,
    counts: { done: 5, failed: 1 },
  });
  expect(told(last)).toEqual([[0, 'failed', 0], ...[1, 2, 3, 4, 5].map((place) => [place, 'done', 1000])]);
  expect(room.causes(id)).toMatchObject([{ problem: { key: 'workloads.errors.imagePull' }, places: [0] }]);
  room.retry(operator, id, {});
  await over(id);
  const change = room.run(id, last.version);
  expect(told(change)).toEqual([[0, 'done', 1000]]);
  expect(room.causes(id)).toEqual([]);
});

it('says of a cause whether all that it hit say the same, but for the names of their edges', async () => {
  const { room, jobs, over, sites, wish } = bench();
  const fail = (...bytes: number[]) =>
    bytes.forEach((free, at) =>
      (sites[at] as FakeWorkloadSite).controls.failNext(
        'pull',
        new Problem('no_space', 'distribution.errors.noSpace', { edge: `e${at + 1}`, free }),
      ),
    );
  jobs.run();
  fail(5, 5);
  const { id } = await room.start(operator, { ...wish, releaseIds: ['r1'] });
  await over(id);
  expect(room.causes(id)).toMatchObject([{ same: true, places: [0, 1] }]);
  fail(5, 6);
  room.retry(operator, id, {});
  await over(id);
  expect(room.causes(id)).toMatchObject([{ same: false, places: [0, 1] }]);
});

it('tells cells page by page, and those that fit', async () => {
  const { room, wish } = bench();
  const { id } = await room.start(operator, wish);
  const page = room.get(id, { limit: 2, offset: 3 });
  expect(page).toMatchObject({ total: 6, counts: { waiting: 6 } });
  expect(page.cells.map(({ releaseId, edgeId }) => `${releaseId} ${edgeId}`)).toEqual(['r2 e1', 'r2 e2']);
  expect(room.get(id, { edgeId: 'e2' })).toMatchObject({ total: 2 });
  expect(room.get(id, { state: 'failed' })).toMatchObject({ total: 0, cells: [] });
});

it('sets failures aside until they fail again', async () => {
  const { room, jobs, over, cannot, wish } = bench();
  cannot();
  jobs.run();
  const { id } = await room.start(operator, wish);
  await over(id);
  expect(room.failures()).toHaveLength(1);
  expect(room.dismiss(operator, id, {})).toBe(1);
  expect(room.failures()).toEqual([]);
  expect(() => room.dismiss(operator, id, {})).toThrow('distribution.errors.nothingFailed');
  cannot();
  room.retry(operator, id, {});
  await over(id);
  expect(room.failures()).toHaveLength(1);
});

it('forgets distributions that were over long ago, and not what they brought', async () => {
  let time = 1_000_000;
  const { room, jobs, over, wish } = bench(() => time);
  jobs.run();
  const { id } = await room.start(operator, wish);
  await over(id);
  time += keepFor;
  room.open();
  expect(room.list().map((each) => each.id)).toEqual([id]);
  room.close();
  const open = await room.start(operator, wish);
  await over(open.id);
  time += 1;
  room.open();
  room.close();
  expect(room.list().map((each) => each.id)).toEqual([open.id]);
  expect(() => room.get(id)).toThrow('distribution.errors.noDistribution');
  time += keepFor;
  room.open();
  room.close();
  expect(room.list()).toEqual([]);
  expect(room.placements({})).toHaveLength(6);
  expect(room.standings('r1')).toMatchObject([
    { edgeId: 'e1', state: 'there', distributionId: null },
    { edgeId: 'e2', state: 'there' },
    { edgeId: 'e3', state: 'there' },
  ]);
});
