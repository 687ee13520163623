import { describe, expect, it } from 'vitest';
import { splitBytes, splitDuration } from './units';

describe('splitBytes', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.00 KiB'],
    [1536, '1.50 KiB'],
    [10 * 1024, '10.0 KiB'],
    [1023.4 * 1024, '1023 KiB'],
    [1023.6 * 1024, '1.00 MiB'],
    [5 * 1024 ** 3, '5.00 GiB'],
    [3 * 1024 ** 6, '3072 PiB'],
  ])('%d bytes: %s', (bytes, words) => {
    const { value, unit, digits } = splitBytes(bytes);
    expect(`${value.toFixed(digits)} ${unit}`).toBe(words);
  });
});

describe('splitDuration', () => {
  it.each([
    [-5, { key: 'ms', values: { value: 0 } }],
    [999, { key: 'ms', values: { value: 999 } }],
    [999.6, { key: 's', values: { value: 1 } }],
    [1550, { key: 's', values: { value: 1.6 } }],
    [9949, { key: 's', values: { value: 9.9 } }],
    [9950, { key: 's', values: { value: 10 } }],
    [59_499, { key: 's', values: { value: 59 } }],
    [59_500, { key: 'min', values: { minutes: 1 } }],
    [125_000, { key: 'min_s', values: { minutes: 2, seconds: 5 } }],
    [3_600_000, { key: 'h_min', values: { hours: 1, minutes: 0 } }],
    [90_000_000, { key: 'd_h', values: { days: 1, hours: 1 } }],
  ])('%d ms', (ms, words) => {
    expect(splitDuration(ms)).toEqual(words);
  });
});
