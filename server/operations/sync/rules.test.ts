import { describe, expect, it } from 'vitest';
import type { ReleaseRow } from './catalogue-rows';
import { wantedBy } from './rules';
import { syncRule } from './schemas';

const row = (name: string, version: string, publishedAt: number, more: Partial<ReleaseRow> = {}) =>
  ({
    id: `${name}-${version}`,
    name,
    version,
    publishedAt,
    provider: 'ACME',
    kind: 'container',
    state: 'notInSync',
    digest: 'sha256:a',
    heldDigest: null,
    withdrawnAt: null,
    ...more,
  }) as ReleaseRow;

const shelf = [
  row('web', '1', 1),
  row('web', '2', 2),
  row('camera', '1', 1, { kind: 'vm', provider: 'Other Ltd' }),
  row('gone', '1', 9, { withdrawnAt: 10 }),
];
const wanted = (rule: object, rows = shelf) => wantedBy([syncRule.parse(rule)], rows).map(({ id }) => id);

describe('a rule', () => {
  it.each([
    [{}, ['web-2', 'camera-1']],
    [{ newestOnly: false }, ['web-1', 'web-2', 'camera-1']],
    [{ kind: 'vm' }, ['camera-1']],
    [{ name: 'w*b' }, ['web-2']],
    [{ name: '*a*r*' }, ['camera-1']],
    [{ name: 'we' }, []],
    [{ name: 'we*eb' }, []],
    [{ provider: 'OTHER*' }, ['camera-1']],
    [{ provider: '*', name: '' }, ['web-2', 'camera-1']],
  ])('%j asks for %j', (rule, ids) => {
    expect(wanted(rule)).toEqual(ids);
  });

  it('asks for what changed at the store, not for what is in sync', () => {
    const held = { state: 'inSync' as const, heldDigest: 'sha256:a' };
    expect(wanted({}, [row('web', '2', 2, held)])).toEqual([]);
    expect(wanted({}, [row('web', '2', 2, { ...held, digest: 'sha256:b' })])).toEqual(['web-2']);
  });
});
