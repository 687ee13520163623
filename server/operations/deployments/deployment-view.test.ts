import { expect, it } from 'vitest';
import { countValues } from './deployment-view';

it.each([
  ['', 0],
  ['  \n', 0],
  ['{}', 0],
  ['a: 1', 1],
  ['a: {b: x, c: [1, 2]}\nd:', 4],
  ['a: {}', 1],
  ['not: [a mapping', 1],
])('counts the settings of %j', (yaml, count) => {
  expect(countValues(yaml)).toBe(count);
});
