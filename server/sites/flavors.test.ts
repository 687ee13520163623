import { describe, expect, it } from 'vitest';
import { freeOf, requireFit } from './flavors';

describe('what is free', () => {
  it('is whole units, never less than none', () => {
    expect(freeOf({ total: 10.5, used: 3 })).toBe(7);
    expect(freeOf({ total: 4, used: 9 })).toBe(0);
  });

  it('has no end where there is no limit', () => {
    expect(freeOf({ total: -1, used: 500 })).toBe(Number.POSITIVE_INFINITY);
    const capacity = {
      vcpus: { total: 2, used: 0 },
      memoryMiB: { total: -1, used: 0 },
      diskGiB: { total: -1, used: 0 },
    };
    requireFit({ vcpus: 2, memoryMiB: 900_000, diskGiB: 5000 }, capacity);
    expect(() => requireFit({ vcpus: 3, memoryMiB: 1, diskGiB: 1 }, capacity)).toThrow('vcpusDoNotFit');
  });
});
