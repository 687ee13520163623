import { afterEach, expect, it, vi } from 'vitest';
import type { FakeWorkloadSite } from '../../sites/fake/fake-workloads';
import type { EdgeView } from '../edges/schemas';
import { memoryRegistry, operator, testDistributions, testEdge, testRelease } from './testing';

const gibibyte = 2 ** 30;
const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});

/** Edges of which `full` tells how much is free, and what a look at it finds. */
function tightBench(sizes: Record<string, number>) {
  const home = memoryRegistry();
  const releases = Object.entries(sizes).map(([name, size]) =>
    testRelease({ id: name, name }, [home.add(name, { [name]: size * gibibyte })]),
  );
  const capacity = { nodes: [{ name: 'n1', freeDiskGiB: 1 }] } as unknown as NonNullable<
    EdgeView['capacity']
  >;
  const told = { capacity, capacityAt: Date.now() - 60_000 };
  const edges = [testEdge({ id: 'full', ...told }), testEdge({ id: 'e2' })];
  const look = vi.fn<(edge: EdgeView) => void>();
  const built = testDistributions({ edges, releases, home, look });
  const { room, jobs, sites } = built;
  endings.push(() => jobs.stop());
  jobs.run();
  const states = (id: string) =>
    Object.fromEntries(room.get(id).cells.map((cell) => [`${cell.releaseId} ${cell.edgeId}`, cell.state]));
  const over = (id: string) => vi.waitFor(() => expect(room.get(id).state).not.toBe('running'), 5000);
  const pulls = () => (sites[0] as FakeWorkloadSite).controls.calls.filter((call) => call.startsWith('pull'));
  const wish = { releaseIds: Object.keys(sizes), edgeIds: ['full', 'e2'] };
  /** What is free at the edge from its next look on. */
  const frees = (freeDiskGiB: number) =>
    look.mockImplementation((edge) => {
      const nodes = capacity.nodes.map((node) => ({ ...node, freeDiskGiB }));
      Object.assign(edge, { capacity: { ...capacity, nodes }, capacityAt: Date.now() });
    });
  return { room, states, over, pulls, look, wish, frees };
}

it('fails what an edge has not the space for before anything is sent, unless told to send it anyway', async () => {
  const { room, over, states, pulls, wish, frees, look } = tightBench({
    big: 2,
    half: 0.6,
    'other-half': 0.6,
  });
  frees(0.5);
  const { id } = await room.start(operator, wish);
  await over(id);
  expect(states(id)).toEqual({
    'big full': 'failed',
    'half full': 'failed',
    'other-half full': 'failed',
    'big e2': 'done',
    'half e2': 'done',
    'other-half e2': 'done',
  });
  expect(pulls()).toHaveLength(0);
  expect(look).toHaveBeenCalledTimes(3);
  expect(room.get(id, { releaseId: 'big', edgeId: 'full' }).cells[0]?.problem).toMatchObject({
    code: 'no_space',
    key: 'distribution.errors.noSpace',
    params: { needed: 2 * gibibyte, free: gibibyte / 2, edge: 'full', name: 'big' },
  });
  room.retry(operator, id, { releaseIds: ['big'], anyway: true });
  await over(id);
  expect(states(id)).toMatchObject({ 'big full': 'done', 'other-half full': 'failed' });
  const again = await room.start(operator, { ...wish, releaseIds: ['other-half'], anyway: true });
  await over(again.id);
  expect(states(again.id)['other-half full']).toBe('done');
});

it('counts what came since an edge told what is free, and looks at it anew before it refuses', async () => {
  const { room, over, states, wish, frees, look } = tightBench({ half: 0.6, 'other-half': 0.6, third: 0.6 });
  // Somebody made room there meanwhile.
  frees(0.7);
  const { id } = await room.start(operator, { ...wish, releaseIds: ['half', 'other-half'] });
  await over(id);
  expect(states(id)).toMatchObject({ 'half full': 'done', 'other-half full': 'done' });
  expect(look).toHaveBeenCalledTimes(1);
  frees(0.1);
  const next = await room.start(operator, { ...wish, releaseIds: ['third'] });
  await over(next.id);
  expect(states(next.id)).toMatchObject({ 'third full': 'failed' });
});

it('refuses nothing by what an edge told before it stopped telling', async () => {
  const { room, over, states, wish, look } = tightBench({ big: 2 });
  look.mockImplementation((edge) => {
    Object.assign(edge.health, { state: 'unwell', checkedAt: Date.now() });
  });
  const { id } = await room.start(operator, wish);
  await over(id);
  expect(states(id)).toMatchObject({ 'big full': 'done' });
  expect(look).toHaveBeenCalledTimes(1);
});
