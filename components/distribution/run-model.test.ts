import { expect, it } from 'vitest';
import {
  cellStates,
  type CellState,
  type DistributionRun,
  type RunCell,
} from '@/server/operations/distribution/schemas';
import { countsAt, idsAt, merged, openEdges, placeFinder } from './run-model';

const axes = {
  edges: ['e1', 'e2'].map((id) => ({ id, name: id, kind: 'kubernetes' })),
  releases: ['r1', 'r2', 'r3'].map((id) => ({ id, name: id, version: '1', kind: 'container' as const })),
};

function answer(version: number, cells: [number, CellState, number][], whole: boolean): DistributionRun {
  return {
    id: 'd',
    state: 'running',
    createdAt: 0,
    createdBy: 'op',
    endedAt: null,
    counts: { waiting: 0, running: 0, done: 0, skipped: 0, failed: 0, cancelled: 0 },
    bytesMoved: version,
    bytesKept: 0,
    version,
    axes: whole ? axes : null,
    cells: cells.map(([place, state, amount]): RunCell => [place, cellStates.indexOf(state), amount]),
  };
}

const first = merged(
  undefined,
  answer(
    1,
    [
      [0, 'waiting', 0],
      [1, 'done', 7],
      [4, 'waiting', 0],
    ],
    true,
  ),
);

it('puts cells at their places, and changes over them', () => {
  expect(first.states).toEqual(['waiting', 'done', undefined, undefined, 'waiting', undefined]);
  const next = merged(first, answer(2, [[4, 'running', 40]], false));
  expect(next.states).toEqual(['waiting', 'done', undefined, undefined, 'running', undefined]);
  expect(next.amounts[4]).toBe(40);
  expect(next).toMatchObject({ version: 2, bytesMoved: 2, edges: axes.edges });
  // What was drawn before stays as it was.
  expect(first.states[4]).toBe('waiting');
});

it('forgets what it knew where everything is told anew', () => {
  expect(merged(first, answer(3, [[0, 'done', 1]], true)).states.filter(Boolean)).toEqual(['done']);
});

it('finds places and counts them', () => {
  const find = placeFinder(first);
  expect([find('e2', 'r2'), find('e1', 'r3'), find('e1', 'gone')]).toEqual([4, 2, -1]);
  expect(idsAt(first, [4])).toEqual([{ edgeId: 'e2', releaseId: 'r2' }]);
  expect(countsAt(first, { edgeId: 'e1' })).toMatchObject({ waiting: 1, done: 1 });
  expect(countsAt(first, { releaseId: 'r2' })).toMatchObject({ waiting: 1, done: 1 });
  expect([...openEdges(first)]).toEqual(['e1', 'e2']);
  expect([...openEdges(merged(first, answer(2, [[4, 'skipped', 0]], false)))]).toEqual(['e1']);
});
