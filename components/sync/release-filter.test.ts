import { describe, expect, it } from 'vitest';
import { readReleaseAddress, releaseFilterOf, writeReleaseAddress } from './release-filter';

describe('the address of the releases', () => {
  it('comes back as it was written', () => {
    const address = {
      tab: 'changed',
      q: 'cam',
      store: 'own',
      kind: 'vm',
      state: 'failed',
      release: 'r1',
    } as const;
    expect(readReleaseAddress(new URLSearchParams(writeReleaseAddress(address)))).toEqual(address);
    expect(releaseFilterOf(address)).toEqual({
      change: 'changed',
      q: 'cam',
      storeId: 'own',
      kind: 'vm',
      state: 'failed',
    });
  });

  it('begins with what is new, and with all of them where one is asked for', () => {
    expect(readReleaseAddress(new URLSearchParams('')).tab).toBe('new');
    expect(readReleaseAddress(new URLSearchParams('release=r1')).tab).toBe('all');
    expect(releaseFilterOf(readReleaseAddress(new URLSearchParams('release=r1&q=%20')))).toEqual({});
  });
});
