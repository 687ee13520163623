import { describe, expect, it } from 'vitest';
import type { DistributionCell } from '@/server/operations/distribution/schemas';
import { causesOf, choicesOf } from './causes';

function cell(edgeId: string, releaseId: string, key?: string): DistributionCell {
  return {
    edgeId,
    releaseId,
    state: key === undefined ? 'done' : 'failed',
    jobId: null,
    done: 0,
    total: 0,
    bytesMoved: 0,
    bytesKept: 0,
    ms: null,
    problem: key === undefined ? null : { code: 'failed', key, params: { edge: edgeId } },
  };
}

describe('causes', () => {
  it('gather failures that say the same, the most frequent first', () => {
    const causes = causesOf([
      cell('a', '1', 'full'),
      cell('b', '1', 'expired'),
      cell('c', '1'),
      cell('d', '2', 'expired'),
    ]);
    expect(causes.map(({ problem, cells }) => [problem.key, cells.map(({ edgeId }) => edgeId)])).toEqual([
      ['expired', ['b', 'd']],
      ['full', ['a']],
    ]);
  });

  it('are known even where nothing was said', () => {
    const [cause] = causesOf([{ ...cell('a', '1', 'x'), problem: null }]);
    expect(cause?.problem.key).toBe('problems.unexpected');
  });
});

describe('choices', () => {
  it('name no cell that was not asked for', () => {
    expect(
      choicesOf([cell('b', '1'), cell('a', '1'), cell('a', '2'), cell('b', '2'), cell('a', '3')]),
    ).toEqual([
      { edgeIds: ['a', 'b'], releaseIds: ['1', '2'] },
      { edgeIds: ['a'], releaseIds: ['3'] },
    ]);
  });
});
