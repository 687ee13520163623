import { describe, expect, it } from 'vitest';
import { foldedDiff, linesOfDiff } from './text-diff-model';

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1}`);

describe('a diff', () => {
  it('tells lines that went, came and stayed, with their numbers', () => {
    expect(linesOfDiff('a\nb\nc\n', 'a\nB\nc')).toEqual([
      { kind: 'same', text: 'a', before: 1, after: 1 },
      { kind: 'removed', text: 'b', before: 2 },
      { kind: 'added', text: 'B', after: 2 },
      { kind: 'same', text: 'c', before: 3, after: 3 },
    ]);
  });

  it('has nothing to say of the same text', () => {
    expect(linesOfDiff('a\n', 'a').every(({ kind }) => kind === 'same')).toBe(true);
    expect(linesOfDiff('', '')).toEqual([]);
  });

  it('folds what is far from every change', () => {
    const before = numbered(30);
    const lines = linesOfDiff(before.join('\n'), before.with(14, 'other').join('\n'));
    const blocks = foldedDiff(lines);
    expect(blocks.map(({ folded, lines: { length } }) => [folded, length])).toEqual([
      [true, 11],
      [false, 8],
      [true, 12],
    ]);
  });

  it('does not fold a few lines', () => {
    const lines = linesOfDiff(numbered(5).join('\n'), numbered(5).with(0, 'x').join('\n'));
    expect(foldedDiff(lines).some(({ folded }) => folded)).toBe(false);
  });
});
