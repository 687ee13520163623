import { describe, expect, it } from 'vitest';
import type { House } from '../house';
import { Problem } from '../problem';
import { pageStatus } from './page-status';
import { houseWith } from './testing';

/** A house whose store knows one app on the shelf and one that was taken down. */
const house = houseWith({
  store: {
    app: (_actor, appId) => {
      if (appId === 'shown') return {} as ReturnType<House['store']['app']>;
      throw appId === 'taken down'
        ? new Problem('gone', 'store.errors.appUnpublished', { name: 'App' })
        : new Problem('not_found', 'store.errors.noApp');
    },
  } as House['store'],
});

describe('the status of a page', () => {
  it('is 410 for an app that was taken down', () => {
    expect(pageStatus(house, '/store/apps/taken%20down')).toBe(410);
  });

  it.each(['/store/apps/shown', '/store/apps/never', '/store/apps/%E0%A4', '/store', '/store/apps/a/b'])(
    'is left to Next for %s',
    (path) => {
      expect(pageStatus(house, path)).toBeUndefined();
    },
  );
});
