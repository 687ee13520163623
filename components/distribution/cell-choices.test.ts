import { expect, it } from 'vitest';
import { choicesOf } from './cell-choices';

const cell = (edgeId: string, releaseId: string) => ({ edgeId, releaseId });

it('names no cell that was not asked for', () => {
  expect(choicesOf([cell('b', '1'), cell('a', '1'), cell('a', '2'), cell('b', '2'), cell('a', '3')])).toEqual(
    [
      { edgeIds: ['a', 'b'], releaseIds: ['1', '2'] },
      { edgeIds: ['a'], releaseIds: ['3'] },
    ],
  );
});
