import { describe, expect, it } from 'vitest';
import { fittingZoom, placeAfter, sizesAt, windowOf } from './matrix-model';

const counts = { rows: 200, columns: 100 };

describe('the window of a matrix', () => {
  it('holds what can be seen and little more', () => {
    const size = sizesAt('small', 1000, 100);
    const { rows, columns } = windowOf({ left: 0, top: 800, width: 1000, height: 600 }, size, counts);
    // 800 px down are 50 rows of 16 px; (600 - 124) px show 30 more.
    expect(rows[0]).toBeLessThanOrEqual(50);
    expect(rows[1]).toBeGreaterThanOrEqual(80);
    expect(rows[1] - rows[0]).toBeLessThan(64);
    expect(columns).toEqual([0, 64]);
  });

  it('ends with the matrix', () => {
    const size = sizesAt('large', 1000, 100);
    const view = { left: 1e6, top: 1e6, width: 1000, height: 600 };
    expect(windowOf(view, size, counts)).toEqual({ rows: [200, 200], columns: [100, 100] });
    expect(windowOf({ ...view, left: 0, top: 0 }, size, { rows: 2, columns: 1 })).toEqual({
      rows: [0, 2],
      columns: [0, 1],
    });
  });
});

describe('keys', () => {
  it('move within the matrix and into its heads', () => {
    expect(placeAfter('ArrowLeft', false, { row: 3, column: 0 }, counts)).toEqual({ row: 3, column: -1 });
    expect(placeAfter('ArrowUp', false, { row: 0, column: 4 }, counts)).toEqual({ row: -1, column: 4 });
    expect(placeAfter('PageDown', false, { row: 195, column: 4 }, counts)).toEqual({ row: 199, column: 4 });
    expect(placeAfter('End', true, { row: 1, column: 1 }, counts)).toEqual({ row: 199, column: 99 });
  });

  it('never reach the corner, and leave others alone', () => {
    expect(placeAfter('ArrowUp', false, { row: 0, column: -1 }, counts)).toEqual({ row: 0, column: -1 });
    expect(placeAfter('x', false, { row: 0, column: 0 }, counts)).toBeUndefined();
  });
});

it('few columns share the width', () => {
  expect([2, 5, 8].map((columns) => sizesAt('large', 1000, columns).width)).toEqual([184, 154, 112]);
});

it('few columns are shown large, many small', () => {
  expect([1, 8, 20, 100].map(fittingZoom)).toEqual(['large', 'large', 'medium', 'small']);
});
