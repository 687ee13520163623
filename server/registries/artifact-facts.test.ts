import { expect, it } from 'vitest';
import { createdAt } from './artifact-facts';

it('takes the times of reproducible builds for none', () => {
  for (const none of [
    undefined,
    '',
    'soon',
    '1970-01-01T00:00:00Z',
    '1970-01-01T00:00:01Z',
    '0001-01-01T00:00:00Z',
  ])
    expect(createdAt(none)).toEqual({});
  expect(createdAt('2026-01-02T03:04:05Z')).toEqual({ created: Date.UTC(2026, 0, 2, 3, 4, 5) });
});
